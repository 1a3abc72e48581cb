"""Packages into records: seconds for the package, milliseconds for its events, one piece for each line."""

from datetime import UTC, datetime, timedelta

import pytest

from shops.marketplaces.records import Payload, Resource, ShipmentRecord, ShipmentStatus
from shops.marketplaces.tiktok.mapping.shipments import STATUSES, map_shipment
from tests.shops.marketplaces.tiktok import samples


def payload() -> Payload:
    return dict(samples.samples()[Resource.SHIPMENTS][0])


def mapped(payload: Payload) -> ShipmentRecord:
    record = map_shipment(payload)
    assert isinstance(record, ShipmentRecord)
    return record


def test_maps_a_whole_package() -> None:
    record = mapped(payload())
    assert record.external_id == "1152000000000000002"
    assert (record.status, record.raw_status) == (ShipmentStatus.IN_TRANSIT, "FULFILLING")
    assert record.order_external_ids == ("576460000000000002",)
    assert record.contents == ({"order": "576460000000000002", "line": "576460000000065538", "quantity": 1},)
    assert (record.tracking_number, record.carrier_name) == ("9400100000000000000001", "USPS")
    assert record.carrier_external_id == "7117858858072016686"
    assert record.source_created_at == datetime.fromtimestamp(1785560000, UTC)
    assert record.source_updated_at == datetime.fromtimestamp(1785600000, UTC)
    assert record.attributes["orders"][0]["skus"][0]["name"] == "Blue"
    assert record.problems == ()


def test_events_come_the_oldest_first_to_the_millisecond() -> None:
    events = mapped(payload()).events or ()
    assert [event.text for event in events][::2] == ["Order placed.", "Your package was delivered."]
    assert events[0].happened_at == datetime.fromtimestamp(1785571200, UTC) + timedelta(milliseconds=789)
    assert len({event.external_id for event in events}) == 3


def test_an_event_keeps_its_id_and_a_repeated_one_counts_once() -> None:
    whole = payload()
    before = mapped(whole).events or ()
    whole["tracking"] = [*whole["tracking"], dict(whole["tracking"][0])]
    assert mapped(whole).events == before
    whole["tracking"][0] |= {"action_code": "1001"}
    assert len(mapped(whole).events or ()) == 4


def test_without_a_list_of_tracking_the_events_are_left_alone() -> None:
    whole = payload()
    del whole["tracking"]
    assert mapped(whole).events is None
    assert mapped(whole | {"tracking": []}).events == ()


def test_a_package_of_several_orders_does_not_say_whose_line_is_whose() -> None:
    whole = payload()
    whole["package"]["orders"].append({"id": "7"})
    record = mapped(whole)
    assert record.order_external_ids == ("576460000000000002", "7")
    assert record.contents[0]["order"] == ""


def test_a_detail_has_other_names_for_the_same() -> None:
    detail = samples.answer("package_detail")
    record = mapped({"package": detail})
    assert (record.external_id, record.raw_status) == ("1152000000000000002", "FULFILLING")
    assert "recipient_address" not in record.attributes  # personal data stands in the order


@pytest.mark.parametrize(("word", "status"), STATUSES.items())
def test_knows_every_status(word: str, status: ShipmentStatus) -> None:
    whole = payload()
    whole["package"]["status"] = word
    assert mapped(whole).status is status
