"""Each resource's calls: what is sent, what comes back, and what needs no call at all."""

from datetime import timedelta
from typing import Any

import pytest

from shops.marketplaces import errors
from shops.marketplaces.contract import ShopKeys
from shops.marketplaces.records import OrderStatus, Resource, StatementRecord, Stub, TransactionRecord, Window
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.lazada import samples
from tests.shops.marketplaces.lazada.calling import DAY, START, connector, ok, order_page, order_row
from tests.shops.marketplaces.scripted_server import ScriptedServer

ITEMS = payloads.load("lazada/orders_items_get")
NOT_FOUND = {"code": "16", "type": "ISP", "message": 'E016: "1" Invalid Order ID'}


def stubs(step: str = "items") -> list[Stub]:
    return [Stub(str(one["order"]["order_id"]), step, {"order": one["order"]}) for one in samples.orders()]


def whole(number: int = 0) -> list[Stub]:
    payload = samples.orders()[number]
    return [Stub(str(payload["order"]["order_id"]), "trace", payload)]


def test_the_lines_of_many_orders_come_with_one_call(server: ScriptedServer) -> None:
    server.answer(ITEMS)
    page = connector(server).fetch_details(Resource.ORDERS, stubs())
    assert server.requests[0].path == "/rest/orders/items/get"
    assert server.requests[0].query["order_ids"] == "[418530001000001,418530001000002]"
    assert [record.external_id for record in page.records] == ["418530001000001", "418530001000002"]
    assert [record.payload for record in page.records] == samples.orders()
    assert all(record.is_valid for record in page.records)


def test_an_order_whose_lines_do_not_come_is_missing_and_not_empty(server: ScriptedServer) -> None:
    server.answer(ok(ITEMS["data"][:1]))
    page = connector(server).fetch_details(Resource.ORDERS, stubs())
    assert [record.external_id for record in page.records] == ["418530001000001"]


def test_our_statuses_become_the_words_of_the_search(server: ScriptedServer) -> None:
    lazada = connector(server)
    words = [query.raw_status for query in lazada.plan_lists(Resource.ORDERS, DAY, OrderStatus.AWAITING_SHIPMENT)]
    assert words == ["pending", "packed"]
    assert lazada.plan_lists(Resource.ORDERS, DAY, OrderStatus.PARTIALLY_SHIPPED) == ()
    server.answer(order_page([], 0))
    lazada.fetch_page(lazada.plan_lists(Resource.ORDERS, DAY, "cancelled")[0])
    assert server.requests[0].query["status"] == "canceled"


def test_an_order_by_its_id_still_lacks_its_lines(server: ScriptedServer) -> None:
    server.answer(payloads.load("lazada/order_get"))
    server.answer(NOT_FOUND)
    lazada = connector(server)
    (stub,) = lazada.fetch_by_ids(Resource.ORDERS, ["418530001000001"]).stubs
    assert (stub.external_id, stub.step) == ("418530001000001", "items")
    assert server.requests[0].query["order_id"] == "418530001000001"
    assert lazada.fetch_by_ids(Resource.ORDERS, ["1"]).stubs == ()


def test_orders_that_cannot_have_a_parcel_yet_cost_no_call(server: ScriptedServer) -> None:
    server.answer(
        order_page(
            [
                order_row(1, START, statuses=("pending",)),
                order_row(2, START, statuses=("pending", "ready_to_ship")),
                order_row(3, START, statuses=("canceled",)),
                order_row(4, START, statuses=()),
                order_row(5, START) | {"statuses": [7]},
            ],
            5,
        )
    )
    lazada = connector(server)
    page = lazada.fetch_page(lazada.plan_lists(Resource.SHIPMENTS, DAY)[0])
    assert [stub.external_id for stub in page.stubs] == ["2", "3", "4", "5"]
    assert page.passed_ids == ("1",)
    assert {stub.source_updated_at for stub in page.stubs} == {None}  # an order's id is no parcel's


def test_only_lines_in_a_parcel_are_traced(server: ScriptedServer) -> None:
    server.answer(ITEMS)
    page = connector(server).fetch_details(Resource.SHIPMENTS, stubs())
    assert [(stub.external_id, stub.step) for stub in page.stubs] == [("418530001000001", "trace")]
    assert (page.records, page.unreadable) == ((), ())


