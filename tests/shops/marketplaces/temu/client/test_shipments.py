"""The way from an order to its packages: those with a label, those of its lines, their tracking."""

from typing import Any

import pytest

from shops.marketplaces import errors
from shops.marketplaces.contract import ListQuery
from shops.marketplaces.records import Payload, Resource, ShipmentStatus, Stub, Token
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.temu.client.connecting import TOKEN, WINDOW, connect, failure, sent, success
from tests.shops.marketplaces.temu.samples import order_row, result

QUERY = ListQuery(Resource.SHIPMENTS, WINDOW)
SHIPMENT = "bg.logistics.shipment.v2.get"
TRACKING = "temu.track.trackinginfo.get"
UNSHIPPED = "bg.order.unshipped.package.get"
UNTRACKED = Token(TOKEN.access_token, scopes=("bg.order.list.v2.get", SHIPMENT, UNSHIPPED))


def stubs_of(server: ScriptedServer, rows: list[Payload], token: Token = TOKEN) -> tuple[Any, tuple[Stub, ...]]:
    connector = connect(server, token=token)
    server.answer(success({"totalItemNum": len(rows), "pageItems": rows}))
    return connector, connector.fetch_page(QUERY).stubs


def test_orders_begin_with_the_first_call_that_can_bring_a_package(server: ScriptedServer) -> None:
    server.answer(payloads.load("temu/order_list"))
    page = connect(server).fetch_page(QUERY)
    assert page.passed_ids == ("PO-211-00000000000000002",)  # the buyer can still change it
    stubs = page.stubs
    assert [(stub.external_id[-1], stub.step) for stub in stubs] == [
        ("1", "unshipped"),
        ("3", "unshipped"),  # sent in part
        ("4", "child"),
        ("5", "child"),
        ("6", "unshipped"),
    ]
    assert [stub.payload["pending"] for stub in stubs[1:3]] == [["211-00000000000000031"], ["211-00000000000000041"]]


def test_a_sent_line_brings_its_package_and_the_package_its_tracking(server: ScriptedServer) -> None:
    connector, stubs = stubs_of(server, [order_row(3)])
    server.answer(payloads.load("temu/shipment_v2"))
    page = connector.fetch_details(Resource.SHIPMENTS, stubs)
    assert (page.records, [(stub.external_id, stub.step) for stub in page.stubs]) == (
        (),
        [("PO-211-00000000000000004", "tracking")],
    )
    server.answer(payloads.load("temu/tracking"))
    (record,) = connector.fetch_details(Resource.SHIPMENTS, page.stubs).records
    assert sent(server)[1:] == [
        (SHIPMENT, {"parentOrderSn": "PO-211-00000000000000004", "orderSn": "211-00000000000000041"}),
        (TRACKING, {"packageSn": "PK-0000000000000000041", "language": "en"}),
    ]
    assert (record.external_id, record.status) == ("PK-0000000000000000041", ShipmentStatus.DELIVERED)
    assert connector.map_payload(Resource.SHIPMENTS, record.payload) == record


def test_a_package_that_holds_two_lines_is_put_together_after_the_last(server: ScriptedServer) -> None:
    row = order_row(0)
    row["parentOrderMap"]["parentOrderStatus"] = 4
    for child in row["orderList"]:
        child["orderStatus"] = 4
    connector, stubs = stubs_of(server, [row], UNTRACKED)
    for quantity in (1, 2):
        shipment = {**result("shipment_v2")["shipmentInfoDTO"][0], "quantity": quantity}
        server.answer(success({"shipmentInfoDTO": [shipment]}))
    page = connector.fetch_details(Resource.SHIPMENTS, stubs)
    assert (page.records, page.stubs[0].step) == ((), "child")
    (record,) = connector.fetch_details(Resource.SHIPMENTS, page.stubs).records
    assert record.contents == (
        {"order": "PO-211-00000000000000001", "line": "211-00000000000000011", "quantity": 1},
        {"order": "PO-211-00000000000000001", "line": "211-00000000000000012", "quantity": 2},
    )
    assert record.events is None
    assert record.status is ShipmentStatus.IN_TRANSIT


