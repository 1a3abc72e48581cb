"""Shipment records into rows."""

from collections.abc import Iterable

from backoffice.common.ingest import Ingested, Origin, ingest, make_plain_children, make_plain_shape
from orders.models import Shipment, ShipmentPayload, TrackingEvent
from shops.marketplaces.records import ShipmentRecord

SHIPMENT_SHAPE = make_plain_shape(
    Shipment,
    ShipmentPayload,
    "shipment_id",
    words=("status",),
    plain=(
        "raw_status", "tracking_number", "carrier_name", "carrier_external_id", "source_created_at",
        "source_updated_at", "shipped_at", "delivered_at",
    ),
    listed=("order_external_ids",),
    objects=("contents", "attributes"),
    children=(
        make_plain_children(
            TrackingEvent,
            "shipment_id",
            lambda record: record.events,
            plain=("happened_at", "text", "raw_status", "place"),
        ),
    ),
)  # fmt: skip


def ingest_shipments(shop_id: int, records: Iterable[ShipmentRecord], origin: Origin) -> Ingested:
    """Write one batch of parcels with tracking events and payloads inside the caller's transaction."""
    return ingest(SHIPMENT_SHAPE, shop_id, records, origin)[0]
