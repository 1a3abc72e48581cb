"""Order records into rows: which columns the sync owns, and what a recipient once said clearly stays clear."""

from collections.abc import Iterable
from operator import attrgetter

from backoffice.common.ingest import (
    Ingested,
    Origin,
    Shape,
    as_json,
    ingest,
    make_plain_children,
    make_target,
    synced_values,
)
from backoffice.common.upsert import Row
from orders.choices import STATUS_RANK
from orders.models import Order, OrderLine, OrderPayload, Package
from shops.marketplaces.records import OrderRecord

SAME_NAME = (
    "raw_status", "source_created_at", "source_updated_at", "currency", "total_amount", "subtotal_amount",
    "original_product_amount", "seller_discount_amount", "platform_discount_amount", "original_shipping_amount",
    "shipping_amount", "tax_amount", "is_cod", "buyer_external_id", "buyer_email", "buyer_message", "seller_note",
    "payment_method", "carrier_name", "tracking_number", "warehouse_external_id", "cancel_reason", "cancelled_by",
    "paid_at", "shipped_at", "collected_at", "delivered_at", "cancelled_at", "cancel_requested_at", "ship_by_at",
    "collect_by_at", "deliver_by_at",
)  # fmt: skip
RECIPIENT = ("name", "phone", "region_code", "postal_code", "full_address")
_RECIPIENT_COLUMNS = (*(f"recipient_{name}" for name in RECIPIENT), "recipient_details", "recipient_clarity")
_ORDER_COLUMNS = ("status", "status_rank", *SAME_NAME, "other_amounts", "attributes", *_RECIPIENT_COLUMNS)

ORDER_TARGET = make_target(
    Order,
    _ORDER_COLUMNS,
    rank="status_rank",
    # What is masked or blank never replaces what was once clear.
    guarded={
        name: f"CASE WHEN excluded.recipient_clarity >= old.recipient_clarity THEN excluded.{name} ELSE old.{name} END"
        for name in _RECIPIENT_COLUMNS
    },
)
LINE_FIELDS = (
    "sku_external_id", "product_external_id", "seller_sku", "product_name", "sku_name", "image_url", "quantity",
    "currency", "original_price", "price", "seller_discount_amount", "platform_discount_amount", "tax_amount",
    "raw_status", "is_gift",
)  # fmt: skip
PACKAGE_FIELDS = ("raw_status", "tracking_number", "carrier_name", "carrier_external_id")
LINES = make_plain_children(
    OrderLine, "order_id", lambda record: record.lines, plain=LINE_FIELDS, objects=("attributes",)
)
PACKAGES = make_plain_children(
    Package, "order_id", lambda record: record.packages, plain=PACKAGE_FIELDS, objects=("contents",)
)

_same_name_values = attrgetter(*SAME_NAME)
_recipient_values = attrgetter(*RECIPIENT)


def order_row(shop_id: int, record: OrderRecord, payload_hash: bytes, origin: Origin) -> Row:
    """Return an order's values in the order of ORDER_TARGET.columns."""
    recipient = record.recipient
    return (
        shop_id,
        record.external_id,
        record.status.value,
        STATUS_RANK[record.status],
        *_same_name_values(record),
        as_json(record.other_amounts),
        as_json(record.attributes),
        *_recipient_values(recipient),
        as_json(recipient.details),
        int(recipient.clarity),
        *synced_values(record, payload_hash, origin),
    )


ORDER_SHAPE = Shape(
    target=ORDER_TARGET,
    make_row=order_row,
    payload_model=OrderPayload,
    parent_column="order_id",
    children=(LINES, PACKAGES),
    rank=lambda record: STATUS_RANK[record.status],
)


def ingest_orders(shop_id: int, records: Iterable[OrderRecord], origin: Origin) -> Ingested:
    """Write one batch of orders with lines, packages and payloads inside the caller's transaction."""
    return ingest(ORDER_SHAPE, shop_id, records, origin)[0]