def test_a_parcel_that_is_only_packed_is_known_without_a_trace(server: ScriptedServer) -> None:
    items = payloads.load("lazada/orders_items_get")
    for line in items["data"][0]["order_items"]:
        line["status"] = "packed"
    server.answer(items)
    page = connector(server).fetch_details(Resource.SHIPMENTS, stubs())
    assert [(record.external_id, record.events) for record in page.records] == [("FP010000000000001", None)]
    assert page.stubs == ()


def test_lines_that_do_not_come_are_told_of_a_parcels_order(server: ScriptedServer) -> None:
    server.answer(ok([]))
    page = connector(server).fetch_details(Resource.SHIPMENTS, stubs()[:1])
    assert [row.external_id for row in page.unreadable] == ["418530001000001"]


def test_a_trace_makes_a_parcel_with_its_events(server: ScriptedServer) -> None:
    server.answer(payloads.load("lazada/order_trace"))
    page = connector(server).fetch_details(Resource.SHIPMENTS, whole())
    assert server.requests[0].path == "/rest/logistic/order/trace"
    assert server.requests[0].query["order_id"] == "418530001000001"
    (parcel,) = page.records
    assert parcel.payload == samples.parcel()
    assert [event.raw_status for event in parcel.events or ()] == ["DELIVERED"]


@pytest.mark.parametrize(
    "answer",
    [
        NOT_FOUND,
        ok({"success": False, "error_code": {"displayMessage": "not ready"}}, "result"),
        ok({"success": "false"}, "result"),
    ],
)
def test_where_no_trace_is_given_the_parcel_is_kept_without_events(server: ScriptedServer, answer: Any) -> None:
    server.answer(answer)
    (parcel,) = connector(server).fetch_details(Resource.SHIPMENTS, whole()).records
    assert (parcel.external_id, parcel.events, parcel.is_valid) == ("FP010000000000001", None, True)
    assert parcel.attributes["refusal"]


def test_a_trace_that_asks_for_another_try_gets_one(server: ScriptedServer) -> None:
    server.answer(ok({"success": False, "retry": True}, "result"))
    with pytest.raises(errors.ServerError):
        connector(server).fetch_details(Resource.SHIPMENTS, whole())


def test_reverse_orders_are_asked_for_in_milliseconds_up_to_the_last_one(server: ScriptedServer) -> None:
    server.answer(payloads.load("lazada/reverse_orders_for_seller"))
    lazada = connector(server)
    page = lazada.fetch_page(lazada.plan_lists(Resource.RETURNS, DAY)[0])
    asked = server.requests[0].query
    assert asked["ReverseOrderLineModifiedTimeRangeStart"] == f"{START}000"
    assert asked["ReverseOrderLineModifiedTimeRangeEnd"] == f"{START + 86_399}999"
    assert (asked["page_no"], page.next_token, page.total_count) == ("1", "", 1)
    assert [record.external_id for record in page.records] == ["501900000000001"]


def test_a_server_that_gives_fewer_reverse_orders_than_asked_for_is_followed(server: ScriptedServer) -> None:
    item = payloads.load("lazada/reverse_orders_for_seller")["result"]["items"][0]
    for _ in range(2):
        server.answer(ok({"success": True, "total": 5, "items": [item] * 2}, "result"))
    server.answer(ok({"success": True, "total": 5, "items": [item]}, "result"))
    lazada = connector(server)
    (query,) = lazada.plan_lists(Resource.RETURNS, DAY)
    token = ""
    for _ in range(3):
        token = lazada.fetch_page(query, token).next_token
    assert token == ""
    assert [request.query["page_no"] for request in server.requests] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "result",
    [
        {"success": True, "items": []},
        {"success": True, "total": 2},
        {"success": True, "total": 2, "items": []},
        {"success": False, "total": 0, "items": []},
    ],
)
def test_no_broken_list_of_reverse_orders_passes_for_an_empty_one(server: ScriptedServer, result: Any) -> None:
    server.answer(ok(result, "result"))
    lazada = connector(server)
    with pytest.raises(errors.MarketplaceError):
        lazada.fetch_page(lazada.plan_lists(Resource.RETURNS, DAY)[0])


