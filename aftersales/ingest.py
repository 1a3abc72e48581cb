"""Return records into rows, and what is done about them: the cases that follow their returns."""

from collections.abc import Iterable

from aftersales.models import ReturnPayload, SyncedReturn, SyncedReturnLine
from aftersales.services.following import follow_returns
from backoffice.common.ingest import Ingested, Origin, ingest, make_plain_children, make_plain_shape
from shops.marketplaces.records import ReturnRecord

RETURN_SHAPE = make_plain_shape(
    SyncedReturn,
    ReturnPayload,
    "synced_return_id",
    words=("kind", "status", "money_state", "custody"),
    plain=(
        "raw_kind", "raw_status", "raw_logistics_status", "order_external_id", "currency", "refund_amount",
        "tracking_number", "carrier_name", "reason_code", "reason_text", "buyer_message", "opened_by",
        "requested_action", "respond_by_at", "source_created_at", "source_updated_at",
    ),
    objects=("attributes",),
    children=(
        make_plain_children(
            SyncedReturnLine,
            "synced_return_id",
            lambda record: record.lines,
            plain=(
                "order_line_external_id", "sku_external_id", "product_external_id", "seller_sku", "product_name",
                "quantity", "refund_amount", "raw_status",
            ),
            objects=("attributes",),
        ),
    ),
)  # fmt: skip


def ingest_returns(shop_id: int, records: Iterable[ReturnRecord], origin: Origin) -> Ingested:
    """Write one batch of returns with lines, payloads and cases inside the caller's transaction."""
    ingested, rows = ingest(RETURN_SHAPE, shop_id, records, origin)
    follow_returns([rows.ids[key] for key in rows.inserted | rows.updated])
    return ingested
