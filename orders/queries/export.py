"""What an export of orders holds: everything about the order and how it is handled, and nothing about who bought it."""

from collections.abc import Callable
from typing import Any

from backoffice.common.lists.exporters import Column
from orders.models import Order
from orders.queries.exporting import READING, SHOP, FilteredList, choice, make_exporter, moment, text
from orders.queries.filters import OrderFilterSet, order_of_list

# Nobody needs a buyer's name or address in a file that lies about; none is read from the database either.
FIELDS = (
    "external_id", "status", "raw_status", "total_amount", "currency", "subtotal_amount", "shipping_amount",
    "seller_discount_amount", "platform_discount_amount", "tax_amount", "is_cod", "payment_method", "carrier_name",
    "tracking_number", "source_created_at", "source_updated_at", "paid_at", "ship_by_at", "shipped_at", "delivered_at",
    "cancelled_at", "cancel_reason", "is_valid", "synced_at", "shop__name", "shop__marketplace",
    "handling__note", "handling__tags", "handling__assignee__username",
)  # fmt: skip


def _handled(name: str) -> Callable[[Order], Any]:
    def read(order: Order) -> Any:
        handling = getattr(order, "handling", None)
        return getattr(handling, name) if handling else None

    return read


def _assignee(order: Order) -> str | None:
    handling = getattr(order, "handling", None)
    return handling.assignee.get_username() if handling and handling.assignee else None


COLUMNS = {
    "external_id": text("Order number", "external_id"),
    **SHOP,
    "status": choice("Status", "status"),
    "raw_status": text("Marketplace's status", "raw_status"),
    "total": text("Total", "total_amount"),
    "currency": text("Currency", "currency"),
    "subtotal_amount": text("Products", "subtotal_amount"),
    "shipping_amount": text("Shipping", "shipping_amount"),
    "seller_discount_amount": text("Seller's discount", "seller_discount_amount"),
    "platform_discount_amount": text("Marketplace's discount", "platform_discount_amount"),
    "tax_amount": text("Tax", "tax_amount"),
    "payment_method": text("Payment", "payment_method"),
    "is_cod": text("Cash on delivery", "is_cod"),
    "source_created_at": moment("Ordered at", "source_created_at"),
    "source_updated_at": moment("Changed at the marketplace", "source_updated_at"),
    "paid_at": moment("Paid at", "paid_at"),
    "ship_by": moment("Ship by", "ship_by_at"),
    "shipped_at": moment("Shipped at", "shipped_at"),
    "delivered_at": moment("Delivered at", "delivered_at"),
    "cancelled_at": moment("Cancelled at", "cancelled_at"),
    "cancel_reason": text("Why cancelled", "cancel_reason"),
    "tracking_number": text("Tracking number", "tracking_number"),
    "carrier_name": text("Carrier", "carrier_name"),
    "note": Column("Note", _handled("note")),
    "tags": Column("Tags", lambda order: ", ".join(_handled("tags")(order) or ())),
    "assignee": Column("Assignee", _assignee),
    **READING,
}

ORDERS = FilteredList(OrderFilterSet, FIELDS, ("shop", "handling__assignee"), order_of_list)
EXPORTER = make_exporter(ORDERS, "Orders", COLUMNS)
