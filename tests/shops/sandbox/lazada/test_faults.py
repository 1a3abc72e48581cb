"""Faults strike Lazada in its own words: bans in a text, failures with HTTP status 200."""

import http.client
import json

import pytest

from shops.sandbox.lazada.breakages import BREAKAGES
from tests.shops.sandbox.calling import control
from tests.shops.sandbox.lazada.calling import LONG_AGO, ORDERS, PRODUCTS, REVERSE, TRACE, TRANSACTIONS, code

OK = {"update_after": LONG_AGO, "sort_by": "updated_at", "limit": "40"}


def test_a_ban_says_how_long_it_lasts(client):
    client.set("/faults", {"kind": "throttled", "retry_after": 7, "times": 2})
    answer = client.get(ORDERS, **OK)
    assert code(answer) == "ApiCallLimit" and "will last 7 seconds" in answer.json["message"]
    assert code(client.get(PRODUCTS)) == "901"
    assert code(client.get(ORDERS, **OK)) == "0"


def test_a_silent_ban_has_the_code_of_success_and_no_data(client):
    client.set("/faults", {"kind": "throttled_silent"})
    answer = client.get(ORDERS, **OK)
    assert code(answer) == "0" and "data" not in answer.json
    assert "access frequency exceeds the limit" in answer.json["message"]
    assert client.calls()["orders_get"]["throttled"] == 1


def test_failures_of_the_service_take_turns(client):
    client.set("/faults", {"kind": "server_error", "times": 4})
    answers = [client.get(ORDERS, **OK) for _ in range(4)]
    assert {code(answer) for answer in answers} == {"15", "ServiceTimeout", "1000", "6"}
    assert {answer.json["type"] for answer in answers} == {"ISP", "SYSTEM"}


def test_an_expired_token_wants_a_refresh(client):
    client.set("/faults", {"kind": "expired_token"})
    assert code(client.get(ORDERS, **OK)) == code(client.get(ORDERS, **OK)) == "IllegalAccessToken"
    assert code(client.refresh()) == code(client.get(ORDERS, **OK)) == "0"
    assert client.calls()["token_refresh"]["least_possible"] == 1


def test_what_is_no_json_and_what_is_cut_off(client):
    client.set("/faults", {"kind": "not_json", "endpoint": "token_refresh"})
    assert client.get("/auth/token/refresh", refresh_token=client.refresh_token).body.startswith(b"<html>")
    client.set("/faults", {"kind": "cut_off"})
    with pytest.raises(http.client.IncompleteRead):
        client.get(ORDERS, **OK)


def test_rows_that_leave_move_the_pages_that_follow(client):
    settled = [order["order_id"] for order in client.orders()]
    client.data(ORDERS, **OK, offset="0")
    client.set("/faults", {"kind": "page_shift", "rows": 3})
    second = client.data(ORDERS, **OK, offset="40")
    assert [order["order_id"] for order in second["orders"]] == settled[43:83]
    third = client.data(ORDERS, **OK, offset="80")
    assert [order["order_id"] for order in third["orders"]] == settled[83:123]
    assert client.data(ORDERS, **OK, offset="0")["countTotal"] == len(settled)


def test_rows_that_come_are_seen_twice(client):
    settled = [order["order_id"] for order in client.orders()]
    client.set("/faults", {"kind": "repeated_rows", "rows": 5})
    first = client.data(ORDERS, **OK, offset="0")["orders"]
    second = client.data(ORDERS, **OK, offset="40")["orders"]
    assert [order["order_id"] for order in first] == settled[:40]
    assert [order["order_id"] for order in second] == settled[35:75]


def impossible(client, call):
    """Return the answers that a call gives until every breakage of its kind had its turn, and what was noted."""
    answers = [call() for _ in range(6)]
    notes = [line for one in control(client.control_url, "GET", "/faults").json["faults"] for line in one["log"]]
    return [json.dumps(answer) for answer in answers], {note.split(": ")[1] for note in notes}


@pytest.mark.parametrize("kind", sorted(BREAKAGES))
def test_every_kind_of_record_can_be_impossible(client, kind):
    order = next(order for order in client.orders() if order["statuses"] == ["shipped"])
    order_id = str(order["order_id"])
    calls = {
        "orders": lambda: client.data(ORDERS, **OK),
        "lines": lambda: client.data("/orders/items/get", order_ids=f"[{order_id}]"),
        "products": lambda: client.data(PRODUCTS),
        "reverse_orders": lambda: client.data(REVERSE, page_no="1", page_size="1"),
        "transactions": lambda: client.data(TRANSACTIONS, start_time="2026-07-01", end_time="2026-08-15", limit="2"),
        "traces": lambda: client.data(TRACE, order_id=order_id),
    }
    good = json.dumps(calls[kind]())
    client.set("/faults", {"kind": "impossible_record", "times": 6})
    answers, noted = impossible(client, calls[kind])
    assert noted == {text for text, _ in BREAKAGES[kind]}
    assert good not in answers
    assert json.dumps(calls[kind]()) == good
