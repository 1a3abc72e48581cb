"""Which calls the Shopee connector makes for orders, parcels and returns, and what it makes of their answers."""

import json
from typing import Any

import pytest

from shops.marketplaces import errors
from shops.marketplaces.records import OrderStatus, Page, Resource, Stub
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.shopee.calling import FROM, TO, WINDOW, asked, connector, query, wrapped
from tests.shops.marketplaces.shopee.samples import response


def answered(server: ScriptedServer, *names: str) -> None:
    for name in names:
        server.answer(payloads.load(f"shopee/{name}")["response"])


def ids(page: Page[Any]) -> tuple[str, ...]:
    return tuple(record.external_id for record in page.records)


def test_orders_are_listed_by_time_of_change_and_named_to_the_end(server: ScriptedServer) -> None:
    answered(server, "order_list")
    page = connector(server).fetch_page(query(Resource.ORDERS))
    assert server.requests[0].path == "/api/v2/order/get_order_list"
    assert asked(server) == {
        "time_range_field": "update_time",
        "time_from": FROM,
        "time_to": TO,
        "page_size": "100",
        "cursor": "",
        "response_optional_fields": "order_status",
        "request_order_status_pending": "true",
    }
    assert [(stub.external_id, stub.step) for stub in page.stubs] == [
        ("240115AB3CD4EF", "detail"),
        ("240118PQ7RS8TU", "detail"),
    ]
    assert page.stubs[0].source_updated_at is None  # the list does not tell it
    assert (page.next_token, page.records) == ("2", ())


def test_the_cursor_leads_on_and_a_status_narrows(server: ScriptedServer) -> None:
    server.answer(wrapped({"more": False, "next_cursor": "", "order_list": [{"order_sn": "A"}, {"x": 1}]}))
    page = connector(server).fetch_page(query(Resource.ORDERS, raw_status="SHIPPED"), "2")
    assert (asked(server)["cursor"], asked(server)["order_status"]) == ("2", "SHIPPED")
    assert page.next_token == ""
    assert [row.error for row in page.unreadable] == ["order_sn is missing."]


def test_a_cursor_that_leads_nowhere_is_no_end(server: ScriptedServer) -> None:
    server.answer(wrapped({"more": True, "next_cursor": "2", "order_list": [{"order_sn": "A"}]}))
    with pytest.raises(errors.UnreadableAnswer):
        connector(server).fetch_page(query(Resource.ORDERS), "2")


def test_order_details_name_their_fields_and_come_fifty_at_once(server: ScriptedServer) -> None:
    answered(server, "order_detail")
    shopee = connector(server)
    stubs = [Stub(number, "detail", {"order_sn": number}) for number in ("240115AB3CD4EF", "240118PQ7RS8TU")]
    page = shopee.fetch_details(Resource.ORDERS, stubs)
    assert ids(page) == ("240115AB3CD4EF", "240118PQ7RS8TU")
    assert asked(server)["order_sn_list"] == "240115AB3CD4EF,240118PQ7RS8TU"
    wanted = asked(server)["response_optional_fields"].split(",")
    assert {"item_list", "package_list", "total_amount", "recipient_address", "pay_time"} <= set(wanted)
    assert shopee.capabilities[Resource.ORDERS].details == {"detail": 50}


def test_orders_that_are_not_known_are_missing_and_no_error(server: ScriptedServer) -> None:
    server.answer({"error": "error_not_found", "message": "Wrong parameters, detail: the order is not found."})
    assert connector(server).fetch_by_ids(Resource.ORDERS, ["A", "B"]) == Page(())


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (OrderStatus.AWAITING_SHIPMENT, ["READY_TO_SHIP"]),
        (OrderStatus.ON_HOLD, ["INVOICE_PENDING"]),
        (OrderStatus.DELIVERED, []),
        (OrderStatus.CANCEL_REQUESTED, ["IN_CANCEL"]),
    ],
)
def test_our_statuses_become_words_that_the_list_takes(
    server: ScriptedServer, status: OrderStatus, words: list[str]
) -> None:
    planned = connector(server).plan_lists(Resource.ORDERS, WINDOW, status)
    assert [one.raw_status for one in planned] == words


