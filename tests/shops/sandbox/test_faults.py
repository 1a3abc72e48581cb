"""Each kind of fault does what its name says, as often as asked, to the calls that were meant."""

import http.client
import json
import time

import pytest

from shops.sandbox.faults import KINDS
from tests.shops.sandbox.calling import SHOPS, Client, control


def faults_of(sandbox):
    return control(sandbox.control_url, "GET", "/faults").json["faults"]


def test_slow(client, fault):
    fault("slow", seconds=0.3)
    begun = time.monotonic()
    assert client.search().status == 200
    assert time.monotonic() - begun >= 0.3


def test_throttled_with_and_without_a_hint(client, fault):
    fault("throttled", retry_after=4)
    fault("throttled_silent")
    first, second = client.search(), client.search()
    assert (first.status, first.code, first.headers["Retry-After"]) == (429, 36009002, "4")
    assert (second.status, second.code, second.headers.get("Retry-After")) == (429, 36009002, None)
    assert client.search().status == 200


def test_server_error(client, fault):
    fault("server_error", times=2)
    assert [(client.search().status, client.last.code) for _ in range(2)] == [(500, 36009003)] * 2
    assert client.search().status == 200


def test_cut_off(client, fault):
    fault("cut_off")
    with pytest.raises(http.client.IncompleteRead):
        client.search()
    assert client.search().status == 200


def test_not_json(client, fault):
    fault("not_json")
    answer = client.search()
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/html")
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.body)


def test_an_expired_token_stays_so_until_it_is_refreshed(client, us_client, fault):
    fault("expired_token", shop=client.shop["external_id"])
    assert us_client.search().status == 200
    assert [(client.search().status, client.last.code) for _ in range(3)] == [(401, 105002)] * 3
    assert client.call("GET", SHOPS).code == 105002
    assert client.refresh().code == 0
    assert client.search().status == 200


def test_a_page_shift_loses_a_row_but_keeps_the_count(sandbox, client, fault):
    whole = [order["id"] for order in client.orders(page_size="20")]
    fault("page_shift")
    pages = list(client.pages(page_size="20"))
    ids = [order["id"] for page in pages for order in page["orders"]]
    assert ids == whole[:20] + whole[21:]
    assert {page["total_count"] for page in pages} == {len(whole)}
    assert faults_of(sandbox)[0]["applied"] == 1


def test_a_page_shift_may_take_the_count_along_as_in_a_list_that_is_cut_by_position(client, fault):
    whole = client.orders(page_size="20")
    fault("page_shift", falls=1)
    totals = [page["total_count"] for page in client.pages(page_size="20")]
    assert totals == [len(whole)] + [len(whole) - 1] * (len(totals) - 1)


def test_repeated_rows_come_again_on_the_next_page(client, fault):
    whole = [order["id"] for order in client.orders(page_size="20")]
    fault("repeated_rows")
    ids = [order["id"] for order in client.orders(page_size="20")]
    assert ids == whole[:20] + whole[17:]


def test_repeated_rows_on_every_page_still_end(client, fault):
    whole = {order["id"] for order in client.orders()}
    fault("repeated_rows", rate=1.0, rows=50)
    assert {order["id"] for order in client.orders(page_size="9")} == whole


def test_page_faults_wait_for_a_page_they_can_show_on(sandbox, client, fault):
    fault("page_shift")
    fault("repeated_rows")
    assert client.search({"create_time_lt": 5}).json["data"]["total_count"] == 0
    assert [one["applied"] for one in faults_of(sandbox)] == [0, 0]


def test_impossible_records_take_turns(sandbox, client, fault):
    good = {order["id"]: order for order in client.orders()}
    fault("impossible_record", times=5)
    broken = []
    for _ in range(5):
        for order in client.search().json["data"]["orders"]:
            if good.get(order.get("id")) != order:
                broken.append(order)
    assert len(broken) == 5
    assert sum("id" not in order for order in broken) == 1
    assert sum(order["payment"]["total_amount"] == "abc" for order in broken) == 1
    assert sum(isinstance(order["update_time"], str) for order in broken) == 1
    assert sum(isinstance(order["line_items"], str) for order in broken) == 1
    assert sum(order["status"] == "BEING_PONDERED" for order in broken) == 1
    assert len(faults_of(sandbox)[0]["log"]) == 5
    assert client.search().json["data"]["orders"] == list(good.values())[:100]


def test_impossible_records_strike_detail_too(client, fault):
    order_id = client.orders()[0]["id"]
    good = client.detail(order_id).json["data"]
    fault("impossible_record", endpoint="order_detail")
    assert client.search().json["data"]["orders"][0]["id"] == order_id
    assert client.detail(order_id).json["data"] != good
    assert client.detail(order_id).json["data"] == good


def test_a_fault_keeps_to_its_shop_and_endpoint(client, us_client, fault):
    fault("server_error", shop=us_client.shop["external_id"], endpoint="authorized_shops", rate=1.0)
    assert client.call("GET", SHOPS).status == 200
    assert us_client.search().status == 200
    assert us_client.call("GET", SHOPS).status == 500


def test_the_token_host_can_fail(client, fault):
    fault("server_error", endpoint="token_refresh")
    assert client.refresh().status == 500
    assert client.refresh().code == 0


def test_rates_repeat_for_the_same_requests(sandbox, client, fault):
    def run():
        control(sandbox.control_url, "DELETE", "/faults")
        fault("server_error", rate=0.5)
        return [client.search(page_size="1").status for _ in range(40)]

    first = run()
    assert first == run()
    assert 8 < first.count(500) < 32


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"kind": "flood", "marketplace": "tiktok"}, "impossible_record"),
        ({"kind": "slow", "marketplace": "bazaar"}, "known are tiktok"),
        ({"kind": "slow", "marketplace": "tiktok", "shop": "1"}, "Unknown shop"),
        ({"kind": "slow", "marketplace": "tiktok", "endpoint": "orders"}, "order_search"),
        ({"kind": "slow", "marketplace": "tiktok", "second": 2}, "seconds"),
        ({"kind": "server_error", "marketplace": "tiktok", "seconds": 2}, "Unknown field"),
        ({"kind": "slow", "marketplace": "tiktok", "times": 1, "rate": 0.1}, "not both"),
        ({"kind": "slow", "marketplace": "tiktok", "rate": 2}, "from 0 to 1"),
        ({"kind": "slow", "marketplace": "tiktok", "times": 0}, "whole number"),
        ({"kind": "slow", "marketplace": "tiktok", "seconds": "long"}, "number"),
        ({}, "known are"),
        ([], "JSON object"),
    ],
)
def test_nonsense_is_answered_with_what_is_known(sandbox, wanted, words):
    answer = control(sandbox.control_url, "POST", "/faults", wanted)
    assert answer.status == 400
    assert words in answer.json["error"]
    assert not faults_of(sandbox)


def test_every_kind_can_be_set(sandbox, fault):
    for kind in KINDS:
        fault(kind)
    assert [one["kind"] for one in faults_of(sandbox)] == list(KINDS)
    control(sandbox.control_url, "DELETE", "/faults")
    assert Client(control(sandbox.control_url, "GET", "/world").json).search().status == 200
