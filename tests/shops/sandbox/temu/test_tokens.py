"""A token lives for a year and is never refreshed: a new authorisation replaces it."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.shops.sandbox.calling import control, send
from tests.shops.sandbox.temu.calling import AMOUNTS, CREATE, INFO, TemuClient

PAGE = "/open-platform/client-manage/authorization"


def code_for(client: TemuClient) -> str:
    wanted = {"marketplace": "temu", "shop": client.shop["external_id"]}
    return str(control(client.control_url, "POST", "/auth_codes", wanted).json["auth_code"])


def test_a_token_looks_like_a_real_one(client):
    assert 56 <= len(client.token) <= 59
    assert client.token.isalnum() and client.token == client.token.lower()


def test_info_tells_shop_end_and_scopes_but_not_the_token(client):
    info = client.result(INFO)
    assert str(info["mallId"]) == client.shop["external_id"]
    assert info["regionId"] == 211
    assert info["expiredTime"] == client.shop["access_token_expires_at"] > time.time() + 364 * 86_400
    assert AMOUNTS in info["apiScopeList"]
    assert "accessToken" not in info


def test_a_code_gives_a_new_token_and_ends_the_old_one(client):
    code = code_for(client)
    made = client.result(CREATE, code=code, access_token=code)
    assert str(made["mallId"]) == client.shop["external_id"]
    assert client.code(INFO) == 3000034
    client.token = made["accessToken"]
    assert client.code(INFO) == 1000000
    assert TemuClient(client.control_url).token == made["accessToken"]


def test_a_code_works_once(client):
    code = code_for(client)
    client.token = client.result(CREATE, code=code, access_token=code)["accessToken"]
    assert client.code(CREATE, code=code, access_token=code) == 110020002
    assert client.code(INFO) == 1000000


def test_a_code_that_nobody_gave_or_that_is_not_in_the_place_of_the_token_is_refused(client):
    assert client.code(CREATE, code="made up", access_token="made up") == 110020001
    assert client.code(CREATE, code=code_for(client)) == 110020001
    assert client.code(CREATE) == 110020001


def test_other_shops_keep_their_tokens(client):
    code = code_for(client)
    client.result(CREATE, code=code, access_token=code)
    assert TemuClient(client.control_url, 1).code(INFO) == 1000000


def test_a_token_ends(client, switch):
    switch(token_seconds=0)
    code = code_for(client)
    client.token = client.result(CREATE, code=code, access_token=code)["accessToken"]
    assert client.code(INFO) == 3000034


def test_a_seller_can_take_the_authorisation_back(client, switch):
    switch(revoked_shops=[client.shop["external_id"]])
    assert client.code(INFO) == 3000034
    assert TemuClient(client.control_url, 1).code(INFO) == 1000000


def test_a_token_that_was_bent_is_unknown(client):
    assert client.code(INFO, access_token="b" + client.token[1:]) == 3000031
    assert client.code(INFO, access_token=client.token.upper()) == 3000031
    assert client.code(INFO, access_token=7) == 3000031


def test_without_the_scope_amounts_are_refused_and_nobody_can_know_them(client, switch):
    switch(granted_scopes=[INFO])
    number, order = next(iter(client.truth("orders").items()))
    assert client.code(AMOUNTS, parentOrderSn=number) == 3000032
    assert order["total_amount"] is None and order["lines"][0]["price"] is None


def test_an_expired_token_fault_ends_the_token(client, fault):
    fault("expired_token", endpoint=INFO)
    assert client.code(INFO) == 3000034
    assert client.code(INFO) == 3000034


def consent(client: TemuClient, **query: str):
    pairs = "&".join(f"{name}={value}" for name, value in {"appKey": client.app["app_key"], **query}.items())
    return send(client.app["api_url"], "GET", f"{PAGE}?{pairs}")


def test_the_consent_page_shows_the_shops(client):
    page = consent(client, state="s1")
    assert page.status == 200
    for shop in client.app["shops"]:
        assert f"shop={shop['external_id']}".encode() in page.body
    assert client.app["authorise_url"] == client.app["api_url"] + PAGE


def test_consent_sends_the_browser_to_the_registered_address_with_a_code_that_works(client, switch):
    switch(callback_url="https://seller.example.test/back")
    answer = consent(client, state="s1", redirect_uri="https://else.example.test", shop=client.shop["external_id"])
    target = urlsplit(answer.headers["location"])
    found = {name: values[0] for name, values in parse_qs(target.query).items()}
    assert (answer.status, target.netloc, target.path) == (302, "seller.example.test", "/back")
    assert found["state"] == "s1" and found["app_key"] == client.app["app_key"]
    assert found["callback_host"] == client.app["api_url"]
    assert (
        str(client.result(CREATE, code=found["code"], access_token=found["code"])["mallId"])
        == (client.shop["external_id"])
    )


@pytest.mark.parametrize("query", [{"appKey": "other"}, {"shop": "1"}])
def test_consent_for_an_unknown_app_or_shop_is_not_found(client, query):
    assert consent(client, **query).status == 404
