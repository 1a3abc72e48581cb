"""Calls are refused with HTTP 200, for the right reason and in the right order."""

import json
import time

import pytest

from tests.shops.sandbox.calling import send
from tests.shops.sandbox.lazada.calling import LONG_AGO, ORDERS, PRODUCTS, Client, code

OK = {"update_after": LONG_AGO, "limit": "1"}


def test_a_good_call_passes_and_what_is_unknown_is_signed_too(client):
    answer = client.get(ORDERS, **OK, partner_id="lazop-sdk-python-20181207", debug="true")
    assert code(answer) == "0"
    assert set(answer.json) == {"data", "code", "request_id", "_trace_id_"}


def test_refusals_have_type_code_and_message_but_no_data(client):
    answer = client.get(ORDERS, **OK, sign="0" * 64).json
    assert set(answer) == {"type", "code", "message", "request_id"}
    assert (answer["type"], answer["code"]) == ("ISV", "IncompleteSignature")


def test_paths_lie_below_rest(client):
    assert code(client.get("/orders/list", **OK)) == "InvalidApiPath"
    query = "&".join(f"{name}={value}" for name, value in client.signed(ORDERS, limit="1").items())
    assert code(send(client.app["api_url"], "GET", f"{ORDERS}?{query}")) == "InvalidApiPath"
    assert code(send(client.app["api_url"], "PUT", f"/rest{ORDERS}?{query}")) == "InvalidApiPath"


@pytest.mark.parametrize("name", ["app_key", "timestamp", "sign_method", "sign", "access_token"])
def test_every_common_parameter_is_needed(client, name):
    answer = client.get(ORDERS, **OK, **{name: None})
    assert code(answer) == "MissingParameter"
    assert f"“{name}”" in answer.json["message"]


def test_key_time_method_and_sign_are_checked_in_this_order(client):
    old = str(int((time.time() - 7205) * 1000))
    wrong = {"app_key": "1", "timestamp": old, "sign_method": "md5", "sign": "0" * 64, "access_token": "x"}
    expected = ["InvalidAppKey", "InvalidTimestamp", "InvalidParameter", "IncompleteSignature", "IllegalAccessToken"]
    for refused in expected:
        answer = client.get(ORDERS, **OK, **wrong)
        assert code(answer) == refused
        wrong.pop(next(iter(wrong)))
    assert code(client.get(ORDERS, **OK)) == "0"


def test_times_are_milliseconds_or_utc_and_two_hours_wide(client):
    for shift in (-7190, 7190):
        assert code(client.get(ORDERS, **OK, timestamp=str(int((time.time() + shift) * 1000)))) == "0"
    assert code(client.get(ORDERS, **OK, timestamp=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))) == "0"
    client.switch(timestamp_error="IllegalTimestamp")
    for wrong in (str(int((time.time() + 7210) * 1000)), str(int(time.time())), "soon"):
        assert code(client.get(ORDERS, **OK, timestamp=wrong)) == "IllegalTimestamp"


def test_parameters_may_come_in_the_query_the_form_or_json(client):
    assert code(client.post(ORDERS, **OK)) == "0"
    pairs = client.signed(ORDERS, **OK)
    as_json = {"content-type": "application/json"}
    assert code(send(client.app["api_url"], "POST", "/rest" + ORDERS, json.dumps(pairs).encode(), as_json)) == "0"
    # Common ones in the query, own ones in the form.
    own = "&".join(f"{name}={pairs.pop(name).replace('+', '%2B')}" for name in OK)
    query = "&".join(f"{name}={value}" for name, value in pairs.items())
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert code(send(client.app["api_url"], "POST", f"/rest{ORDERS}?{query}", own.encode(), form)) == "0"
    for body in (b"{", b"[]"):
        assert code(send(client.app["api_url"], "POST", "/rest" + ORDERS, body, as_json)) == "InvalidParameter"


def test_an_empty_value_may_be_signed_or_left_out(client):
    assert code(client.get(ORDERS, **OK, status="")) == "0"
    left_out = client.signed(ORDERS, **OK)["sign"]
    timestamp = client.signed(ORDERS, **OK)["timestamp"]
    left_out = client.signed(ORDERS, **OK, timestamp=timestamp)["sign"]
    assert code(client.get(ORDERS, **OK, timestamp=timestamp, status="", sign=left_out)) == "0"


def test_tokens_of_other_kinds_and_revoked_shops_are_refused(client, thai_client):
    assert code(client.get(ORDERS, **OK, access_token=client.refresh_token)) == "IllegalAccessToken"
    client.switch(revoked_shops=[client.shop["external_id"]])
    assert code(client.get(ORDERS, **OK)) == "IllegalAccessToken"
    assert code(client.refresh()) == "IllegalRefreshToken"
    assert code(thai_client.get(ORDERS, **OK)) == "0"


def test_an_endpoint_may_be_forbidden(client):
    client.switch(forbidden_endpoints=["products_get"])
    assert code(client.get(PRODUCTS)) == "InsufficientPermission"
    assert code(client.get(ORDERS, **OK)) == "0"


def test_quotas_ban_for_some_seconds_and_products_have_their_own_number(client):
    client.set("/quotas", {"calls": 1, "seconds": 3600})
    assert code(client.get(ORDERS, **OK)) == "0"
    banned = client.get(ORDERS, **OK)
    assert code(banned) == "ApiCallLimit"
    assert "this ban will last 36" in banned.json["message"]
    assert code(client.get(PRODUCTS)) == "901"
    assert client.calls()["orders_get"]["throttled"] == 1


def test_a_shop_tells_who_it_is(clients):
    for client in clients:
        seller = client.data("/seller/get")
        assert (str(seller["seller_id"]), seller["name"]) == (client.shop["external_id"], client.shop["name"])
    assert [Client(client.control_url, at).shop["region"] for at, client in enumerate(clients)] == ["VN", "TH", "ID"]
