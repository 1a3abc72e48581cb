"""The Shopee connector's calls against a local server: signature, envelope, tokens, shops."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from shops.marketplaces import errors
from shops.marketplaces.records import Resource, Token
from shops.marketplaces.shopee.client import ShopeeConnector
from shops.marketplaces.shopee.signing import sign
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.shopee.calling import NOW, SECRET, TOKEN, Limiter, connector, query, wrapped

MOMENT = datetime.fromtimestamp(NOW, UTC)
ORDERS = query(Resource.ORDERS)


def test_a_shop_call_is_signed_with_token_and_shop(server: ScriptedServer) -> None:
    server.answer(payloads.load("shopee/shop_info")["response"])
    (shop,) = connector(server).fetch_shops()
    sent = server.requests[0]
    assert (sent.method, sent.path) == ("GET", "/api/v2/shop/get_shop_info")
    signature = sent.query.pop("sign")
    common = {"partner_id": "2001887", "timestamp": str(NOW), "access_token": TOKEN.access_token, "shop_id": "600123"}
    assert sent.query == common
    assert signature == sign("2001887", sent.path, str(NOW), SECRET, TOKEN.access_token, "600123")
    assert (shop.external_id, shop.name, shop.region, shop.seller_type) == ("600123", "demo shop", "SG", "LOCAL")
    assert shop.authorised_until == datetime(2024, 11, 13, 22, 13, 19, tzinfo=UTC)


def test_while_the_shop_is_not_known_the_token_names_it(server: ScriptedServer) -> None:
    server.answer(payloads.load("shopee/shop_info")["response"])
    shopee = connector(server, token=Token("a", shop_external_ids=("7", "8")), shop_id="")
    assert [(shop.external_id, shop.name) for shop in shopee.fetch_shops()] == [("7", "demo shop"), ("8", "")]
    with pytest.raises(errors.UnknownShop):
        connector(server, token=Token("a"), shop_id="").fetch_shops()


@pytest.mark.parametrize("path", ["token_get", "token_refresh"])
def test_a_token_lives_from_now_on_and_names_its_shop(server: ScriptedServer, path: str) -> None:
    server.answer(payloads.load(f"shopee/{path}")["response"])
    shopee = connector(server)
    token = shopee.fetch_token("a code", "600123") if path == "token_get" else shopee.fetch_refreshed_token()
    assert token.access_token_expires_at == MOMENT + timedelta(hours=4)
    assert token.refresh_token_expires_at == MOMENT + timedelta(days=30)
    assert token.shop_external_ids == ("600123",)
    assert token.refresh_token == payloads.load(f"shopee/{path}")["response"]["refresh_token"]


def test_token_calls_are_public_and_send_numbers(server: ScriptedServer) -> None:
    for name in ("token_get", "token_refresh"):
        server.answer(payloads.load(f"shopee/{name}")["response"])
    connector(server).fetch_token("a code", "600123")
    connector(server).fetch_refreshed_token()
    first, second = server.requests
    assert (first.method, first.path) == ("POST", "/api/v2/auth/token/get")
    assert json.loads(first.body) == {"code": "a code", "partner_id": 2001887, "shop_id": 600123}
    assert second.path == "/api/v2/auth/access_token/get"
    sent = {"refresh_token": TOKEN.refresh_token, "partner_id": 2001887, "shop_id": 600123}
    assert json.loads(second.body) == sent
    for request in server.requests:
        assert set(request.query) == {"partner_id", "timestamp", "sign"}
        assert request.query["sign"] == sign("2001887", request.path, str(NOW), SECRET)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (14400, MOMENT + timedelta(seconds=14400)),
        ("14351", MOMENT + timedelta(seconds=14351)),
        (1767001812, datetime.fromtimestamp(1767001812, UTC)),
        (None, None),
        ("soon", None),
        (-5, None),
        (0, None),
    ],
)
def test_an_expiry_is_a_span_unless_it_can_only_be_a_moment(
    server: ScriptedServer, told: Any, expected: datetime | None
) -> None:
    server.answer({"error": "", "access_token": "new", "refresh_token": "next", "expire_in": told})
    assert connector(server).fetch_refreshed_token().access_token_expires_at == expected


def test_a_spent_refresh_token_is_never_kept(server: ScriptedServer) -> None:
    server.answer({"error": "", "access_token": "new", "expire_in": 14400, "shop_id_list": None})
    token = connector(server).fetch_refreshed_token()
    assert (token.access_token, token.refresh_token, token.refresh_token_expires_at) == ("new", "", None)


def test_a_refused_refresh_token_needs_the_seller(server: ScriptedServer) -> None:
    server.answer({"error": "error_auth", "message": "Invalid refresh_token."}, status=403)
    with pytest.raises(errors.AuthorisationEnded):
        connector(server).fetch_refreshed_token()


def test_the_consent_page_is_signed_and_carries_our_state_in_the_callback(server: ScriptedServer) -> None:
    address = connector(server).authorisation_url("s1", "https://back.example/cb?tenant=7")
    parts = urlsplit(address)
    asked = {key: value for key, (value,) in parse_qs(parts.query).items()}
    assert parts.path == "/api/v2/shop/auth_partner"
    assert asked["redirect"] == "https://back.example/cb?tenant=7&state=s1"
    assert asked["sign"] == sign("2001887", parts.path, str(NOW), SECRET)
    again = connector(server).authorisation_url("s1", "https://back.example/cb?state=s1")
    assert parse_qs(urlsplit(again).query)["redirect"] == ["https://back.example/cb?state=s1"]


def test_the_unsigned_consent_page_takes_the_state_itself(server: ScriptedServer) -> None:
    class Unsigned(ShopeeConnector):
        is_consent_link_signed = False

    address = connector(server, kind=Unsigned).authorisation_url("s1", "https://back.example/cb")
    asked = {key: value for key, (value,) in parse_qs(urlsplit(address).query).items()}
    assert urlsplit(address).path == "/auth"
    assert asked == {
        "partner_id": "2001887",
        "auth_type": "seller",
        "redirect_uri": "https://back.example/cb",
        "response_type": "code",
        "state": "s1",
    }


@pytest.mark.parametrize("number", range(14))
def test_an_error_carries_code_status_and_request_id(server: ScriptedServer, number: int) -> None:
    body = payloads.load("shopee/errors")[number]["body"]
    server.answer(body)
    with pytest.raises(errors.MarketplaceError) as caught:
        connector(server).fetch_page(ORDERS)
    assert (caught.value.code, caught.value.request_id) == (body["error"], body["request_id"])
    assert caught.value.http_status == 200


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"message": "", "response": {"more": False, "order_list": []}}, errors.UnreadableAnswer),
        (200, {"error": None, "response": {"more": False, "order_list": []}}, errors.UnreadableAnswer),
        (200, {"error": "", "response": []}, errors.UnreadableAnswer),
        (200, wrapped({"order_list": []}), errors.UnreadableAnswer),
        (200, wrapped({"more": True, "order_list": [], "next_cursor": "2"}), errors.UnreadableAnswer),
        (200, wrapped({"more": True, "order_list": [{"order_sn": "A"}], "next_cursor": ""}), errors.UnreadableAnswer),
        (200, wrapped({"more": False, "order_list": {}}), errors.UnreadableAnswer),
        (500, wrapped({"more": False, "order_list": []}), errors.ServerError),
        (502, b"<html>", errors.ServerError),
        (429, b"", errors.Throttled),
        (302, b"", errors.Refused),
    ],
)
def test_no_broken_answer_passes_for_an_empty_list(
    server: ScriptedServer, status: int, body: Any, expected: type[errors.MarketplaceError]
) -> None:
    server.answer(body, status=status)
    with pytest.raises(expected):
        connector(server).fetch_page(ORDERS)


def test_a_dash_is_how_some_answers_say_that_all_is_well(server: ScriptedServer) -> None:
    server.answer(wrapped({"more": False, "order_list": []}) | {"error": "-", "message": "-"})
    assert connector(server).fetch_page(ORDERS).stubs == ()


def test_a_wish_for_fewer_calls_reaches_the_limits(server: ScriptedServer) -> None:
    limiter = Limiter()
    server.answer({"error": "error_rate_limit", "message": "Too many"}, status=429, headers={"Retry-After": "7"})
    with pytest.raises(errors.Throttled):
        connector(server, limiter=limiter).fetch_page(ORDERS)
    assert limiter.blocks == [7.0]


def test_a_key_that_is_no_number_is_named_before_the_call(server: ScriptedServer) -> None:
    with pytest.raises(errors.BadAppKey):
        connector(server).fetch_token("code", "a shop")
    assert server.requests == []
