"""Parcels: made of the lines in them and of a trace."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shops.marketplaces.lazada.mapping.shipments import is_packed, is_traceable, map_shipment, split
from shops.marketplaces.lazada.mapping.statuses import parcel_status
from shops.marketplaces.records import ShipmentRecord, ShipmentStatus, UnreadableRecord
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.lazada.samples import orders, parcel


def mapped(payload: dict[str, Any]) -> ShipmentRecord:
    record = map_shipment(payload)
    assert isinstance(record, ShipmentRecord)
    return record


def trace() -> list[Any]:
    found: list[Any] = payloads.load("lazada/order_trace")["result"]["module"][0]["package_detail_info_list"]
    return found


def test_maps_a_whole_parcel() -> None:
    record = mapped(parcel())
    assert (record.external_id, record.problems) == ("FP010000000000001", ())
    assert (record.status, record.raw_status) == (ShipmentStatus.DELIVERED, "delivered,returned")
    assert (record.tracking_number, record.carrier_name) == ("LEXTH0000000001", "LEX TH")
    assert record.order_external_ids == ("418530001000001",)
    assert record.contents == (
        {"order": "418530001000001", "line": "418530001100001", "quantity": 1},
        {"order": "418530001000001", "line": "418530001200001", "quantity": 1},
    )
    assert record.delivered_at == datetime(2024, 1, 18, 1, 6, 40, tzinfo=UTC)  # 1705540000000 ms
    assert record.source_updated_at == datetime(2024, 1, 20, 3, 9, 5, tzinfo=UTC)


def test_an_event_has_an_id_of_its_time_and_words() -> None:
    payload = parcel()
    rows = payload["package"]["logistic_detail_info_list"]
    rows += [rows[0], rows[0] | {"event_time": 1705540001, "title": "Later", "status_code": "ON"}]
    first, second = mapped(payload).events or ()
    assert (first.text, first.raw_status) == ("Delivered: Parcel delivered", "DELIVERED")
    assert second.happened_at == datetime(2024, 1, 18, 1, 6, 41, tzinfo=UTC)  # in seconds
    assert first.external_id != second.external_id
    assert (mapped(parcel()).events or ())[0].external_id == first.external_id


def test_an_event_without_a_readable_time_is_a_problem() -> None:
    payload = parcel()
    payload["package"]["logistic_detail_info_list"][0]["event_time"] = "yesterday"
    record = mapped(payload)
    assert (record.events, len(record.problems)) == ((), 1)


def test_a_newer_event_makes_a_newer_parcel() -> None:
    payload = parcel()
    payload["package"]["logistic_detail_info_list"][0]["event_time"] = 1705900000000
    assert mapped(payload).source_updated_at == datetime(2024, 1, 22, 5, 6, 40, tzinfo=UTC)


def test_without_a_trace_nothing_is_said_of_events() -> None:
    payload = parcel()
    del payload["package"]
    assert mapped(payload).events is None


def test_an_order_is_split_into_its_parcels_by_package_or_tracking_number() -> None:
    order = orders()[0]
    first, second = order["items"]
    second |= {"package_id": "FP2", "tracking_code": "T2"}
    stray = {"ofc_package_id": "FP3", "logistic_detail_info_list": []}
    by_tracking = {"ofc_package_id": "other", "tracking_number": "T2"}
    records = [mapped(part) for part in split(order | {"packages": [*trace(), by_tracking, stray]})]
    assert [record.external_id for record in records] == ["FP010000000000001", "FP2", "FP3"]
    assert [len(record.contents) for record in records] == [1, 1, 0]
    assert [record.events is not None for record in records] == [True, True, True]
    assert {record.order_external_ids for record in records} == {("418530001000001",)}
    assert first["package_id"] == "FP010000000000001"


def test_lines_outside_of_parcels_make_none() -> None:
    pending = orders()[1]
    assert not is_packed(pending)
    assert not is_traceable(pending)
    assert split(pending) == []


@pytest.mark.parametrize(
    ("word", "traceable"), [("packed", False), ("ready_to_ship", True), ("canceled", True), (7, True)]
)
def test_a_trace_is_asked_for_once_it_can_exist(word: Any, traceable: bool) -> None:
    order = orders()[0]
    for line in order["items"]:
        line["status"] = word
    assert is_packed(order)
    assert is_traceable(order) is traceable


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"packed"}, ShipmentStatus.PENDING),
        ({"ready_to_ship", "canceled"}, ShipmentStatus.AWAITING_COLLECTION),
        ({"shipped", "delivered"}, ShipmentStatus.IN_TRANSIT),
        ({"shipped_back"}, ShipmentStatus.RETURNED),
        ({"lost_by_3pl"}, ShipmentStatus.LOST),
        ({"lost_by_3pl", "delivered"}, ShipmentStatus.UNKNOWN),
        ({"failed_delivery", "failed"}, ShipmentStatus.FAILED),
        ({"canceled"}, ShipmentStatus.CANCELLED),
        ({"delivered", "teleported"}, ShipmentStatus.UNKNOWN),
        (set(), ShipmentStatus.UNKNOWN),
    ],
)
def test_a_parcels_status_is_made_of_its_lines(words: set[str], expected: ShipmentStatus) -> None:
    assert parcel_status(words) is expected


@pytest.mark.parametrize("payload", [None, [], {}, {"items": []}, {"items": [{"package_id": "x" * 65}]}])
def test_without_a_number_it_is_no_record(payload: Any) -> None:
    assert isinstance(map_shipment(payload), UnreadableRecord)
