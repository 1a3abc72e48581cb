"""Shipments: one search by time of change, the tracking of its order for each package that changed."""

import json
from datetime import UTC, datetime

import pytest

from shops.marketplaces import errors
from shops.marketplaces.contract import ListQuery
from shops.marketplaces.records import Resource, ShipmentStatus, Window
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.tiktok.client.connecting import connector

WINDOW = Window(datetime(2026, 7, 31, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))
QUERY = ListQuery(Resource.SHIPMENTS, WINDOW)


def test_the_search_asks_for_what_changed_the_oldest_first(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/packages_search"))
    connector(server).fetch_page(QUERY)
    sent = server.requests[0]
    assert (sent.method, sent.path) == ("POST", "/fulfillment/202309/packages/search")
    assert json.loads(sent.body) == {"update_time_ge": 1785456000, "update_time_lt": 1785542400}
    assert [sent.query[name] for name in ("page_size", "sort_field", "sort_order")] == ["50", "update_time", "ASC"]


def test_a_package_is_completed_by_the_tracking_of_its_order(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/packages_search"))
    server.answer(payloads.load("tiktok/tracking"))
    tiktok = connector(server)
    page = tiktok.fetch_page(QUERY)
    (stub,) = page.stubs
    assert (stub.external_id, stub.step) == ("1152000000000000002", "tracking")
    assert stub.source_updated_at == datetime.fromtimestamp(1785600000, UTC)
    (record,) = tiktok.fetch_details(Resource.SHIPMENTS, page.stubs).records
    assert server.requests[1].path == "/fulfillment/202309/orders/576460000000000002/tracking"
    assert (record.status, len(record.events)) == (ShipmentStatus.IN_TRANSIT, 3)
    assert tiktok.map_payload(Resource.SHIPMENTS, record.payload) == record


def test_a_package_without_a_readable_order_is_stored_without_events(server: ScriptedServer) -> None:
    answer = payloads.load("tiktok/packages_search")
    answer["data"]["packages"][0]["orders"] = []
    answer["data"]["packages"].append({"status": "FULFILLING"})
    server.answer(answer)
    page = connector(server).fetch_page(QUERY)
    assert page.stubs == ()
    assert page.records[0].events is None
    assert len(page.unreadable) == 1


def test_no_list_of_tracking_is_not_an_empty_one(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/packages_search"))
    server.answer({"code": 0, "data": {}})
    tiktok = connector(server)
    with pytest.raises(errors.UnreadableAnswer):
        tiktok.fetch_details(Resource.SHIPMENTS, tiktok.fetch_page(QUERY).stubs)


def test_one_package_by_id_is_a_stub_that_wants_its_tracking(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/package_detail"))
    server.answer(payloads.load("tiktok/tracking"))
    tiktok = connector(server)
    page = tiktok.fetch_by_ids(Resource.SHIPMENTS, ["1152000000000000002"])
    assert server.requests[0].path == "/fulfillment/202309/packages/1152000000000000002"
    (record,) = tiktok.fetch_details(Resource.SHIPMENTS, page.stubs).records
    assert (record.external_id, record.raw_status) == ("1152000000000000002", "FULFILLING")
    assert record.is_valid
