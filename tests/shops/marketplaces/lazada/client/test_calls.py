"""Calls, envelope, tokens and shops of the connector against a local server."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest

from shops.marketplaces import errors
from shops.marketplaces.contract import AppKeys, ShopKeys
from shops.marketplaces.http import HttpClient
from shops.marketplaces.lazada.client import LazadaConnector
from shops.marketplaces.lazada.signing import sign
from shops.marketplaces.rate_limit import NoLimit
from shops.marketplaces.records import Resource, Token
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.lazada.calling import DAY, NOW, SECRET, TOKEN, Limiter, connector, ok, order_page
from tests.shops.marketplaces.scripted_server import ScriptedServer


def utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def probe(server: ScriptedServer, **changes: Any) -> Any:
    return connector(server, **changes).call("/orders/get", {"limit": "1", "status": ""})


def test_a_call_is_signed_over_all_that_is_sent_and_sends_nothing_empty(server: ScriptedServer) -> None:
    server.answer(ok({"count": 0}))
    assert probe(server) == {"count": 0}
    (sent,) = server.requests
    assert (sent.method, sent.path, sent.body) == ("GET", "/rest/orders/get", b"")
    signature = sent.query.pop("sign")
    assert sent.query == {
        "limit": "1",
        "access_token": TOKEN.access_token,
        "app_key": "100132",
        "timestamp": f"{NOW}250",
        "sign_method": "sha256",
    }
    assert signature == sign("/orders/get", sent.query, SECRET)


@pytest.mark.parametrize(
    ("api_url", "region", "expected"),
    [
        ("https://api.lazada.sg", "TH", "https://api.lazada.co.th/rest"),
        ("https://api.lazada.sg/rest/", "vn", "https://api.lazada.vn/rest"),
        ("https://api.lazada.com.my", "", "https://api.lazada.com.my/rest"),
        ("http://127.0.0.1:9104", "TH", "http://127.0.0.1:9104/rest"),
        ("http://127.0.0.1:9104/rest", "TH", "http://127.0.0.1:9104/rest"),
        ("https://lazada.example", "TH", "https://lazada.example/rest"),
    ],
)
def test_a_shops_country_chooses_among_lazadas_hosts_and_no_others(api_url: str, region: str, expected: str) -> None:
    keys = AppKeys("k", "s", api_url, api_url)
    assert LazadaConnector(keys, TOKEN, ShopKeys("7", region), HttpClient(), NoLimit())._api_url() == expected


@pytest.mark.parametrize("answer", payloads.load("lazada/errors"), ids=lambda answer: answer["when"])
def test_an_error_comes_with_http_200_and_carries_code_and_request_id(
    server: ScriptedServer, answer: dict[str, Any]
) -> None:
    server.answer(answer["body"])
    with pytest.raises(errors.MarketplaceError) as caught:
        probe(server)
    assert caught.value.code == answer["body"]["code"]
    assert caught.value.request_id == answer["body"]["request_id"]


@pytest.mark.parametrize("code", ["ApiCallLimit", "0"])
def test_a_limit_is_heeded_and_the_limiter_hears_of_it_even_with_the_code_of_success(
    server: ScriptedServer, code: str
) -> None:
    message = "Api access frequency exceeds the limit. this ban will last 3 seconds"
    server.answer({"code": code, "message": message, "request_id": "1"})
    limiter = Limiter()
    with pytest.raises(errors.Throttled):
        probe(server, limiter=limiter)
    assert limiter.blocks == [3.0]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"data": {"countTotal": 0, "orders": []}}, errors.UnreadableAnswer),  # no code
        (200, {"code": "0"}, errors.UnreadableAnswer),
        (200, {"code": "0", "data": None}, errors.UnreadableAnswer),
        (200, {"code": "0", "data": {"count": 0, "orders": []}}, errors.UnreadableAnswer),  # no total
        (200, {"code": "0", "data": {"count": 0, "countTotal": 3}}, errors.UnreadableAnswer),
        (200, {"code": "0", "data": {"count": 0, "countTotal": 3, "orders": []}}, errors.UnreadableAnswer),
        (200, b"<html>maintenance</html>", errors.UnreadableAnswer),
        (502, b"<html>bad gateway</html>", errors.ServerError),
        (500, {"code": "0", "data": {}}, errors.ServerError),
        (403, b"", errors.Refused),
    ],
)
def test_no_broken_answer_passes_for_an_empty_list(
    server: ScriptedServer, status: int, body: Any, expected: type[errors.MarketplaceError]
) -> None:
    server.answer(body, status=status)
    lazada = connector(server)
    with pytest.raises(expected) as caught:
        lazada.fetch_page(lazada.plan_lists(Resource.ORDERS, DAY)[0])
    assert type(caught.value) is expected


def test_a_code_is_exchanged_in_a_form_so_that_it_stands_in_no_address(server: ScriptedServer) -> None:
    server.answer(payloads.load("lazada/token_create"))
    token = connector(server, token=Token("")).fetch_token("0_100132_Cl3V")
    (sent,) = server.requests
    form = dict(parse_qsl(sent.body.decode()))
    assert (sent.method, sent.path, sent.query) == ("POST", "/rest/auth/token/create", {})
    assert (form["code"], "access_token" in form) == ("0_100132_Cl3V", False)
    assert form.pop("sign") == sign("/auth/token/create", form, SECRET)
    assert token.access_token.startswith("50000201")
    assert token.refresh_token.startswith("50001201")
    assert token.access_token_expires_at == utc(NOW + 864_000)  # lives are spans, counted from the request
    assert token.refresh_token_expires_at == utc(NOW + 4_320_000)
    assert (token.shop_external_ids, token.shop_regions) == (("100000000001",), ("TH",))


def test_a_refresh_never_moves_the_end_of_the_refresh_token(server: ScriptedServer) -> None:
    known = Token("old", "50001201e", refresh_token_expires_at=utc(NOW + 1_000))
    server.answer(payloads.load("lazada/token_refresh"))
    token = connector(server, token=known).fetch_refreshed_token()
    assert server.requests[0].path == "/rest/auth/token/refresh"
    assert token.refresh_token_expires_at == utc(NOW + 1_000)
    assert token.shop_external_ids == ("100000000001",)  # the list has another name here


def test_what_a_refresh_does_not_tell_stays_as_it_was(server: ScriptedServer) -> None:
    known = Token("old", "r", refresh_token_expires_at=utc(NOW + 9), shop_external_ids=("7",), shop_regions=("SG",))
    server.answer({"access_token": "new", "expires_in": "60", "request_id": "1"})  # flat, and without a code
    token = connector(server, token=known).fetch_refreshed_token()
    assert (token.access_token, token.refresh_token, token.access_token_expires_at) == ("new", "r", utc(NOW + 60))
    assert (token.refresh_token_expires_at, token.shop_regions) == (utc(NOW + 9), ("SG",))


@pytest.mark.parametrize("life", [None, "", "soon", 0, -5, 10**12])
def test_a_life_that_makes_no_sense_is_not_known(server: ScriptedServer, life: Any) -> None:
    server.answer({"code": "0", "access_token": "new", "expires_in": life})
    assert connector(server).fetch_refreshed_token().access_token_expires_at is None


@pytest.mark.parametrize("body", [{"code": "0"}, {"code": "0", "access_token": ""}, [], {"access_token": ["x"]}])
def test_an_answer_without_a_token_is_none(server: ScriptedServer, body: Any) -> None:
    server.answer(body)
    with pytest.raises(errors.UnreadableAnswer):
        connector(server).fetch_refreshed_token()


@pytest.mark.parametrize("code", ["IllegalRefreshToken", "AUTH_TYPE_UNSUPPORTED"])
def test_a_dead_refresh_token_needs_the_seller(server: ScriptedServer, code: str) -> None:
    server.answer({"code": code, "type": "ISV", "message": f"The token {TOKEN.refresh_token} is invalid"})
    with pytest.raises(errors.AuthorisationEnded) as caught:
        connector(server).fetch_refreshed_token()
    assert TOKEN.refresh_token not in str(caught.value)


def test_the_consent_page_gets_key_callback_and_state(server: ScriptedServer) -> None:
    address = connector(server).authorisation_url("s t", "https://back.example/cb")
    page, _, query = address.partition("?")
    assert page == f"{server.url}/oauth/authorize"
    assert dict(parse_qsl(query)) == {
        "response_type": "code",
        "force_auth": "true",
        "redirect_uri": "https://back.example/cb",
        "client_id": "100132",
        "state": "s t",
    }


def test_one_token_may_open_shops_in_several_countries(server: ScriptedServer) -> None:
    rows = [{"country": "sg", "seller_id": 1}, {"country": "my", "seller_id": "2"}, {"country": "th"}, 7]
    server.answer({"code": "0", "access_token": "a", "country": "cb", "account": "x", "country_user_info": rows})
    server.answer(order_page([], 0))
    token = connector(server, token=Token("")).fetch_token("c")
    shops = connector(server, token=token, shop=ShopKeys()).fetch_shops()
    assert [(shop.external_id, shop.region) for shop in shops] == [("1", "SG"), ("2", "MY")]


def test_for_a_token_that_came_another_way_the_shop_is_the_one_spoken_for(server: ScriptedServer) -> None:
    server.answer(order_page([], 0))
    (shop,) = connector(server).fetch_shops()
    assert (shop.external_id, shop.region) == ("100000000001", "TH")
    assert server.requests[0].query["limit"] == "1"


def test_a_shop_that_nobody_names_is_not_guessed(server: ScriptedServer) -> None:
    server.answer(order_page([], 0))
    with pytest.raises(errors.UnknownShop):
        connector(server, shop=ShopKeys()).fetch_shops()
