"""The packages of orders that are known: many orders a call name them, and each is one call more."""

import pytest

from shops.marketplaces import errors
from shops.marketplaces.records import Payload, Resource, UnreadableRecord
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.asking import ask_for_packages, known
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.tiktok.client.connecting import connector

ORDER, PACKAGE = "576460000000000002", "1152000000000000002"


def orders(server: ScriptedServer, *rows: Payload) -> None:
    server.answer({"code": 0, "data": {"orders": list(rows)}})


def detail(server: ScriptedServer, **changes: object) -> None:
    whole = payloads.load("tiktok/package_detail")
    server.answer({**whole, "data": {**whole["data"], **changes}})


def test_orders_name_their_packages_and_each_is_asked_for_without_tracking(server: ScriptedServer) -> None:
    orders(server, {"id": ORDER, "packages": [{"id": PACKAGE}], "line_items": [{"package_id": PACKAGE}]}, {"id": "5"})
    detail(server)
    (record,) = ask_for_packages(connector(server), known(ORDER), known("5"))
    assert [request.path for request in server.requests] == [
        "/order/202309/orders",
        f"/fulfillment/202309/packages/{PACKAGE}",
    ]
    assert server.requests[0].query["ids"] == f"{ORDER},5"
    assert (record.external_id, record.tracking_number, record.carrier_name) == (
        PACKAGE,
        "9400100000000000000001",
        "USPS",
    )
    assert record.contents == ({"order": ORDER, "line": "576460000000065538", "quantity": 1},)
    assert (record.events, record.is_valid, [*record.payload]) == (None, True, ["package"])


def test_a_package_that_two_orders_share_is_asked_for_once(server: ScriptedServer) -> None:
    orders(server, *({"id": number, "packages": [{"id": PACKAGE}]} for number in (ORDER, "5")))
    detail(server, orders=[{"id": ORDER}, {"id": "5"}])
    (record,) = ask_for_packages(connector(server), known(ORDER), known("5"))
    assert record.order_external_ids == (ORDER, "5")
    assert len(server.requests) == 2


def test_a_package_that_only_a_line_names_is_found(server: ScriptedServer) -> None:
    orders(server, {"id": ORDER, "line_items": [{"package_id": PACKAGE}, {"package_id": ""}, {}]})
    detail(server)
    assert [record.external_id for record in ask_for_packages(connector(server), known(ORDER))] == [PACKAGE]


def test_a_package_without_lines_is_a_record_without_lines(server: ScriptedServer) -> None:
    orders(server, {"id": ORDER, "packages": [{"id": PACKAGE}]})
    detail(server, order_line_item_ids=[])
    (record,) = ask_for_packages(connector(server), known(ORDER))
    assert (record.contents, record.order_external_ids) == ((), (ORDER,))


@pytest.mark.parametrize("row", [{"id": "5", "packages": [{"id": PACKAGE}]}, {"packages": [{"id": PACKAGE}]}])
def test_an_order_that_is_not_in_the_answer_is_told(server: ScriptedServer, row: Payload) -> None:
    orders(server, row)
    (told,) = ask_for_packages(connector(server), known(ORDER))
    assert (type(told), told.external_id) == (UnreadableRecord, ORDER)
    assert len(server.requests) == 1  # another order's package is not asked for


def test_a_package_without_a_readable_id_tells_its_order(server: ScriptedServer) -> None:
    orders(server, {"id": ORDER, "packages": [{"id": None}]})
    (told,) = ask_for_packages(connector(server), known(ORDER))
    assert (type(told), told.external_id) == (UnreadableRecord, ORDER)


@pytest.mark.parametrize("changes", [{"package_id": "6"}, {"package_id": None}, {"orders": [{"id": "5"}]}])
def test_a_package_of_another_order_is_refused(server: ScriptedServer, changes: Payload) -> None:
    orders(server, {"id": ORDER, "packages": [{"id": PACKAGE}]})
    detail(server, **changes)
    with pytest.raises(errors.RecordRefused):
        ask_for_packages(connector(server), known(ORDER))


def test_the_stub_of_a_package_tells_which_order_was_asked_for(server: ScriptedServer) -> None:
    orders(server, {"id": ORDER, "packages": [{"id": PACKAGE}]})
    tiktok = connector(server)
    (stub,) = tiktok.fetch_details(Resource.SHIPMENTS, tiktok.plan_packages([known(ORDER)])).stubs
    assert (stub.external_id, stub.payload["asked_order"]) == (PACKAGE, ORDER)
