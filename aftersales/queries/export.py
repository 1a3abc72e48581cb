"""What an export of returns holds: the request, its money and its goods."""

from aftersales.queries.filters import ReturnFilterSet, order_of_list
from orders.queries.exporting import READING, SHOP, FilteredList, choice, make_exporter, moment, text

FIELDS = (
    "external_id", "kind", "raw_kind", "status", "raw_status", "money_state", "custody", "order_external_id",
    "currency", "refund_amount", "tracking_number", "carrier_name", "reason_text", "respond_by_at",
    "source_created_at", "source_updated_at", "is_valid", "synced_at", "shop__name", "shop__marketplace",
)  # fmt: skip
EXPORTER = make_exporter(
    FilteredList(ReturnFilterSet, FIELDS, make_order=order_of_list),
    "Returns",
    {
        "number": text("Return number", "external_id"),
        "order": text("Order number", "order_external_id"),
        "kind": choice("Kind", "kind"),
        "request": choice("Status", "status"),
        "raw_kind": text("Marketplace's kind", "raw_kind"),
        "raw_status": text("Marketplace's status", "raw_status"),
        "money": choice("Money", "money_state"),
        "goods": choice("Goods", "custody"),
        "refund": text("Refund", "refund_amount"),
        "currency": text("Currency", "currency"),
        "respond_by": moment("Answer by", "respond_by_at"),
        "tracking_number": text("Tracking number", "tracking_number"),
        "carrier_name": text("Carrier", "carrier_name"),
        "reason_text": text("Reason", "reason_text"),
        **SHOP,
        "source_created_at": moment("Requested at", "source_created_at"),
        "changed": moment("Changed at the marketplace", "source_updated_at"),
        **READING,
    },
)
