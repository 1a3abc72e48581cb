"""Shopee's gate checks path, method, app, time, signature, shop and token, in this order."""

import time

import pytest

from tests.shops.sandbox.calling import control, send

INFO = "/shop/get_shop_info"


def refusal(answer):
    return answer.status, answer.json["error"], answer.json["message"]


def test_a_good_call_passes_and_is_flat(client):
    info = client.call(INFO).json
    assert (info["error"], info["region"], info["status"]) == ("", "VN", "NORMAL")
    assert "response" not in info
    assert info["auth_time"] < time.time() < info["expire_time"]


@pytest.mark.parametrize(
    ("bent", "expected"),
    [
        ({"partner_id": "1"}, (403, "invalid_partner_id", "partner_id is invalid.")),
        ({"partner_id": None}, (403, "error_param", "There is no partner_id in query.")),
        ({"timestamp": None}, (403, "error_param", "There is no timestamp in query.")),
        ({"timestamp": "soon"}, (403, "error_param", "Invalid timestamp")),
        ({"sign": None}, (403, "error_param", "There is no sign in query.")),
        ({"sign": "0" * 64}, (403, "error_sign", "Wrong sign.")),
        ({"access_token": None}, (403, "error_param", "There is no access_token in query.")),
        ({"shop_id": None}, (403, "error_param", "There is no shop_id in query.")),
        ({"shop_id": "5"}, (403, "error_param", "Invalid shop_id.")),
        (
            {"access_token": "00" * 16},
            (403, "invalid_acceess_token", "Invalid access_token, please have a check."),
        ),
    ],
)
def test_what_is_wrong_is_named(client, bent, expected):
    assert refusal(client.call(INFO, **bent)) == expected


def test_the_signature_is_judged_before_the_token(client):
    assert client.call(INFO, access_token="00" * 16, sign="0" * 64).json["error"] == "error_sign"


def test_time_is_judged_before_the_signature(client):
    old = str(int(time.time()) - 330)
    assert refusal(client.call(INFO, timestamp=old, sign="0" * 64)) == (403, "error_param", "Timestamp is expired.")
    assert client.call(INFO, timestamp=str(int(time.time()) - 240)).json["error"] == ""


def test_a_public_signature_does_not_open_a_shop_call(client):
    now = str(int(time.time()))
    sign = client.sign("/api/v2" + INFO, now)
    assert client.call(INFO, timestamp=now, sign=sign).json["error"] == "error_sign"


def test_parameters_and_body_are_not_signed(client):
    assert client.call(INFO, {"anything": "else"}).json["error"] == ""


def test_another_shops_token_is_refused(client, thai_client):
    answer = client.call(INFO, access_token=thai_client.access_token)
    assert answer.json["error"] == "invalid_acceess_token"


def test_unknown_paths_and_wrong_methods(client):
    assert client.call("/shop/unknown").json["error"] == "error_not_found"
    assert client.call(INFO, method="POST").json["error"] == "error_param"
    assert send(client.app["api_url"], "GET", "/").status == 403


def test_a_shop_that_took_its_authorisation_back_or_let_it_end(client, thai_client):
    client.switch(revoked_shops=[client.shop_id], ended_shops=[thai_client.shop_id])
    assert refusal(client.call(INFO))[:2] == (403, "shop_no_linked")
    assert refusal(thai_client.call(INFO))[:2] == (403, "shop_access_expired")
    assert client.refresh().json["error"] == "shop_no_linked"
    assert thai_client.refresh().json["error"] == "shop_access_expired"
    assert client.redeem(client.code()).json["error"] == ""
    # Authorised anew: the tokens are good again.
    assert client.call(INFO).json["error"] == ""


def test_http_statuses_can_be_switched(client):
    client.switch(gateway_status=200, business_status=400)
    assert client.call(INFO, sign="0").status == 200
    assert client.call("/order/get_order_detail").status == 400


def test_the_other_word_for_a_bad_token_can_be_switched_on(client):
    client.switch(bad_token_is_error_auth=True)
    assert refusal(client.call(INFO, access_token="0")) == (403, "error_auth", "Invalid access_token.")


def test_quotas_and_the_days_limit(client):
    wanted = {"marketplace": "shopee", "calls": 2, "seconds": 60}
    assert control(client.control_url, "POST", "/quotas", wanted).status == 200
    assert [client.call(INFO).json["error"] for _ in range(3)] == ["", "", "error_rate_limit"]
    refused = client.call(INFO)
    assert refused.status == 429 and int(refused.headers["Retry-After"]) >= 1
    client.switch(sends_retry_after=False)
    assert client.call(INFO).headers.get("Retry-After") is None
    control(client.control_url, "DELETE", "/quotas")
    client.switch(daily_limit_reached=True)
    assert client.call(INFO).json["error"] == "error_limit"


def test_shops_by_partner_is_a_public_call(client):
    client.switch(revoked_shops=[client.shop_id])
    first = client.call("/public/get_shops_by_partner", {"page_size": 1, "page_no": 1}, public=True).json
    second = client.call("/public/get_shops_by_partner", {"page_size": 1, "page_no": 2}, public=True).json
    assert (first["more"], second["more"]) == (True, False)
    listed = {shop["shop_id"] for page in (first, second) for shop in page["authed_shop_list"]}
    assert len(listed) == 2 and int(client.shop_id) not in listed
