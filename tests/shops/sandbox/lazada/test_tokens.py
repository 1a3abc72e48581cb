"""Tokens are exchanged, refreshed and ended as Lazada says; the end of an authorisation never moves."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.shops.sandbox.calling import send
from tests.shops.sandbox.lazada.calling import CREATE, LONG_AGO, ORDERS, REFRESH, Client, code

DAY = 86_400
OK = {"update_after": LONG_AGO, "limit": "1"}


def test_a_code_gives_tokens_once(client):
    given = client.set("/auth_codes", {"shop": client.shop["external_id"]}).json["auth_code"]
    assert given.startswith(f"0_{client.app['app_key']}_")
    reply = client.create_token(given).json
    assert reply["code"] == "0" and "data" not in reply
    assert (reply["expires_in"], reply["refresh_expires_in"]) == (10 * DAY, 50 * DAY)
    assert (reply["country"], reply["account_platform"]) == ("vn", "seller_center")
    assert reply["country_user_info"] == [
        {
            "country": "vn",
            "user_id": client.shop["external_id"],
            "seller_id": client.shop["external_id"],
            "short_code": client.shop["short_code"],
        }
    ]
    assert code(client.get(ORDERS, **OK, access_token=reply["access_token"])) == "0"
    assert code(client.create_token(given)) == "InvalidCode"
    assert client.calls()["app"]["token_create"]["least_possible"] == 1


def test_a_refresh_gives_a_new_access_token_and_leaves_the_end_where_it_was(client):
    client.switch(refresh_token_seconds=20 * DAY)
    begun = client.authorise()
    client.switch(refresh_token_seconds=50 * DAY)
    reply = client.refresh(begun["refresh_token"]).json
    assert reply["access_token"] != begun["access_token"]
    assert reply["refresh_token"] == begun["refresh_token"]
    assert reply["expires_in"] == 10 * DAY
    assert reply["refresh_expires_in"] <= begun["refresh_expires_in"] == 20 * DAY
    assert "country_user_info" not in reply and reply["country_user_info_list"][0]["country"] == "vn"
    for token in (begun["access_token"], reply["access_token"]):
        assert code(client.get(ORDERS, **OK, access_token=token)) == "0"
    world = Client(client.control_url)
    assert world.shop["refresh_token_expires_at"] - time.time() < 20 * DAY
    assert world.access_token == reply["access_token"]


def test_the_answer_of_a_refresh_is_as_switched(client):
    begun = client.authorise()
    client.switch(refresh_reply="new", refresh_ends_access_token=True)
    second = client.refresh(begun["refresh_token"]).json
    assert second["refresh_token"] != begun["refresh_token"]
    assert code(client.get(ORDERS, **OK, access_token=begun["access_token"])) == "IllegalAccessToken"
    assert code(client.refresh(begun["refresh_token"])) == code(client.refresh(second["refresh_token"])) == "0"
    client.switch(refresh_reply="missing")
    assert "refresh_token" not in client.refresh(second["refresh_token"]).json
    client.switch(refresh_is_supported=False)
    assert code(client.refresh(second["refresh_token"])) == "AUTH_TYPE_UNSUPPORTED"


def test_tokens_end_by_themselves(client):
    client.switch(access_token_seconds=0)
    begun = client.authorise()
    assert code(client.get(ORDERS, **OK, access_token=begun["access_token"])) == "IllegalAccessToken"
    assert client.calls()["token_refresh"]["least_possible"] == 1
    client.switch(access_token_seconds=DAY, refresh_token_seconds=0)
    ended = client.authorise()
    assert code(client.refresh(ended["refresh_token"])) == "IllegalRefreshToken"
    # Those of the authorisation before are still good until their own end.
    assert code(client.refresh(begun["refresh_token"])) == "0"


@pytest.mark.parametrize(
    ("path", "parameters", "expected"),
    [
        (REFRESH, {"refresh_token": "50001nonsense"}, "IllegalRefreshToken"),
        (REFRESH, {"refresh_token": "é"}, "IllegalRefreshToken"),
        (REFRESH, {}, "MissingParameter"),
        (CREATE, {"code": "0_1_x"}, "InvalidCode"),
        (CREATE, {}, "MissingParameter"),
    ],
)
def test_bad_exchanges_are_refused(client, path, parameters, expected):
    assert code(client.get(path, **parameters)) == expected


def test_an_access_token_does_not_refresh(client):
    assert code(client.refresh(client.access_token)) == "IllegalRefreshToken"


def test_the_consent_page_leads_back_with_code_and_state(client):
    page = urlsplit(client.app["authorise_url"])
    query = f"response_type=code&force_auth=true&client_id={client.app['app_key']}"
    query += "&redirect_uri=https%3A%2F%2Fapp.example.test%2Fback%3Fa%3D1&state=s%2F1"
    shown = send(client.app["authorise_url"], "GET", f"{page.path}?{query}")
    assert shown.status == 200
    assert client.shop["name"].encode() in shown.body
    back = send(client.app["authorise_url"], "GET", f"{page.path}?{query}&shop={client.shop['external_id']}")
    assert back.status == 302
    location = urlsplit(back.headers["location"])
    assert location.netloc == "app.example.test"
    brought = parse_qs(location.query)
    assert (brought["state"], brought["a"]) == (["s/1"], ["1"])
    assert (
        client.create_token(brought["code"][0]).json["country_user_info"][0]["seller_id"] == client.shop["external_id"]
    )


def test_the_consent_page_refuses_another_app_or_callback(client):
    path = urlsplit(client.app["authorise_url"]).path
    good = {"response_type": "code", "client_id": client.app["app_key"], "redirect_uri": "https://app.example.test/"}
    client.switch(callback_url="https://app.example.test/other")
    for change in ({}, {"client_id": "1"}, {"response_type": "token"}, {"redirect_uri": ""}):
        query = "&".join(f"{name}={value}" for name, value in {**good, **change}.items())
        assert send(client.app["authorise_url"], "GET", f"{path}?{query}").status == 400


def test_tokens_of_an_earlier_run_of_the_same_world_still_work(client):
    from shops.sandbox.server import start
    from tests.shops.sandbox.conftest import EPOCH, ORDERS

    client.refresh()
    with start(port=0, seed=7, orders=ORDERS, shops=3, now=EPOCH) as again:
        later = Client(again.control_url)
        assert later.app["app_key"] == client.app["app_key"]
        assert code(later.get("/orders/get", **OK, access_token=client.access_token)) == "0"
        assert code(later.refresh(client.refresh_token)) == "0"