def test_each_package_is_tracked_by_itself_and_gives_its_record_at_once(server: ScriptedServer) -> None:
    connector, stubs = stubs_of(server, [{**order_row(2), "parentOrderMap": order_row(3)["parentOrderMap"]}])
    server.answer(payloads.load("temu/shipment_v2_two_packages"))
    page = connector.fetch_details(Resource.SHIPMENTS, stubs)
    found = []
    while page.stubs:
        server.answer(success({**result("tracking"), "packageSn": page.stubs[0].payload["untracked"][0]["packageSn"]}))
        page = connector.fetch_details(Resource.SHIPMENTS, page.stubs)
        found += [record.external_id for record in page.records]
    assert found == ["PK-0000000000000000031", "PK-0000000000000000032", "PK-0000000000000000033"]


def test_the_tracking_of_another_package_is_not_taken(server: ScriptedServer) -> None:
    connector, stubs = stubs_of(server, [order_row(3)])
    server.answer(payloads.load("temu/shipment_v2"))
    page = connector.fetch_details(Resource.SHIPMENTS, stubs)
    server.answer(success({**result("tracking"), "packageSn": "PK-0000000000000000099"}))
    with pytest.raises(errors.UnreadableAnswer, match="another packageSn"):
        connector.fetch_details(Resource.SHIPMENTS, page.stubs)


@pytest.mark.parametrize("code", [170070011, 3000032])
def test_a_package_that_cannot_be_tracked_is_a_record_without_events(server: ScriptedServer, code: int) -> None:
    connector, stubs = stubs_of(server, [order_row(3)])
    server.answer(payloads.load("temu/shipment_v2"))
    page = connector.fetch_details(Resource.SHIPMENTS, stubs)
    server.answer(failure(code))
    (record,) = connector.fetch_details(Resource.SHIPMENTS, page.stubs).records
    assert record.events is None
    assert record.is_valid


def test_labelled_packages_of_many_orders_are_one_call(server: ScriptedServer) -> None:
    connector, stubs = stubs_of(server, [order_row(0), order_row(5)], UNTRACKED)
    server.answer(payloads.load("temu/unshipped_package"))
    page = connector.fetch_details(Resource.SHIPMENTS, stubs)
    numbers = ["PO-211-00000000000000001", "PO-211-00000000000000006"]
    assert sent(server)[1] == (UNSHIPPED, {"pageNumber": 1, "pageSize": 100, "parentOrderSnList": numbers})
    assert [record.external_id for record in page.records] == ["PK-0000000000000000011"]
    assert page.stubs == ()
    assert connector.capabilities[Resource.SHIPMENTS].may_be_empty >= {"unshipped"}


def test_a_line_without_a_package_brings_nothing_but_a_missing_list_is_an_error(server: ScriptedServer) -> None:
    connector, stubs = stubs_of(server, [order_row(3)])
    server.answer(success({"shipmentInfoDTO": []}))
    page = connector.fetch_details(Resource.SHIPMENTS, stubs)
    assert (page.records, page.stubs, page.unreadable) == ((), (), ())
    server.answer(success({}))
    with pytest.raises(errors.UnreadableAnswer):
        connector.fetch_details(Resource.SHIPMENTS, stubs)


def test_more_packages_than_a_page_shows_are_asked_for_order_by_order(server: ScriptedServer) -> None:
    connector, stubs = stubs_of(server, [order_row(0), order_row(5)])
    server.answer(success({**result("unshipped_package"), "totalItemNum": 101}))
    with pytest.raises(errors.RecordRefused):
        connector.fetch_details(Resource.SHIPMENTS, stubs)
