"""The packages of orders that are known: one call for each line that is sent, and none for tracking."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shops.marketplaces import errors
from shops.marketplaces.contract import KnownOrder
from shops.marketplaces.records import Payload, Resource, ShipmentStatus, UnreadableRecord
from tests.shops.marketplaces.asking import ask_for_packages, known
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.temu.client.connecting import connect, failure, sent, success
from tests.shops.marketplaces.temu.samples import result

ORDER = "PO-211-00000000000000004"
CHANGED_AT = datetime(2026, 7, 31, 10, tzinfo=UTC)
CALL = "bg.logistics.shipment.v2.get"


def shipment(number: str = "PK-1", **changes: object) -> Payload:
    return {**result("shipment_v2")["shipmentInfoDTO"][0], "packageSn": number, **changes}


def answer(server: ScriptedServer, *shipments: Payload) -> None:
    server.answer(success({"shipmentInfoDTO": list(shipments)}))


def test_each_line_that_is_sent_is_one_call_and_a_shared_package_one_record(server: ScriptedServer) -> None:
    answer(server, shipment(quantity=1))
    answer(server, shipment(quantity=2), shipment("PK-2", trackingNumber="T2"))
    order = KnownOrder(ORDER, "4", CHANGED_AT, (("A", "4"), ("B", "5"), ("C", "2"), ("D", "3")))
    first, second = ask_for_packages(connect(server), order)
    assert sent(server) == [(CALL, {"parentOrderSn": ORDER, "orderSn": line}) for line in ("A", "B")]
    assert first.contents == (
        {"order": ORDER, "line": "A", "quantity": 1},
        {"order": ORDER, "line": "B", "quantity": 2},
    )
    assert (second.external_id, second.tracking_number) == ("PK-2", "T2")
    assert [line["line"] for line in second.contents] == ["B"]
    assert (first.carrier_name, first.status, second.status) == (
        result("shipment_v2")["shipmentInfoDTO"][0]["carrierName"],
        ShipmentStatus.UNKNOWN,  # one line is on its way, the other delivered
        ShipmentStatus.DELIVERED,
    )
    assert {record.source_updated_at for record in (first, second)} == {CHANGED_AT}
    assert {record.events for record in (first, second)} == {None}
    assert all(record.is_valid for record in (first, second))
    assert "asked_order" not in str(first.payload)
    assert connect(server).map_payload(Resource.SHIPMENTS, first.payload) == first


def test_where_no_line_is_known_as_sent_all_are_asked(server: ScriptedServer) -> None:
    for _ in "AB":
        answer(server)
    assert ask_for_packages(connect(server), known(ORDER, [("A", "2"), ("B", "3")])) == []
    assert [asked["orderSn"] for _, asked in sent(server)] == ["A", "B"]


def test_a_hundred_packages_are_a_hundred_records(server: ScriptedServer) -> None:
    answer(server, *(shipment(f"PK-{number}") for number in range(100)))
    records = ask_for_packages(connect(server), known(ORDER, [("A", "4")]))
    assert [record.external_id for record in records] == [f"PK-{number}" for number in range(100)]


@pytest.mark.parametrize("named", [{"orderSn": "B"}, {"parentOrderSn": "PO-1"}])
def test_an_answer_about_another_order_is_refused_and_in_a_list_asked_for_again(
    server: ScriptedServer, named: Payload
) -> None:
    temu = connect(server)
    (stub,) = temu.plan_packages([known(ORDER, [("A", "4")])])
    answer(server, shipment(**named))
    with pytest.raises(errors.RecordRefused, match="another order"):
        temu.fetch_details(Resource.SHIPMENTS, [stub])
    listed = replace(stub, payload={key: value for key, value in stub.payload.items() if key != "asked_order"})
    answer(server, shipment(**named))
    with pytest.raises(errors.UnreadableAnswer, match="another order"):
        temu.fetch_details(Resource.SHIPMENTS, [listed])


def test_an_answer_without_a_list_is_refused_so_that_other_orders_do_not_wait_for_it(server: ScriptedServer) -> None:
    server.answer(success({}))
    with pytest.raises(errors.RecordRefused, match="no list"):
        ask_for_packages(connect(server), known(ORDER, [("A", "4")]))


def test_an_order_that_does_not_exist_or_has_no_known_line_is_refused(server: ScriptedServer) -> None:
    server.answer(failure(120012016))
    with pytest.raises(errors.RecordRefused):
        ask_for_packages(connect(server), known(ORDER, [("A", "4")]))
    with pytest.raises(errors.RecordRefused, match="No line of the order is known"):
        ask_for_packages(connect(server), known(ORDER))
    assert len(server.requests) == 1


def test_a_package_without_a_number_tells_its_order_and_spares_the_others(server: ScriptedServer) -> None:
    answer(server, shipment(packageSn=None), shipment("PK-2"))
    broken, whole = sorted(
        ask_for_packages(connect(server), known(ORDER, [("A", "4")])), key=lambda one: one.external_id, reverse=True
    )
    assert (type(broken), broken.external_id) == (UnreadableRecord, ORDER)
    assert whole.external_id == "PK-2"
