"""Return records into rows."""

from collections.abc import Iterable

from aftersales.models import ReturnPayload, SyncedReturn, SyncedReturnLine
from backoffice.common.ingest import (
    Children,
    Ingested,
    Origin,
    Shape,
    ingest,
    make_child_target,
    make_plain_child,
    make_plain_row,
    make_target,
)
from shops.marketplaces.records import ReturnRecord

_WORDS = ("kind", "status", "money_state", "custody")
_PLAIN = (
    "raw_kind", "raw_status", "raw_logistics_status", "order_external_id", "currency", "refund_amount",
    "tracking_number", "carrier_name", "reason_code", "reason_text", "buyer_message", "opened_by", "requested_action",
    "respond_by_at", "source_created_at", "source_updated_at",
)  # fmt: skip
_LINE = (
    "order_line_external_id", "sku_external_id", "product_external_id", "seller_sku", "product_name", "quantity",
    "refund_amount", "raw_status",
)  # fmt: skip

RETURN_SHAPE = Shape(
    target=make_target(SyncedReturn, (*_WORDS, *_PLAIN, "attributes")),
    make_row=make_plain_row(_WORDS, _PLAIN, (), ("attributes",)),
    payload_model=ReturnPayload,
    parent_column="synced_return_id",
    children=(
        Children(
            make_child_target(SyncedReturnLine, "synced_return_id", (*_LINE, "attributes")),
            lambda record: record.lines,
            make_plain_child(_LINE, ("attributes",)),
        ),
    ),
)


def ingest_returns(shop_id: int, records: Iterable[ReturnRecord], origin: Origin) -> Ingested:
    """Write one batch of returns with lines and payloads inside the caller's transaction."""
    return ingest(RETURN_SHAPE, shop_id, records, origin)[0]
