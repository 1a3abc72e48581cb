"""What carriers said of parcels last."""

from collections.abc import Iterable

from orders.models import TrackingEvent


def find_last_events(shipment_ids: Iterable[int]) -> dict[int, TrackingEvent]:
    """Return the last event of each of these shipments, in one query; those without any are left out."""
    events = TrackingEvent.objects.filter(shipment_id__in=list(shipment_ids))
    newest = events.order_by("shipment_id", "-happened_at", "-id").distinct("shipment_id")
    return {event.shipment_id: event for event in newest}