def test_parcels_are_found_through_orders(server: ScriptedServer) -> None:
    answered(server, "order_list", "order_detail", "tracking_number", "tracking_info")
    shopee = connector(server)
    listed = shopee.fetch_page(query(Resource.SHIPMENTS))
    assert {stub.step for stub in listed.stubs} == {"orders"}
    parcels = shopee.fetch_details(Resource.SHIPMENTS, listed.stubs)
    assert "recipient_address" not in asked(server)["response_optional_fields"]
    assert [(stub.external_id, stub.step) for stub in parcels.stubs] == [
        ("OFG170000000000001", "tracking_number"),
        ("OFG170000000000002", "tracking_number"),
    ]
    (numbered,) = shopee.fetch_details(Resource.SHIPMENTS, parcels.stubs[:1]).stubs
    whole = shopee.fetch_details(Resource.SHIPMENTS, [numbered])
    assert asked(server) == {"order_sn": "240115AB3CD4EF", "package_number": "OFG170000000000001"}
    assert [request.path.rsplit("/", 1)[-1] for request in server.requests[2:]] == [
        "get_tracking_number",
        "get_tracking_info",
    ]
    (record,) = whole.records
    assert (record.external_id, record.tracking_number) == ("OFG170000000000001", "SPXSG000000000001")
    assert len(record.events) == 2
    assert shopee.map_payload(Resource.SHIPMENTS, record.payload) == record


def test_an_order_without_parcels_brings_none_and_one_that_is_not_arranged_needs_no_call(
    server: ScriptedServer,
) -> None:
    first, second = response("order_detail")["order_list"]
    first["package_list"] = []
    second["package_list"][0]["logistics_status"] = "LOGISTICS_READY"
    server.answer(wrapped({"order_list": [first, second]}))
    stubs = [Stub(order["order_sn"], "orders", {}) for order in (first, second)]
    page = connector(server).fetch_details(Resource.SHIPMENTS, stubs)
    assert (ids(page), page.stubs) == (("OFG170000000000002",), ())
    assert (page.records[0].tracking_number, page.records[0].events) == ("", None)


def test_parcels_of_an_order_that_is_not_given_are_missed_and_those_of_another_not_taken(
    server: ScriptedServer,
) -> None:
    first, second = response("order_detail")["order_list"]
    server.answer(wrapped({"order_list": [second]}))
    page = connector(server).fetch_details(Resource.SHIPMENTS, [Stub(first["order_sn"], "orders", {"order_sn": "A"})])
    assert (page.records, page.stubs) == ((), ())
    assert [one.external_id for one in page.unreadable] == [first["order_sn"]]


@pytest.mark.parametrize("resource", [Resource.ORDERS, Resource.PRODUCTS])
def test_what_was_not_asked_for_is_not_taken(server: ScriptedServer, resource: Resource) -> None:
    answered(server, "order_detail" if resource is Resource.ORDERS else "item_base_info")
    page = connector(server).fetch_by_ids(resource, ["240118PQ7RS8TU", "9"])
    assert {*ids(page)} <= {"240118PQ7RS8TU"}
    assert page.stubs == ()


@pytest.mark.parametrize("changed", [{"order_sn": "B"}, {"package_number": "OFG2"}])
def test_the_events_of_another_parcel_are_not_taken(server: ScriptedServer, changed: dict[str, str]) -> None:
    stub = Stub("OFG1", "tracking", {"order": {"order_sn": "A"}, "package": {"package_number": "OFG1"}})
    told = {"order_sn": "A", "package_number": "OFG1", "tracking_info": []}
    server.answer(wrapped(told))
    assert len(connector(server).fetch_details(Resource.SHIPMENTS, [stub]).records) == 1
    server.answer(wrapped(told | changed))
    with pytest.raises(errors.UnreadableAnswer):
        connector(server).fetch_details(Resource.SHIPMENTS, [stub])


