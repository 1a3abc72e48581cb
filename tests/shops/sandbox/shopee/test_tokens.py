"""Shopee's tokens: codes work once, refresh tokens work once, access tokens live four hours."""

import pytest

from tests.shops.sandbox.calling import control

INFO = "/shop/get_shop_info"


def test_a_code_becomes_a_pair_of_tokens_once(client):
    code = client.code()
    reply = client.redeem(code).json
    assert reply["error"] == "" and "response" not in reply
    assert reply["shop_id_list"] == [int(client.shop_id)] and reply["merchant_id_list"] == []
    assert 14_390 <= reply["expire_in"] <= 14_400
    assert [len(bytes.fromhex(reply[name])) for name in ("access_token", "refresh_token")] == [16, 16]
    assert client.call(INFO, access_token=reply["access_token"]).json["error"] == ""
    again = client.redeem(code)
    assert (again.status, again.json["error"], again.json["message"]) == (403, "error_auth", "Invalid code")


def test_a_code_is_for_its_shop_and_does_not_live_long(client, thai_client):
    code = client.code()
    assert thai_client.redeem(code).json["error"] == "invalid_shop_id"
    assert client.redeem(code).json["error"] == ""
    client.switch(code_seconds=0)
    assert client.redeem(client.code()).json["error"] == "error_auth"


def test_a_refresh_token_works_once_and_the_old_access_token_lives_on(client):
    old_access, old_refresh = client.access_token, client.refresh_token
    reply = client.refresh().json
    assert reply["shop_id"] == int(client.shop_id) and reply["partner_id"] == int(client.app["app_key"])
    assert reply["shop_id_list"] is None
    assert {client.access_token, client.refresh_token}.isdisjoint({old_access, old_refresh})
    assert client.call(INFO, access_token=old_access).json["error"] == ""
    spent = client.refresh(refresh_token=old_refresh)
    assert (spent.json["error"], spent.json["message"]) == ("error_auth", "Invalid refresh_token.")
    assert client.call(INFO).json["error"] == ""
    assert client.refresh().json["error"] == ""


def test_switches_of_the_refresh(client):
    client.switch(refresh_ends_access_token=True, old_refresh_token_seconds=60, expire_in_is_epoch=True)
    old_access, old_refresh = client.access_token, client.refresh_token
    assert client.refresh().json["expire_in"] > 1_000_000_000
    assert client.call(INFO, access_token=old_access).json["error"] == "invalid_acceess_token"
    # A lost answer may be asked for again.
    assert client.refresh(refresh_token=old_refresh).json["error"] == ""


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"refresh_token": "00" * 16}, "error_auth"),
        ({"shop_id": 5}, "invalid_shop_id"),
        ({"partner_id": 5}, "invalid_partner_id"),
        ({"merchant_id": 5}, "error_param"),
    ],
)
def test_a_refresh_that_asks_wrongly(client, changes, error):
    assert client.refresh(**changes).json["error"] == error
    assert client.refresh().json["error"] == ""


def test_an_access_token_is_no_refresh_token(client):
    assert client.refresh(refresh_token=client.access_token).json["error"] == "error_auth"
    assert client.call(INFO, access_token=client.refresh_token).json["error"] == "invalid_acceess_token"


def test_tokens_end(client):
    client.switch(access_token_seconds=0)
    assert client.refresh().json["expire_in"] <= 0
    assert client.call(INFO).json["error"] == "invalid_acceess_token"
    client.switch(access_token_seconds=3600, refresh_token_seconds=0)
    assert client.refresh().json["error"] == ""
    assert client.refresh().json["error"] == "error_auth"


def test_a_main_account_opens_all_shops_and_each_is_then_refreshed_by_itself(client, thai_client):
    account = int(client.app["main_account_id"])
    page = client.call("/shop/auth_partner", {"redirect": "https://app.example.test/back", "shop": "main"}, public=True)
    back = dict(part.split("=") for part in page.headers["Location"].split("?")[1].split("&"))
    assert back["main_account_id"] == str(account)
    assert client.redeem(back["code"]).json["error"] == "invalid_shop_id"
    reply = client.redeem(back["code"], main_account_id=account).json
    assert len(reply["shop_id_list"]) == 3
    for one in (client, thai_client):
        assert one.call(INFO, access_token=reply["access_token"]).json["error"] == ""
        assert one.refresh(refresh_token=reply["refresh_token"]).json["error"] == ""
        assert one.refresh(refresh_token=reply["refresh_token"]).json["error"] == "error_auth"


def test_the_least_possible_counts_a_refresh_only_where_one_was_due(client):
    client.refresh()
    assert client.counted()["token_refresh"] == {
        "ok": 1, "refused": 0, "throttled": 0, "faulted": 0, "least_possible": 0
    }  # fmt: skip
    wanted = {"kind": "expired_token", "marketplace": "shopee", "shop": client.shop_id}
    control(client.control_url, "POST", "/faults", wanted)
    assert client.call(INFO).json["error"] == "invalid_acceess_token"
    assert client.call(INFO).json["error"] == "invalid_acceess_token"
    client.refresh()
    assert client.call(INFO).json["error"] == ""
    assert client.counted()["token_refresh"]["least_possible"] == 1
