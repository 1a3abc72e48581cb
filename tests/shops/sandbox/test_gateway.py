"""Calls are refused for the right reason, with the right status, and in the right order."""

import json
import re
import time

import pytest

from tests.shops.sandbox.calling import DETAIL, SEARCH, SHOPS, control, send

OK_QUERY = {"page_size": "1"}


def refused(answer, status, code, words=""):
    assert (answer.status, answer.code) == (status, code), answer.body
    assert words in answer.json["message"]
    assert answer.json["data"] is None
    assert re.fullmatch(r"\d{14}[0-9A-F]{20}", answer.json["request_id"])
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_a_good_call_passes_and_unknown_parameters_are_signed_and_let_through(client):
    answer = client.call("POST", SEARCH, {**OK_QUERY, "version": "202309", "shop_id": ""}, b"{}")
    assert (answer.status, answer.code, answer.json["message"]) == (200, 0, "Success")


def test_the_request_id_begins_with_the_time_in_utc_plus_8(client):
    stamp = client.search().json["request_id"][:14]
    assert abs(time.mktime(time.strptime(stamp, "%Y%m%d%H%M%S")) - time.mktime(time.gmtime()) - 8 * 3600) < 5


def test_unknown_paths_and_methods(client):
    refused(client.call("GET", "/order/202301/orders"), 404, 36009009, "Invalid path")
    refused(client.call("GET", SEARCH), 405, 36009010, "Invalid method")


def test_app_key_time_and_sign(client):
    refused(client.call("POST", SEARCH, {"app_key": "other"}), 400, 36009004, "'app_key'")
    refused(client.call("POST", SEARCH, {"app_key": None}), 400, 36009004, "'app_key'")
    refused(client.call("POST", SEARCH, {"timestamp": "soon"}), 400, 36009004, "timestamp")
    old = str(int(time.time()) - 303)
    refused(client.call("POST", SEARCH, {"timestamp": old}), 400, 36009004, "5 minutes")
    future = str(int(time.time()) + 40)  # a machine that is busy for some seconds brings it no nearer than 30
    refused(client.call("POST", SEARCH, {"timestamp": future}), 400, 36009004, "30 seconds")
    refused(client.call("POST", SEARCH, OK_QUERY, sign=None), 400, 36009004, "Missing credentials")
    refused(client.call("POST", SEARCH, OK_QUERY, sign="0" * 64), 401, 106001, "'sign'")
    refused(client.call("POST", SEARCH, OK_QUERY, secret="guess"), 401, 106001, "'sign'")
    refused(client.call("POST", SEARCH, OK_QUERY, b'{"a": 1}', signed_body=b'{"a":1}'), 401, 106001)


def test_times_just_inside_the_window_pass(client):
    for shift in (-290, 27):  # the call itself may take some seconds on a busy machine
        assert client.call("POST", SEARCH, {**OK_QUERY, "timestamp": str(int(time.time()) + shift)}).status == 200


def test_an_empty_object_may_be_left_unsigned_unless_switched_off(client, sandbox):
    assert client.call("POST", SEARCH, OK_QUERY, b"{}", signed_body=b"").status == 200
    control(sandbox.control_url, "POST", "/switches", {"marketplace": "tiktok", "accept_unsigned_empty_object": False})
    refused(client.call("POST", SEARCH, OK_QUERY, b"{}", signed_body=b""), 401, 106001)
    assert client.call("POST", SEARCH, OK_QUERY, b"{}").status == 200


def test_tokens_scopes_and_revoked_shops(client, sandbox):
    refused(client.call("POST", SEARCH, OK_QUERY, token=None), 401, 36009004, "x-tts-access-token")
    for wrong in ("ROW_nonsense", client.access_token[:-2] + "xx", client.refresh_token, "ROW_é"):
        refused(client.call("POST", SEARCH, OK_QUERY, token=wrong.encode().decode("latin-1")), 401, 36009004)
    switches = {"marketplace": "tiktok", "granted_scopes": ["seller.authorization.info"]}
    control(sandbox.control_url, "POST", "/switches", switches)
    refused(client.search(), 403, 105005, "scope")
    assert client.call("GET", SHOPS).status == 200
    switches = {"marketplace": "tiktok", "revoked_shops": [client.shop["external_id"]]}
    control(sandbox.control_url, "POST", "/switches", switches)
    refused(client.search(), 401, 105001)
    assert client.refresh().code == 36004005


