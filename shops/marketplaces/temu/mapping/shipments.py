"""Turns Temu's packages into ShipmentRecords. Pure, and it never raises, whatever the payload holds.

A payload is one package: `packageSn`, `order` (the parent order's object in the order list), `children` (of its rows
there those in the package), and `tracking`, where that call was made. Before it is sent, `unshipped` is its row among
the packages with a label; afterwards `shipments` is what each child order that has goods in it says of it.
Times of orders are seconds. How `logisticsUpdatedAt` is written is not documented: seconds and milliseconds are told
apart by their size, anything else is a problem. [?]
"""

from collections.abc import Iterator
from datetime import datetime

from shops.marketplaces import values
from shops.marketplaces.reading import Fields, bounded, digest
from shops.marketplaces.records import Payload, ShipmentRecord, ShipmentStatus, TrackingEventRecord, UnreadableRecord
from shops.marketplaces.temu.mapping.statuses import PARCEL_STATUSES, STATUSES_OF_CONTENTS

_DELIVERED = "Delivered"
_PLACED = frozenset(
    {
        "packageSn",
        "orderSn",
        "trackingNumber",
        "carrierId",
        "carrierName",
        "quantity",
        "packageDetail",
        "subPackageShipmentInfoList",
    }
)


def map_shipment(payload: object) -> ShipmentRecord | UnreadableRecord:
    """Map one package."""
    whole = Fields(payload)
    external_id = whole.identifier("packageSn", required=True)
    if not external_id or type(payload) is not dict:
        return UnreadableRecord(payload, whole.problems[0])
    order = whole.part("order")
    parts = list(whole.parts("shipments")) or [whole.part("unshipped")]
    contents = tuple(_contents(order, parts))
    children = list(whole.parts("children"))
    events = _events(whole)
    words = {word for child in children if (word := child.identifier("orderStatus"))}
    arrived = [event.happened_at for event in events or () if event.raw_status == _DELIVERED]
    shipped = [moment for child in children if (moment := child.seconds("orderShippingTime"))]
    told = parts[0]
    return ShipmentRecord(
        external_id=external_id,
        payload=payload,
        status=_status(words, events or ()),
        raw_status=",".join(sorted(words)),
        order_external_ids=tuple(dict.fromkeys(str(content["order"]) for content in contents if content["order"])),
        contents=contents,
        tracking_number=told.text("trackingNumber") or whole.part("tracking").text("trackingNum"),
        carrier_name=told.text("carrierName"),
        carrier_external_id=told.identifier("carrierId"),
        source_updated_at=order.seconds("updateTime"),
        shipped_at=min(shipped, default=None),
        delivered_at=min(arrived, default=None),
        attributes=told.unplaced(_PLACED),
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


def list_goods_in(unshipped: Payload) -> list[Payload]:
    """List the rows that say what is in a package with a label."""
    detail = values.fields(unshipped.get("packageDetail"))
    rows = [*values.rows(detail.get("shippableOrders")), *values.rows(detail.get("canceledOrders"))]
    return [values.fields(row) for row in rows]


def _contents(order: Fields, parts: list[Fields]) -> Iterator[Payload]:
    """Say what is in a package. Of packages within one it is not told how many pieces each holds."""
    order_id = order.identifier("parentOrderSn", required=True)
    for part in parts:
        if "orderSn" in part.source:
            line = {"order": order_id, "line": part.identifier("orderSn", required=True)}
            yield line | ({"quantity": part.count("quantity")} if "quantity" in part.source else {})
        detail = part.part("packageDetail")
        for row in (*detail.parts("shippableOrders"), *detail.parts("canceledOrders")):
            line = {"order": row.identifier("parentOrderSn"), "line": row.identifier("orderSn", required=True)}
            yield line | {"quantity": row.count("quantity")}


def _status(words: set[str], events: tuple[TrackingEventRecord, ...]) -> ShipmentStatus:
    """Take the carrier's last word if it is known; else what Temu says of the lines in it, if it is one thing.

    Temu has no status of a package. A line in several of them is sent or delivered in part, which says nothing of one.
    """
    of_contents = {STATUSES_OF_CONTENTS.get(word, ShipmentStatus.UNKNOWN) for word in words}
    if of_contents == {ShipmentStatus.CANCELLED}:
        return ShipmentStatus.CANCELLED
    last = max(events, key=lambda event: event.happened_at).raw_status if events else ""
    if last in PARCEL_STATUSES:
        return PARCEL_STATUSES[last]
    return of_contents.pop() if len(of_contents) == 1 else ShipmentStatus.UNKNOWN


def _events(whole: Fields) -> tuple[TrackingEventRecord, ...] | None:
    """Read what the carrier noted; None where it was not asked or the answer does not speak of it."""
    tracking = whole.part("tracking")
    if tracking.source.get("trackingInfo") is None:
        return None
    read = {event.external_id: event for row in tracking.parts("trackingInfo") if (event := _event(row))}
    return tuple(read.values())


def _event(row: Fields) -> TrackingEventRecord | None:
    happened_at = row.read("logisticsUpdatedAt", _moment, "a moment", required=True)
    if happened_at is None:
        return None
    text, raw_status = row.text("statusText"), row.text("logisticsStatus")
    return TrackingEventRecord(digest(happened_at, text, raw_status), happened_at, text, raw_status)


def _moment(value: object) -> datetime | None:
    return values.seconds(value) or values.milliseconds(value)
