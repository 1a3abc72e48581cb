"""Shipment records into rows."""

from collections.abc import Iterable

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
from orders.models import Shipment, ShipmentPayload, TrackingEvent
from shops.marketplaces.records import ShipmentRecord

_PLAIN = (
    "raw_status", "tracking_number", "carrier_name", "carrier_external_id", "source_created_at", "source_updated_at",
    "shipped_at", "delivered_at",
)  # fmt: skip
_EVENT = ("happened_at", "text", "raw_status", "place")

SHIPMENT_SHAPE = Shape(
    target=make_target(Shipment, ("status", *_PLAIN, "order_external_ids", "contents", "attributes")),
    make_row=make_plain_row(("status",), _PLAIN, ("order_external_ids",), ("contents", "attributes")),
    payload_model=ShipmentPayload,
    parent_column="shipment_id",
    children=(
        Children(
            make_child_target(TrackingEvent, "shipment_id", _EVENT),
            lambda record: record.events,
            make_plain_child(_EVENT),
        ),
    ),
)


def ingest_shipments(shop_id: int, records: Iterable[ShipmentRecord], origin: Origin) -> Ingested:
    """Write one batch of parcels with tracking events and payloads inside the caller's transaction."""
    return ingest(SHIPMENT_SHAPE, shop_id, records, origin)[0]
