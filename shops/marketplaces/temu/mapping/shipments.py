"""Turns Temu's packages into ShipmentRecords. Pure, and it never raises, whatever the payload holds.

A payload is one package: `packageSn`, `order` (the parent order's object in the order list), `children` (of its rows
there what a parcel needs), `shipments` (what the shipment call says of the package for each child that has goods in it)
and `tracking`, where that call was made. Times of orders are seconds. The unit of `logisticsUpdatedAt` is not
documented: seconds and milliseconds are told apart by their size, any other writing is a problem. [?]
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shops.marketplaces import values
from shops.marketplaces.reading import Fields, bounded, digest
from shops.marketplaces.records import (
    Payload,
    ShipmentRecord,
    ShipmentStatus,
    TrackingEventRecord,
    UnreadableRecord,
)

# Temu tells no status of a package, but one of each child order. A child in several packages may be shipped or
# delivered in part (41, 51), which says nothing of one of them.
_STATUSES: Mapping[frozenset[str], ShipmentStatus] = {
    frozenset({"4"}): ShipmentStatus.IN_TRANSIT,
    frozenset({"5"}): ShipmentStatus.DELIVERED,
    frozenset({"3"}): ShipmentStatus.CANCELLED,
}
_DELIVERED_EVENT = "Delivered"  # the carrier's word, which says so of the very package
_SHIPMENT_PLACED = frozenset(
    {"packageSn", "orderSn", "trackingNumber", "carrierId", "carrierName", "quantity", "subPackageShipmentInfoList"}
)


def map_shipment(payload: object) -> ShipmentRecord | UnreadableRecord:
    """Map one package."""
    whole = Fields(payload)
    external_id = whole.identifier("packageSn", required=True)
    if not external_id or type(payload) is not dict:
        return UnreadableRecord(payload, whole.problems[0])
    order = whole.part("order")
    order_id = order.identifier("parentOrderSn", required=True)
    shipments = list(whole.parts("shipments", required=True))
    packed = {shipment.identifier("orderSn") for shipment in shipments}
    children = [child for child in whole.parts("children") if child.identifier("orderSn") in packed]
    words = {word for child in children if (word := child.identifier("orderStatus"))}
    events = _events(whole)
    arrived = [event.happened_at for event in events or () if event.raw_status == _DELIVERED_EVENT]
    shipped = [moment for child in children if (moment := child.seconds("orderShippingTime"))]
    first = shipments[0] if shipments else Fields(None)
    return ShipmentRecord(
        external_id=external_id,
        payload=payload,
        status=ShipmentStatus.DELIVERED if arrived else _STATUSES.get(frozenset(words), ShipmentStatus.UNKNOWN),
        raw_status=",".join(sorted(words)),
        order_external_ids=(order_id,) if order_id else (),
        contents=tuple(_content(order_id, shipment) for shipment in shipments if "quantity" in shipment.source),
        tracking_number=first.text("trackingNumber") or whole.part("tracking").text("trackingNum"),
        carrier_name=first.text("carrierName"),
        carrier_external_id=first.identifier("carrierId"),
        source_updated_at=order.seconds("updateTime"),
        shipped_at=min(shipped, default=None),
        delivered_at=min(arrived, default=None),
        attributes=first.unplaced(_SHIPMENT_PLACED),
        events=events,
        problems=bounded(whole.problems),
    )


def list_packages(shipments: list[Payload]) -> dict[str, list[Payload]]:
    """Sort the rows of an order's shipment calls by package. Packages within packages are packages of their own."""
    packages: dict[str, list[Payload]] = {}
    for shipment in shipments:
        within = values.rows(shipment.get("subPackageShipmentInfoList"))
        inner = [
            {**values.fields(row), "orderSn": shipment.get("orderSn"), "mainPackageSn": shipment.get("packageSn")}
            for row in within
        ]
        for row in (shipment, *inner):
            packages.setdefault(values.identifier(row.get("packageSn")) or "", []).append(row)
    return packages


def _content(order_id: str, shipment: Fields) -> Mapping[str, Any]:
    return {"order": order_id, "line": shipment.identifier("orderSn"), "quantity": shipment.count("quantity")}


def _events(whole: Fields) -> tuple[TrackingEventRecord, ...] | None:
    """Read what the carrier noted; None where it was not asked or the answer does not speak of it."""
    tracking = whole.part("tracking")
    if tracking.source.get("trackingInfo") is None:
        return None
    read = {event.external_id: event for row in tracking.parts("trackingInfo") if (event := _event(row))}
    return tuple(read.values())


def _event(row: Fields) -> TrackingEventRecord | None:
    happened_at = row.read("logisticsUpdatedAt", _moment, "a time in seconds or milliseconds", required=True)
    if happened_at is None:
        return None
    text, raw_status = row.text("statusText"), row.text("logisticsStatus")
    return TrackingEventRecord(digest(happened_at, text, raw_status), happened_at, text, raw_status)


def _moment(value: object) -> datetime | None:
    return values.seconds(value) or values.milliseconds(value)
