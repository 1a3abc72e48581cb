"""Turns what Shopee says of a package into a ShipmentRecord. Pure, and it never raises, whatever the payload holds.

The payload is {"order": the order without its packages, "package": one of them, "number": the answer with its number,
"tracking": the answer with its events}; the last two only where its shipment is arranged. Times are Unix seconds.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shops.marketplaces import values
from shops.marketplaces.reading import Fields, bounded, digest
from shops.marketplaces.records import ShipmentRecord, ShipmentStatus, TrackingEventRecord, UnreadableRecord
from shops.marketplaces.shopee.mapping.ids import unreadable
from shops.marketplaces.shopee.mapping.lines import LineFinder, read_lines

STATUSES: Mapping[str, ShipmentStatus] = {
    "LOGISTICS_NOT_START": ShipmentStatus.PENDING,
    "LOGISTICS_READY": ShipmentStatus.PENDING,
    "LOGISTICS_PENDING_ARRANGE": ShipmentStatus.PENDING,
    "LOGISTICS_REQUEST_CREATED": ShipmentStatus.AWAITING_COLLECTION,
    "LOGISTICS_PICKUP_RETRY": ShipmentStatus.AWAITING_COLLECTION,
    "LOGISTICS_PICKUP_DONE": ShipmentStatus.IN_TRANSIT,
    "LOGISTICS_PICKUP_FAILED": ShipmentStatus.FAILED,
    "LOGISTICS_DELIVERY_DONE": ShipmentStatus.DELIVERED,
    "LOGISTICS_DELIVERY_FAILED": ShipmentStatus.FAILED,
    "LOGISTICS_REQUEST_CANCELED": ShipmentStatus.CANCELLED,
    "LOGISTICS_COD_REJECTED": ShipmentStatus.FAILED,  # whether before or on delivery is not told
    "LOGISTICS_INVALID": ShipmentStatus.CANCELLED,  # the order was cancelled before shipment
    "LOGISTICS_LOST": ShipmentStatus.LOST,
}
_DELIVERED = "DELIVERED"  # events have words of their own
_PACKAGE_PLACED = frozenset(
    {"package_number", "logistics_status", "logistics_channel_id", "shipping_carrier", "item_list"}
)
_NUMBER_PLACED = frozenset({"tracking_number"})
_TRACKING_PLACED = frozenset({"order_sn", "package_number", "logistics_status", "tracking_info"})


def map_shipment(payload: object) -> ShipmentRecord | UnreadableRecord:
    """Map one package with its events."""
    source = values.fields(payload).get("package")
    external_id = values.identifier(values.fields(source).get("package_number"))
    if type(payload) is not dict or external_id is None:
        return unreadable(payload, "package_number", source)
    package = Fields(source, "package.")
    order = Fields(payload.get("order"), "order.", package.problems)
    number = Fields(payload.get("number"), "number.", package.problems)
    tracking = Fields(payload.get("tracking"), "tracking.", package.problems)
    order_sn = order.identifier("order_sn", required=True)
    raw_status = package.identifier("logistics_status", required=True)
    events = None if payload.get("tracking") is None else _read_events(tracking)
    return ShipmentRecord(
        external_id=external_id,
        payload=payload,
        status=STATUSES.get(raw_status, ShipmentStatus.UNKNOWN),
        raw_status=raw_status,
        order_external_ids=(order_sn,) if order_sn else (),
        contents=_read_contents(order, package, order_sn),
        tracking_number=number.text("tracking_number"),
        carrier_name=package.text("shipping_carrier"),
        carrier_external_id=package.identifier("logistics_channel_id"),
        source_created_at=order.seconds("create_time"),
        source_updated_at=order.seconds("update_time", required=True),
        shipped_at=order.seconds("pickup_done_time"),
        delivered_at=_delivered_at(events or ()),
        attributes={
            **package.unplaced(_PACKAGE_PLACED),
            **number.unplaced(_NUMBER_PLACED),
            **tracking.unplaced(_TRACKING_PLACED),
        },
        events=events,
        problems=bounded(package.problems),
    )


def _read_contents(order: Fields, package: Fields, order_sn: str) -> tuple[Mapping[str, Any], ...]:
    """Say what lies in the package, by the ids that the order's own lines have."""
    finder = LineFinder(read_lines(order, ""))
    return tuple({"order": order_sn, **content} for content in finder.contents_of(package))


def _read_events(tracking: Fields) -> tuple[TrackingEventRecord, ...]:
    """Read the events, each once, the earliest first."""
    events: dict[str, TrackingEventRecord] = {}
    for row in tracking.parts("tracking_info", required=True):
        happened_at = row.seconds("update_time", required=True)
        text, raw_status = row.text("description"), row.text("logistics_status")
        if happened_at is None:
            row.problems.append(f"{row.place}update_time gives no time: the event is left out.")
        else:
            event_id = digest(int(happened_at.timestamp()), text, raw_status)
            events[event_id] = TrackingEventRecord(event_id, happened_at, text, raw_status)
    return tuple(sorted(events.values(), key=lambda event: event.happened_at))


def _delivered_at(events: tuple[TrackingEventRecord, ...]) -> datetime | None:
    return max((event.happened_at for event in events if event.raw_status == _DELIVERED), default=None)
