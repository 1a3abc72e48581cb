"""Turns a TikTok Shop package into a ShipmentRecord. Pure, and it never raises, whatever the payload holds.

The payload is {"package": a row of the search or a detail, "tracking": the events of its order, if they were asked
for}. A detail names the same things otherwise than a row: `package_id` for `id`, `package_status` for `status`. Times
of a package are Unix seconds, those of its events milliseconds. Every line is one piece.
"""

from collections.abc import Mapping
from typing import Any

from shops.marketplaces import values
from shops.marketplaces.reading import Fields, bounded, digest
from shops.marketplaces.records import ShipmentRecord, ShipmentStatus, TrackingEventRecord, UnreadableRecord

STATUSES: Mapping[str, ShipmentStatus] = {
    "TO_FULFILL": ShipmentStatus.PENDING,
    "PROCESSING": ShipmentStatus.AWAITING_COLLECTION,
    "FULFILLING": ShipmentStatus.IN_TRANSIT,
    "COMPLETED": ShipmentStatus.DELIVERED,
    "CANCELLED": ShipmentStatus.CANCELLED,
}
_PLACED = frozenset(
    {"id", "package_id", "status", "package_status", "create_time", "update_time", "tracking_number"}
    | {"shipping_provider_id", "shipping_provider_name", "order_line_item_ids"}
    | {"recipient_address"}  # the order has it, with the rules for personal data
)


def map_shipment(payload: object) -> ShipmentRecord | UnreadableRecord:
    """Map one package; without a list of tracking it does not speak of events."""
    whole = values.fields(payload)
    problems: list[str] = []
    package = Fields(whole.get("package"), problems=problems)
    external_id = package_id_of(package.source)
    if not external_id:
        return UnreadableRecord(payload, "The package has no id that can be read.")
    raw_status = package.text("package_status" if "package_status" in package.source else "status", required=True)
    orders = _orders_of(package)
    return ShipmentRecord(
        external_id=external_id,
        payload=whole,
        status=STATUSES.get(raw_status, ShipmentStatus.UNKNOWN),
        raw_status=raw_status,
        order_external_ids=orders,
        contents=_contents_of(package, orders),
        tracking_number=package.text("tracking_number"),
        carrier_name=package.text("shipping_provider_name"),
        carrier_external_id=package.identifier("shipping_provider_id"),
        source_created_at=package.seconds("create_time"),
        source_updated_at=package.seconds("update_time", required=True),
        attributes=package.unplaced(_PLACED),
        events=_events_of(Fields(whole, problems=problems)) if "tracking" in whole else None,
        problems=bounded(problems),
    )


def package_id_of(package: Mapping[str, Any]) -> str:
    """Read a package's id from a row or a detail; "" where there is none."""
    return values.identifier(package.get("id", package.get("package_id"))) or ""


def first_order_of(payload: Mapping[str, Any]) -> str:
    """Read the order whose tracking is that of the package; orders that share a package have the same."""
    orders = values.rows(values.fields(payload.get("package")).get("orders"))
    return (values.identifier(values.fields(orders[0]).get("id")) or "") if orders else ""


def _orders_of(package: Fields) -> tuple[str, ...]:
    orders = [order.identifier("id", required=True) for order in package.parts("orders", required=True)]
    return tuple(dict.fromkeys(filter(None, orders)))


def _contents_of(package: Fields, orders: tuple[str, ...]) -> tuple[Mapping[str, Any], ...]:
    """Name the lines. Where a package serves several orders, TikTok does not say which line is of which."""
    order_id = orders[0] if len(orders) == 1 else ""
    contents: dict[str, Mapping[str, Any]] = {}
    for position, value in enumerate(package.rows("order_line_item_ids")):
        line_id = values.identifier(value)
        if line_id is None:
            package.complain(f"order_line_item_ids[{position}]", value, "an id")
        else:
            contents[line_id] = {"order": order_id, "line": line_id, "quantity": 1}
    return tuple(contents.values())


def _events_of(whole: Fields) -> tuple[TrackingEventRecord, ...]:
    """Read the events, the oldest first; TikTok gives them no id, and the newest first."""
    events: dict[str, TrackingEventRecord] = {}
    for event in whole.parts("tracking"):
        happened_at = event.milliseconds("update_time_millis", required=True)
        text = event.text("description")
        word = event.text("action_code")
        if happened_at is not None:
            event_id = digest(happened_at.isoformat(), text, word)
            events[event_id] = TrackingEventRecord(event_id, happened_at, text, word)
    return tuple(sorted(events.values(), key=lambda event: event.happened_at))
