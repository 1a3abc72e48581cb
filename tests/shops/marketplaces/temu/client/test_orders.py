"""The order list, amounts and packages of orders."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shops.marketplaces import errors
from shops.marketplaces.contract import ListQuery
from shops.marketplaces.records import OrderStatus, Resource, Stub, Token
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.temu.client.connecting import TOKEN, WINDOW, connect, failure, sent, success
from tests.shops.marketplaces.temu.samples import order_row

QUERY = ListQuery(Resource.ORDERS, WINDOW)
FIRST = "PO-211-00000000000000001"
BOTH = ["fulfillBySeller", "fulfillByCooperativeWarehouse"]
NO_AMOUNTS = Token(TOKEN.access_token, scopes=("bg.order.list.v2.get", "bg.order.detail.v2.get"))


def page(total: int, rows: int) -> dict[str, Any]:
    return success({"totalItemNum": total, "pageItems": [order_row(0)] * rows})


def test_the_list_names_window_statuses_and_fulfilments(server: ScriptedServer) -> None:
    server.answer(payloads.load("temu/order_list"))
    connect(server).fetch_page(QUERY)
    assert sent(server) == [
        (
            "bg.order.list.v2.get",
            {
                "pageNumber": 1,
                "pageSize": 100,
                "updateAtStart": 1766600000,
                "updateAtEnd": 1767225599,  # inclusive there
                "parentOrderStatus": 0,
                "sortby": "updateTime",
                "fulfillmentTypeList": BOTH,
            },
        )
    ]


def test_listed_orders_wait_for_their_amounts(server: ScriptedServer) -> None:
    server.answer(payloads.load("temu/order_list"))
    found = connect(server).fetch_page(QUERY)
    assert (found.records, found.total_count, found.next_token, len(found.stubs)) == ((), 6, "", 6)
    changed = datetime.fromtimestamp(1767101900, UTC)
    assert found.stubs[0] == Stub(FIRST, "amounts", {"order": order_row(0)}, changed)


def test_without_the_scope_a_listed_order_is_whole(server: ScriptedServer) -> None:
    server.answer(payloads.load("temu/order_list"))
    found = connect(server, token=NO_AMOUNTS).fetch_page(QUERY)
    assert (len(found.records), found.stubs) == (6, ())
    assert found.records[0].total_amount is None
    assert found.records[0].is_valid


@pytest.mark.parametrize(
    ("total", "rows", "token", "following"),
    [(201, 100, "2", "3"), (200, 100, "2", ""), (9, 0, "", ""), (0, 100, "", "2"), (120, 30, "2", "3")],
)
def test_pages_end_where_the_total_says(
    server: ScriptedServer, total: int, rows: int, token: str, following: str
) -> None:
    server.answer(page(total, rows))
    found = connect(server).fetch_page(QUERY, token)
    assert (found.next_token, found.total_count) == (following, total)
    assert sent(server)[0][1]["pageNumber"] == int(token or 1)


@pytest.mark.parametrize("result", [{"pageItems": []}, {"totalItemNum": 3}, {"totalItemNum": None, "pageItems": []}])
def test_a_list_that_does_not_say_its_length_is_no_empty_one(server: ScriptedServer, result: dict[str, Any]) -> None:
    server.answer(success(result))
    with pytest.raises(errors.UnreadableAnswer):
        connect(server).fetch_page(QUERY)


def test_statuses_are_searched_for_by_number(server: ScriptedServer) -> None:
    connector = connect(server)
    planned = connector.plan_lists(Resource.ORDERS, WINDOW, OrderStatus.IN_TRANSIT)
    assert [query.raw_status for query in planned] == ["4", "51"]
    assert connector.plan_lists(Resource.ORDERS, WINDOW, OrderStatus.COMPLETED) == ()
    server.answer(payloads.load("temu/order_list_empty"))
    connector.fetch_page(planned[1])
    assert sent(server)[0][1]["parentOrderStatus"] == 51


def test_amounts_complete_an_order(server: ScriptedServer) -> None:
    server.answer(payloads.load("temu/order_amount"))
    stub = Stub(FIRST, "amounts", {"order": order_row(0)})
    (record,) = connect(server).fetch_details(Resource.ORDERS, [stub]).records
    assert sent(server) == [("bg.order.amount.query", {"parentOrderSn": FIRST})]
    assert str(record.total_amount) == "65.58"
    assert set(record.payload) == {"order", "amounts"}


@pytest.mark.parametrize("step", ["amounts", "packages"])
def test_what_is_told_of_another_order_is_not_taken(server: ScriptedServer, step: str) -> None:
    other = {"parentOrderSn": "PO-211-00000000000000009"}
    server.answer(success({"parentOrderMap": other, "orderList": []}))
    with pytest.raises(errors.UnreadableAnswer, match="another parentOrderSn"):
        connect(server).fetch_details(Resource.ORDERS, [Stub(FIRST, step, {"order": order_row(0)})])


def test_a_refused_scope_is_asked_for_once(server: ScriptedServer) -> None:
    server.answer(payloads.load("temu/order_amount_not_permitted"))
    connector = connect(server)
    stub = Stub(FIRST, "amounts", {"order": order_row(0)})
    for _ in range(2):
        (record,) = connector.fetch_details(Resource.ORDERS, [stub]).records
        assert record.is_valid
        assert record.total_amount is None
    assert len(server.requests) == 1


def test_an_unsigned_agreement_leaves_amounts_out_too(server: ScriptedServer) -> None:
    server.answer(failure(140020003))
    (record,) = (
        connect(server).fetch_details(Resource.ORDERS, [Stub(FIRST, "amounts", {"order": order_row(0)})]).records
    )
    assert record.is_valid


def test_amounts_that_are_being_computed_make_an_invalid_order(server: ScriptedServer) -> None:
    server.answer(failure(140020008, "amounts are being calculated"))
    connector = connect(server)
    (record,) = connector.fetch_details(Resource.ORDERS, [Stub(FIRST, "amounts", {"order": order_row(0)})]).records
    assert record.problems == ("Temu was still computing the amounts of this order.",)
    assert connector.map_payload(Resource.ORDERS, record.payload) == record


@pytest.mark.parametrize(("code", "expected"), [(140020002, errors.RecordRefused), (140020009, errors.RecordNotReady)])
def test_an_order_that_is_refused_is_refused_alone(
    server: ScriptedServer, code: int, expected: type[errors.RecordRefused]
) -> None:
    server.answer(failure(code))
    with pytest.raises(errors.RecordRefused) as caught:
        connect(server).fetch_details(Resource.ORDERS, [Stub(FIRST, "amounts", {"order": order_row(0)})])
    assert type(caught.value) is expected


def test_orders_by_number_bring_the_packages_of_those_that_left(server: ScriptedServer) -> None:
    connector = connect(server, token=NO_AMOUNTS)
    server.answer(success({"totalItemNum": 2, "pageItems": [order_row(0), order_row(2)]}))
    found = connector.fetch_by_ids(Resource.ORDERS, [FIRST, "PO-211-00000000000000003"])
    assert sent(server)[0][1]["parentOrderSnList"] == [FIRST, "PO-211-00000000000000003"]
    assert [record.external_id for record in found.records] == [FIRST]
    assert [(stub.external_id, stub.step) for stub in found.stubs] == [("PO-211-00000000000000003", "packages")]
    server.answer(payloads.load("temu/order_detail_partial"))
    (record,) = connector.fetch_details(Resource.ORDERS, found.stubs).records
    expected = {"parentOrderSn": "PO-211-00000000000000003", "fulfillmentTypeList": BOTH}
    assert sent(server)[1] == ("bg.order.detail.v2.get", expected)
    assert [package.external_id for package in record.packages or ()] == [
        "PK-0000000000000000031",
        "PK-0000000000000000032",
    ]


def test_an_order_without_a_number_is_kept_apart(server: ScriptedServer) -> None:
    row = order_row(0)
    del row["parentOrderMap"]["parentOrderSn"]
    server.answer(success({"totalItemNum": 1, "pageItems": [row]}))
    found = connect(server).fetch_page(QUERY)
    assert (found.records, found.stubs) == ((), ())
    assert found.unreadable[0].payload == {"order": row}
