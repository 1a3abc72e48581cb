"""Packages: what is in them, where they are, and when what happened."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shops.marketplaces.records import ShipmentRecord, ShipmentStatus, UnreadableRecord
from shops.marketplaces.temu.mapping.shipments import list_packages, map_shipment
from tests.shops.marketplaces.temu.samples import labelled_package, result, sent_package


def mapped(payload: object) -> ShipmentRecord:
    record = map_shipment(payload)
    assert isinstance(record, ShipmentRecord)
    return record


def test_a_package_on_its_way() -> None:
    record = mapped(sent_package())
    assert record.external_id == "PK-0000000000000000041"
    assert record.order_external_ids == ("PO-211-00000000000000004",)
    line = {"order": "PO-211-00000000000000004", "line": "211-00000000000000041", "quantity": 1}
    assert record.contents == (line,)
    assert (record.tracking_number, record.carrier_name) == ("TRK0000000041", "Sample Carrier")
    assert record.carrier_external_id == "998200001"
    assert record.source_updated_at == datetime.fromtimestamp(sent_package()["order"]["updateTime"], UTC)
    assert record.shipped_at == datetime.fromtimestamp(1767000000, UTC)
    assert record.delivered_at == datetime.fromtimestamp(1767090000, UTC)
    assert (record.status, record.raw_status) == (ShipmentStatus.DELIVERED, "4")


def test_a_package_with_a_label() -> None:
    record = mapped(labelled_package())
    line = {"order": "PO-211-00000000000000001", "line": "211-00000000000000011", "quantity": 1}
    assert record.contents == (line,)
    assert (record.tracking_number, record.carrier_name) == ("TRK0000000011", "Sample Carrier")
    assert (record.status, record.raw_status, record.events) == (ShipmentStatus.PENDING, "2", None)


def with_events(*words_and_times: tuple[str, Any]) -> dict[str, Any]:
    rows = [{"logisticsStatus": word, "logisticsUpdatedAt": time, "statusText": "x"} for word, time in words_and_times]
    return {**sent_package(), "tracking": {"trackingInfo": rows}}


@pytest.mark.parametrize("time", ["1767010000", 1767010000, "1767010000000"])
def test_seconds_and_milliseconds_of_an_event_are_told_apart_by_their_size(time: object) -> None:
    (event,) = mapped(with_events(("In transit", time))).events or ()
    assert event.happened_at == datetime.fromtimestamp(1767010000, UTC)
    assert (event.text, event.raw_status) == ("x", "In transit")


def test_a_time_in_another_form_is_a_problem() -> None:
    record = mapped(with_events(("In transit", "29/12/2025 12:06")))
    assert record.events == ()
    assert record.problems == (
        "tracking.trackingInfo[0].logisticsUpdatedAt is '29/12/2025 12:06' instead of a moment.",
    )


def test_events_have_ids_of_their_own_and_the_same_event_has_one() -> None:
    twice = mapped(with_events(("In transit", "1767010000"), ("In transit", "1767010000"), ("Delivered", "1767010000")))
    assert len(twice.events or ()) == 2
    assert twice.events == mapped(with_events(("In transit", "1767010000"), ("Delivered", "1767010000"))).events


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Last-Mile Manifest", ShipmentStatus.AWAITING_COLLECTION),
        ("Last Mile Carrier Picked up", ShipmentStatus.IN_TRANSIT),
        ("Delivery Exception", ShipmentStatus.FAILED),
        ("Carrier accepted the claimed of Missing Parcel", ShipmentStatus.LOST),
        ("Something new", ShipmentStatus.IN_TRANSIT),  # what Temu says of the line in it
    ],
)
def test_the_latest_event_says_where_a_package_is_if_its_word_is_known(word: str, status: ShipmentStatus) -> None:
    record = mapped(with_events((word, "1767090000"), ("Delivered", "1767010000")))
    assert record.status is status


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (2, ShipmentStatus.PENDING),
        (3, ShipmentStatus.CANCELLED),
        (4, ShipmentStatus.IN_TRANSIT),
        (5, ShipmentStatus.DELIVERED),
        (41, ShipmentStatus.UNKNOWN),  # the line is in several packages, of which some were sent
        (77, ShipmentStatus.UNKNOWN),
    ],
)
def test_without_events_the_lines_speak(number: int, status: ShipmentStatus) -> None:
    payload = sent_package()
    del payload["tracking"]
    payload["children"][0]["orderStatus"] = number
    record = mapped(payload)
    assert (record.status, record.raw_status, record.events) == (status, str(number), None)


def test_packages_are_sorted_out_and_those_within_are_packages_too() -> None:
    rows = [{**row, "orderSn": "211-31"} for row in result("shipment_v2_two_packages")["shipmentInfoDTO"]]
    packages = list_packages(rows)
    assert [*packages] == ["PK-0000000000000000031", "PK-0000000000000000032", "PK-0000000000000000033"]
    inner = mapped({**sent_package(), "packageSn": "PK-33", "shipments": packages["PK-0000000000000000033"]})
    assert inner.contents == ({"order": "PO-211-00000000000000004", "line": "211-31"},)
    assert inner.attributes["mainPackageSn"] == "PK-0000000000000000032"
    assert inner.tracking_number == "TRK0000000033"


@pytest.mark.parametrize("broken", [None, 7, {}, {"packageSn": ["x"]}])
def test_what_has_no_number_is_no_package(broken: object) -> None:
    assert isinstance(map_shipment(broken), UnreadableRecord)
