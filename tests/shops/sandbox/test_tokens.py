"""Tokens are exchanged, refreshed and ended as TikTok says, with absolute expiry times."""

import time

import pytest

from tests.shops.sandbox.calling import Client, control, send

WEEK = 7 * 86_400


def token_get(client, **changes):
    query = {"app_key": client.app["app_key"], "app_secret": client.app["app_secret"], "grant_type": "authorized_code"}
    query |= changes
    return send(client.app["auth_url"], "GET", "/api/v2/token/get?" + "&".join(f"{k}={v}" for k, v in query.items()))


def switch(sandbox, **wanted):
    assert control(sandbox.control_url, "POST", "/switches", {"marketplace": "tiktok", **wanted}).status == 200


def test_a_refresh_gives_two_new_tokens_and_absolute_times(sandbox, client):
    old_access, old_refresh = client.access_token, client.refresh_token
    answer = client.refresh()
    reply = answer.json["data"]
    assert (answer.status, answer.json["message"]) == (200, "success")
    assert client.access_token != old_access and client.refresh_token != old_refresh
    assert abs(reply["access_token_expire_in"] - time.time() - WEEK) < 5
    assert reply["refresh_token_expire_in"] > time.time() + 300 * 86_400
    assert reply["seller_base_region"] == "VN" and reply["user_type"] == 0
    assert "seller.order.info" in reply["granted_scopes"]
    world = control(sandbox.control_url, "GET", "/world").json
    assert Client(world).access_token == client.access_token
    assert client.search().status == 200


def test_old_tokens_live_on_as_switched(sandbox, client):
    old = Client(client.world)
    client.refresh()
    assert old.search().status == 200
    assert old.refresh().code == 0
    switch(sandbox, refresh_ends_access_token=True, old_refresh_token_seconds=0)
    fresh = Client(control(sandbox.control_url, "GET", "/world").json)
    ended = Client(fresh.world)
    fresh.refresh()
    assert (ended.search().status, ended.last.code) == (401, 105002)
    time.sleep(0.01)
    assert ended.refresh().code == 36004001
    assert fresh.search().status == 200


def test_an_access_token_ends_by_itself(sandbox, client):
    switch(sandbox, access_token_seconds=0)
    client.refresh()
    assert (client.search().status, client.last.code) == (401, 105002)
    switch(sandbox, access_token_seconds=WEEK)
    client.refresh()
    assert client.search().status == 200


def test_us_tokens_begin_differently(client, us_client):
    assert client.access_token.startswith("ROW_")
    assert us_client.access_token.startswith("TTP_")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"refresh_token": "nonsense"}, 36004005),
        ({"app_secret": "wrong"}, 36009004),
        ({"grant_type": "authorized_code"}, 36009004),
        ({"app_key": "wrong"}, 36009004),
    ],
)
def test_bad_refreshes_are_refused(client, changes, code):
    assert client.refresh(**changes).code == code


def test_an_access_token_does_not_refresh(client):
    assert client.refresh(refresh_token=client.access_token).code == 36004005


def test_a_code_is_good_once(sandbox, client):
    wanted = {"marketplace": "tiktok", "shop": client.shop["external_id"]}
    code = control(sandbox.control_url, "POST", "/auth_codes", wanted).json["auth_code"]
    assert token_get(client, auth_code=code, grant_type="authorization_code").code == 36009004
    reply = token_get(client, auth_code=code)
    assert reply.json["data"]["seller_name"] == client.shop["name"]
    client.access_token = reply.json["data"]["access_token"]
    assert client.search().status == 200
    assert token_get(client, auth_code=code).code == 36004004


def test_tokens_of_an_earlier_run_of_the_same_world_still_work(client):
    from shops.sandbox.server import start
    from tests.shops.sandbox.conftest import EPOCH

    with start(port=0, seed=7, orders=700, shops=3, now=EPOCH) as again:
        world = control(again.control_url, "GET", "/world").json
        assert client.shop["external_id"] == world["marketplaces"]["tiktok"]["shops"][0]["external_id"]
        client.refresh()
        later = Client(world, 0, client.access_token, client.refresh_token)
        assert later.search().status == 200
        assert later.refresh().code == 0
