"""Faults strike Shopee's calls, and change its pages, as they do elsewhere."""

import http.client
import json
from typing import Any

import pytest

from tests.shops.sandbox.calling import control
from tests.shops.sandbox.shopee.calling import DAY

INFO = "/shop/get_shop_info"


def test_throttled_with_and_without_a_hint(client, fault):
    fault("throttled", retry_after=4)
    fault("throttled_silent")
    first, second = client.call(INFO), client.call(INFO)
    assert (first.status, first.json["error"], first.headers["Retry-After"]) == (429, "error_rate_limit", "4")
    assert (second.status, second.json["error"], second.headers.get("Retry-After")) == (429, "error_rate_limit", None)


def test_server_errors_come_with_status_200_unless_switched(client, fault):
    fault("server_error", times=2)
    first = client.call(INFO)
    assert (first.status, first.json["error"]) == (200, "error_server")
    client.switch(server_error_status=500)
    assert client.call(INFO).status == 500
    assert client.call(INFO).json["error"] == ""


def test_cut_off_and_not_json(client, fault):
    fault("cut_off")
    with pytest.raises(http.client.IncompleteRead):
        client.call(INFO)
    fault("not_json")
    with pytest.raises(json.JSONDecodeError):
        _ = client.call(INFO).json


def test_an_expired_token_stays_so_until_it_is_refreshed(client, thai_client, fault):
    fault("expired_token", shop=client.shop_id)
    assert thai_client.call(INFO).json["error"] == ""
    assert [client.call(INFO).json["error"] for _ in range(2)] == ["invalid_acceess_token"] * 2
    assert client.refresh().json["error"] == ""
    assert client.call(INFO).json["error"] == ""


def test_a_lost_answer_has_spent_the_refresh_token(client, fault):
    fault("cut_off", endpoint="token_refresh")
    spent = client.refresh_token
    with pytest.raises(http.client.IncompleteRead):
        client.refresh()
    assert client.refresh(refresh_token=spent).json["error"] == "error_auth"


def test_page_faults_of_the_order_list(client, fault):
    whole = client.order_numbers(20)
    fault("page_shift", endpoint="order_list")
    assert client.order_numbers(20) == whole[:20] + whole[21:]
    fault("repeated_rows", endpoint="order_list")
    assert client.order_numbers(20) == whole[:20] + whole[17:]


def test_page_faults_of_a_list_by_page_number(client, fault):
    query = {"release_time_from": client.now - 15 * DAY, "release_time_to": client.now, "page_size": 20}

    def numbers():
        rows = client.numbered("/payment/get_escrow_list", "escrow_list", first=1, **query)
        return [row["order_sn"] for row in rows]

    whole = numbers()
    fault("page_shift")
    assert set(whole) - set(numbers()) == {whole[20]}
    fault("repeated_rows")
    assert numbers()[20:23] == whole[17:20]


def test_impossible_records_take_turns(client, fault):
    numbers = client.order_numbers()[:50]
    good = {order["order_sn"]: order for order in client.details(numbers)}
    fault("impossible_record", times=5, endpoint="order_detail")
    broken = []
    for _ in range(5):
        broken += [order for order in client.details(numbers) if good.get(order.get("order_sn")) != order]
    assert len(broken) == 5
    assert sum("order_sn" not in order for order in broken) == 1
    assert sum(order["total_amount"] == "abc" for order in broken) == 1
    assert sum(isinstance(order["update_time"], str) for order in broken) == 1
    assert sum(isinstance(order["item_list"], str) for order in broken) == 1
    assert sum(order["order_status"] == "BEING_PONDERED" for order in broken) == 1
    assert len(control(client.control_url, "GET", "/faults").json["faults"][0]["log"]) == 5


CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "order_list": ("/order/get_order_list", {"time_range_field": "create_time", "page_size": 100}),
    "item_list": ("/product/get_item_list", {"item_status": "NORMAL", "offset": 0, "page_size": 100}),
    "return_list": ("/returns/get_return_list", {"page_no": 0, "page_size": 100}),
    "escrow_list": ("/payment/get_escrow_list", {"page_size": 100}),
    "wallet_transactions": ("/payment/get_wallet_transaction_list", {"page_no": 0, "page_size": 100}),
}


@pytest.mark.parametrize("endpoint", CALLS)
def test_impossible_records_strike_every_list(client, fault, endpoint):
    path, query = CALLS[endpoint]
    window = {"order_list": "time", "escrow_list": "release_time"}.get(endpoint)
    if window:
        query = {**query, f"{window}_from": client.now - DAY, f"{window}_to": client.now}
    good = client.get(path, query)
    fault("impossible_record", endpoint=endpoint)
    assert client.get(path, query) != good
    assert client.get(path, query) == good