def test_the_cipher_is_needed_unwanted_or_another_shops(client, us_client):
    refused(client.call("POST", SEARCH, {"shop_cipher": None}), 400, 106013, "Missing identifier")
    refused(client.call("GET", SHOPS, {"shop_cipher": "x"}), 400, 36009004, "Unexpected identifier")
    refused(client.call("POST", SEARCH, {"shop_cipher": us_client.shop["cipher"]}), 401, 105001, "do not match")


def test_the_shop_list_names_the_tokens_shop(client):
    listed = client.call("GET", SHOPS).json["data"]["shops"]
    assert [(shop["id"], shop["cipher"], shop["region"]) for shop in listed] == [
        (client.shop["external_id"], client.shop["cipher"], "VN")
    ]


def test_checks_come_in_order(client, fault):
    """Each call carries all later faults too; the earliest one is answered."""
    bad = {"app_key": "no", "timestamp": "1", "shop_cipher": None, "page_size": "0"}
    refused(client.call("PATCH", "/nowhere", bad, sign="no", token="no"), 404, 36009009)
    refused(client.call("PATCH", SEARCH, bad, sign="no", token="no"), 405, 36009010)
    refused(client.call("POST", SEARCH, bad, sign="no", token="no"), 400, 36009004, "'app_key'")
    del bad["app_key"]
    refused(client.call("POST", SEARCH, bad, sign="no", token="no"), 400, 36009004, "timestamp")
    del bad["timestamp"]
    refused(client.call("POST", SEARCH, bad, sign="no", token="no"), 401, 106001)
    refused(client.call("POST", SEARCH, bad, token="no"), 401, 36009004, "token")
    fault("expired_token")
    client.call("GET", SHOPS)
    refused(client.call("POST", SEARCH, bad), 401, 105002)
    client.refresh()
    refused(client.call("POST", SEARCH, bad), 400, 106013)
    del bad["shop_cipher"]
    refused(client.call("POST", SEARCH, bad), 400, 36009004, "page_size")


BAD_FILTERS = [
    {"create_time_ge": "1785484800"},
    {"update_time_lt": 1.5},
    {"update_time_ge": True},
    {"update_time_ge": -1},
    {"order_status": "SHIPPED"},
    {"order_status": ["UNPAID"]},
    {"shipping_type": "DRONE"},
    {"buyer_user_id": 7},
    {"is_buyer_request_cancel": "true"},
    {"warehouse_ids": "1"},
    {"warehouse_ids": [1]},
    {"warehouse_ids": ["1"] * 101},
]


@pytest.mark.parametrize("filters", BAD_FILTERS, ids=[json.dumps(one)[:40] for one in BAD_FILTERS])
def test_filters_of_the_wrong_type_are_refused(client, filters):
    refused(client.search(filters), 400, 36009004, next(iter(filters)))


def test_query_parameters_out_of_bounds_are_refused(client):
    for size in (None, "0", "101", "ten", "-1", "1" * 30):
        refused(client.search(page_size=size), 400, 36009004, "page_size")
    refused(client.search(sort_field="paid_time"), 400, 36009004, "sort_field")
    refused(client.search(sort_order="asc"), 400, 36009004, "sort_order")
    refused(client.call("GET", DETAIL), 400, 36009004, "ids")
    refused(client.detail(",".join(["1"] * 51)), 400, 36009004, "50")


def test_bodies_that_are_no_object_or_too_large_are_refused(client):
    for body in (b"{", b"[]", b"\xff", b'"text"'):
        refused(client.call("POST", SEARCH, OK_QUERY, body), 400, 36009022)
    head = {"content-length": str((1 << 20) + 1)}
    refused(send(client.app["api_url"], "POST", SEARCH, headers=head), 413, 36009021)
    refused(send(client.app["api_url"], "POST", SEARCH, headers={"content-length": "many"}), 413, 36009021)