def test_a_reverse_order_by_its_id_comes_from_the_list(server: ScriptedServer) -> None:
    server.answer(payloads.load("lazada/reverse_orders_for_seller"))
    page = connector(server).fetch_by_ids(Resource.RETURNS, ["501900000000001"])
    assert server.requests[0].query["reverse_order_id"] == "501900000000001"
    assert [record.external_id for record in page.records] == ["501900000000001"]


def test_transactions_are_asked_for_by_the_shops_days_until_a_page_is_not_full(server: ScriptedServer) -> None:
    row = payloads.load("lazada/finance_transaction_details_get")["data"][0]
    server.answer(ok([row] * 500))
    server.answer(ok([row] * 3))
    lazada = connector(server)
    movements, _ = lazada.plan_lists(Resource.TRANSACTIONS, DAY)
    first = lazada.fetch_page(movements)
    second = lazada.fetch_page(movements, first.next_token)
    asked = server.requests[0].query
    assert (asked["start_time"], asked["end_time"]) == ("2024-01-21", "2024-01-21")
    assert [request.query["offset"] for request in server.requests] == ["0", "500"]
    assert (len(second.records), second.next_token) == (3, "")
    assert isinstance(second.records[0], TransactionRecord)


@pytest.mark.parametrize(("count", "following"), [(100, "100"), (50, "50"), (101, ""), (0, "")])
def test_a_page_that_a_server_may_have_cut_is_not_the_last(server: ScriptedServer, count: int, following: str) -> None:
    server.answer(ok([payloads.load("lazada/finance_transaction_details_get")["data"][0]] * count))
    lazada = connector(server)
    assert lazada.fetch_page(lazada.plan_lists(Resource.TRANSACTIONS, DAY)[0]).next_token == following


def test_a_window_takes_every_local_day_that_it_touches(server: ScriptedServer) -> None:
    server.answer(ok([]))
    lazada = connector(server)
    a_second_more = Window(DAY.start - timedelta(seconds=1), DAY.end + timedelta(seconds=1))
    lazada.fetch_page(lazada.plan_lists(Resource.TRANSACTIONS, a_second_more)[0])
    asked = server.requests[0].query
    assert (asked["start_time"], asked["end_time"]) == ("2024-01-20", "2024-01-22")


def test_the_longest_window_stays_below_what_the_list_takes(server: ScriptedServer) -> None:
    server.answer(ok([]))
    lazada = connector(server)
    longest = lazada.capabilities[Resource.TRANSACTIONS].longest_window
    start = DAY.start + timedelta(hours=23)
    lazada.fetch_page(lazada.plan_lists(Resource.TRANSACTIONS, Window(start, start + longest))[0])
    asked = server.requests[0].query
    assert (asked["start_time"], asked["end_time"]) == ("2024-01-21", "2024-07-17")  # 178 days apart, of less than 180


def test_payouts_are_read_from_some_weeks_before(server: ScriptedServer) -> None:
    server.answer(ok([samples.payout(), {"payout": "1"}]))
    lazada = connector(server)
    _, payouts = lazada.plan_lists(Resource.TRANSACTIONS, DAY)
    page = lazada.fetch_page(payouts)
    assert (server.requests[0].path, server.requests[0].query["created_after"]) == (
        "/rest/finance/payout/status/get",
        "2023-12-22",
    )
    assert isinstance(page.records[0], StatementRecord)
    assert (len(page.unreadable), page.next_token) == (1, "")


def test_a_stored_payload_is_mapped_as_what_it_is(server: ScriptedServer) -> None:
    lazada = connector(server)
    row = payloads.load("lazada/finance_transaction_details_get")["data"][0]
    assert isinstance(lazada.map_payload(Resource.TRANSACTIONS, row), TransactionRecord)
    assert isinstance(lazada.map_payload(Resource.TRANSACTIONS, samples.payout()), StatementRecord)
    elsewhere = connector(server, shop=ShopKeys("1", "XX")).map_payload(Resource.TRANSACTIONS, row)
    assert isinstance(elsewhere, TransactionRecord)
    assert not elsewhere.is_valid


def test_a_product_by_its_id(server: ScriptedServer) -> None:
    product = payloads.load("lazada/products_get")["data"]["products"][0]
    server.answer(ok(product))
    page = connector(server).fetch_by_ids(Resource.PRODUCTS, ["2293000000"])
    assert (server.requests[0].path, server.requests[0].query["item_id"]) == ("/rest/product/item/get", "2293000000")
    assert [record.payload for record in page.records] == [product]
