"""The packages of orders that are known: many orders a call name them, and each number is one call more."""

import pytest

from shops.marketplaces import errors
from shops.marketplaces.records import Payload, Resource, UnreadableRecord
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.asking import ask_for_packages, known
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.shopee.calling import asked, connector, wrapped
from tests.shops.marketplaces.shopee.samples import response

ORDER = "240115AB3CD4EF"
NUMBER = wrapped({"tracking_number": "SPXSG1", "hint": ""})


def order(number: str = ORDER, **changes: object) -> Payload:
    return {**response("order_detail")["order_list"][0], "order_sn": number, **changes}


def package(**changes: object) -> Payload:
    whole: Payload = response("order_detail")["order_list"][0]["package_list"][0]
    return {**whole, **changes}


def answer(server: ScriptedServer, *orders: Payload) -> None:
    server.answer(wrapped({"order_list": list(orders)}))


def test_orders_name_their_packages_and_each_number_is_asked_for_without_events(server: ScriptedServer) -> None:
    parcels = [package(), package(package_number="OFG170000000000002")]
    answer(server, order(package_list=parcels), order("240118PQ7RS8TU", package_list=[]))
    server.answer(payloads.load("shopee/tracking_number")["response"])
    server.answer(NUMBER)
    shopee = connector(server)
    first, second = ask_for_packages(shopee, known(ORDER), known("240118PQ7RS8TU"))
    assert asked(server, 0)["order_sn_list"] == f"{ORDER},240118PQ7RS8TU"
    assert [request.path.rsplit("/", 1)[-1] for request in server.requests] == [
        "get_order_detail",
        "get_tracking_number",
        "get_tracking_number",
    ]
    assert (first.external_id, first.tracking_number) == ("OFG170000000000001", "SPXSG000000000001")
    assert (second.external_id, second.tracking_number) == ("OFG170000000000002", "SPXSG1")
    assert {record.order_external_ids for record in (first, second)} == {(ORDER,)}
    assert all(record.contents and record.carrier_name and record.is_valid for record in (first, second))
    assert {record.events for record in (first, second)} == {None}
    assert [*first.payload] == ["order", "package", "number"]
    assert shopee.map_payload(Resource.SHIPMENTS, first.payload) == first


def test_a_package_that_is_not_arranged_needs_no_call_and_one_without_lines_has_none(server: ScriptedServer) -> None:
    unarranged = package(logistics_status="LOGISTICS_READY", item_list=[])
    answer(server, order(package_list=[unarranged]))
    (record,) = ask_for_packages(connector(server), known(ORDER))
    assert (record.external_id, record.contents, record.tracking_number) == (unarranged["package_number"], (), "")
    assert len(server.requests) == 1


def test_a_hundred_packages_are_a_hundred_records(server: ScriptedServer) -> None:
    answer(server, order(package_list=[package(package_number=f"OFG{number}") for number in range(100)]))
    for _ in range(100):
        server.answer(NUMBER)
    assert len({one.external_id for one in ask_for_packages(connector(server), known(ORDER))}) == 100


@pytest.mark.parametrize("row", [order("OTHER"), {"package_list": [package()]}])
def test_an_order_that_is_not_in_the_answer_is_told_and_anothers_package_not_taken(
    server: ScriptedServer, row: Payload
) -> None:
    answer(server, row)
    (told,) = ask_for_packages(connector(server), known(ORDER))
    assert (type(told), told.external_id) == (UnreadableRecord, ORDER)
    assert told.payload == {"order": {"order_sn": ORDER}}
    assert len(server.requests) == 1


def test_an_answer_without_a_number_is_refused_so_that_other_orders_do_not_wait_for_it(server: ScriptedServer) -> None:
    answer(server, order(package_list=[package()]))
    server.answer(wrapped({"hint": ""}))
    with pytest.raises(errors.RecordRefused, match="no tracking number"):
        ask_for_packages(connector(server), known(ORDER))


def test_a_package_without_a_number_tells_its_order(server: ScriptedServer) -> None:
    answer(server, order(package_list=[package(package_number=None), "none"]))
    told = ask_for_packages(connector(server), known(ORDER))
    assert [(type(one), one.external_id) for one in told] == [(UnreadableRecord, ORDER)] * 2


def test_an_order_that_is_not_the_shops_is_refused_and_so_is_a_package_under_its_order(server: ScriptedServer) -> None:
    shopee = connector(server)
    server.answer({"error": "error_not_found", "message": "Wrong parameters, detail: the order is not found."})
    with pytest.raises(errors.RecordRefused):
        ask_for_packages(shopee, known("A"))
    answer(server, order())
    stubs = shopee.fetch_details(Resource.SHIPMENTS, shopee.plan_packages([known(ORDER)])).stubs
    assert {stub.payload["asked_order"] for stub in stubs} == {ORDER}
