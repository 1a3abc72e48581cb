"""The packages of orders that are known: their lines, for many orders a call, and no trace."""

import pytest

from shops.marketplaces import errors
from shops.marketplaces.contract import KnownOrder
from shops.marketplaces.records import Payload, Resource, UnreadableRecord
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.asking import ask_for_packages, known
from tests.shops.marketplaces.lazada.calling import DAY, connector, ok
from tests.shops.marketplaces.scripted_server import ScriptedServer

ORDER, OTHER = "418530001000001", "418530001000002"
LINE: Payload = payloads.load("lazada/orders_items_get")["data"][0]["order_items"][0]


def answer(server: ScriptedServer, *lines: Payload, order: str = ORDER) -> None:
    server.answer(ok([{"order_id": int(order), "order_items": list(lines)}]))


def line(number: int, **changes: object) -> Payload:
    return {**LINE, "order_item_id": number, **changes}


def test_the_lines_of_many_orders_are_one_call_and_all_that_is_asked(server: ScriptedServer) -> None:
    server.answer(payloads.load("lazada/orders_items_get"))
    lazada = connector(server)
    records = ask_for_packages(lazada, KnownOrder(ORDER, "delivered", DAY.start), known(OTHER))
    assert [request.path for request in server.requests] == ["/rest/orders/items/get"]
    assert server.requests[0].query["order_ids"] == f"[{ORDER},{OTHER}]"
    (record,) = records  # the other order has no package yet
    assert (record.external_id, record.tracking_number) == ("FP010000000000001", "LEXTH0000000001")
    assert (record.order_external_ids, record.events) == ((ORDER,), None)
    assert (record.is_valid, "asked_order" in record.payload) == (True, False)
    assert record.source_updated_at >= DAY.start
    assert lazada.map_payload(Resource.SHIPMENTS, record.payload) == record


def test_each_package_has_its_own_lines(server: ScriptedServer) -> None:
    answer(server, line(1), line(2, package_id="FP2", tracking_code="T2", status="shipped"), line(3, package_id=""))
    first, second = ask_for_packages(connector(server), known(ORDER))
    assert (second.external_id, second.tracking_number) == ("FP2", "T2")
    told = [[content["line"] for content in record.contents] for record in (first, second)]
    assert told == [["1"], ["2"]]


def test_a_hundred_packages_are_a_hundred_records(server: ScriptedServer) -> None:
    answer(server, *(line(number, package_id=f"FP{number}") for number in range(100)))
    assert len({record.external_id for record in ask_for_packages(connector(server), known(ORDER))}) == 100


@pytest.mark.parametrize(("order", "named", "error"), [(OTHER, OTHER, "not given"), (ORDER, OTHER, "another one")])
def test_the_lines_of_another_order_are_not_taken(server: ScriptedServer, order: str, named: str, error: str) -> None:
    answer(server, line(1, order_id=int(named)), order=order)
    (told,) = ask_for_packages(connector(server), known(ORDER))
    assert (type(told), told.external_id) == (UnreadableRecord, ORDER)
    assert error in told.error
    assert "asked_order" not in told.payload


def test_a_package_whose_number_cannot_be_read_tells_its_order(server: ScriptedServer) -> None:
    answer(server, line(1, package_id=["FP1"]), line(2))
    whole, broken = sorted(ask_for_packages(connector(server), known(ORDER)), key=lambda one: type(one).__name__)
    assert (type(broken), broken.external_id) == (UnreadableRecord, ORDER)
    assert whole.external_id == "FP010000000000001"


def test_an_order_that_is_not_the_shops_is_refused(server: ScriptedServer) -> None:
    server.answer({"code": "16", "type": "ISP", "message": 'E016: "1" Invalid Order ID'})
    with pytest.raises(errors.RecordRefused):
        ask_for_packages(connector(server), known("1"))