def test_a_parcel_without_a_number_yet_is_no_fault_but_a_silent_answer_is(server: ScriptedServer) -> None:
    shopee = connector(server)
    stub = Stub("OFG1", "tracking_number", {"order": {"order_sn": "A"}, "package": {"package_number": "OFG1"}})
    server.answer(wrapped({"tracking_number": "", "hint": "wait"}))
    assert shopee.fetch_details(Resource.SHIPMENTS, [stub]).stubs[0].step == "tracking"
    server.answer(wrapped({}))
    with pytest.raises(errors.UnreadableAnswer):
        shopee.fetch_details(Resource.SHIPMENTS, [stub])


def test_returns_are_paged_by_number_and_completed_one_by_one(server: ScriptedServer) -> None:
    answered(server, "return_list", "return_detail")
    shopee = connector(server)
    page = shopee.fetch_page(query(Resource.RETURNS))
    assert asked(server) == {"page_no": "0", "page_size": "100", "update_time_from": FROM, "update_time_to": TO}
    assert page.next_token == ""
    (stub,) = page.stubs
    assert (stub.external_id, stub.step) == ("2401220AB1CD2EF", "detail")
    assert stub.source_updated_at is not None  # what is stored as of then is not asked for again
    (record,) = shopee.fetch_details(Resource.RETURNS, [stub]).records
    assert asked(server) == {"return_sn": "2401220AB1CD2EF"}
    assert set(record.payload) == {"return", "detail"}


class Desk:
    """A return list by page number. Between two calls a return may change, and so leave the window that is read."""

    def __init__(self, server: ScriptedServer, moments: list[int]) -> None:
        self.server = server
        self.rows = {f"R{number}": moment for number, moment in enumerate(moments)}

    def read_whole(self, *, leaves: str = "") -> list[str]:
        shopee, seen, token, spans = connector(self.server), list[str](), "", [(int(FROM), int(TO), 0)]
        while spans:
            start, end, number = spans[0]
            found = [
                {"return_sn": name, "update_time": moment}
                for name, moment in self.rows.items()
                if start <= moment <= end
            ]
            rows = found[number * 100 : (number + 1) * 100]
            self.server.answer(wrapped({"more": len(found) > (number + 1) * 100, "return": rows}))
            page = shopee.fetch_page(query(Resource.RETURNS), token)
            assert asked(self.server)["page_no"] == str(number)
            assert asked(self.server)["update_time_from"] == str(start)
            assert asked(self.server)["update_time_to"] == str(end)
            seen += [stub.external_id for stub in page.stubs]
            token = page.next_token
            left, place = json.loads(token) if token else ([], 0)
            spans = [(*span, place if at == 0 else 0) for at, span in enumerate(left)]
            self.rows.pop(leaves, None)
        return seen


def test_a_return_that_changes_while_the_list_is_read_hides_no_other(server: ScriptedServer) -> None:
    seen = Desk(server, [int(FROM) + 60 * number for number in range(250)]).read_whole(leaves="R0")
    assert {*seen} >= {f"R{number}" for number in range(1, 250)}
    assert len(server.requests) < 10


def test_more_returns_in_one_second_than_a_page_holds_are_read_by_page_number(server: ScriptedServer) -> None:
    seen = Desk(server, [int(FROM) + 7] * 250).read_whole()
    assert {*seen} == {f"R{number}" for number in range(250)}


def test_a_detail_of_another_return_is_not_taken(server: ScriptedServer) -> None:
    answered(server, "return_detail")
    with pytest.raises(errors.UnreadableAnswer):
        connector(server).fetch_by_ids(Resource.RETURNS, ["another"])
