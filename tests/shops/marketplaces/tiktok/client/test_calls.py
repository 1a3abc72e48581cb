"""The connector against a local server: what it sends, and what it makes of every kind of answer."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shops.marketplaces import errors
from shops.marketplaces.contract import ListQuery
from shops.marketplaces.records import OrderStatus, Resource, Token, Window
from shops.marketplaces.tiktok.signing import sign
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.tiktok.client.connecting import NOW, SECRET, Limiter, connector

WINDOW = Window(datetime(2026, 7, 31, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))
QUERY = ListQuery(Resource.ORDERS, WINDOW)


def test_the_search_sends_window_sorting_and_a_signature_over_the_sent_bytes(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/order_search_vn"))
    connector(server).fetch_page(ListQuery(Resource.ORDERS, WINDOW, raw_status="AWAITING_SHIPMENT"), "aDU2+/==")
    sent = server.requests[0]
    assert (sent.method, sent.path) == ("POST", "/order/202309/orders/search")
    assert json.loads(sent.body) == {
        "update_time_ge": 1785456000,
        "update_time_lt": 1785542400,
        "order_status": "AWAITING_SHIPMENT",
    }
    signature = sent.query.pop("sign")
    assert sent.query == {
        "app_key": "6sbxk3y0001",
        "timestamp": str(NOW),
        "shop_cipher": "ROW_cipher",
        "page_size": "100",
        "page_token": "aDU2+/==",
        "sort_field": "update_time",
        "sort_order": "ASC",
    }
    assert signature == sign(sent.path, sent.query, sent.body, "application/json", SECRET)
    assert sent.headers["x-tts-access-token"] == "ROW_access"
    assert sent.headers["content-type"] == "application/json"


def test_the_search_gives_records_total_and_the_next_token(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/order_search_vn"))
    page = connector(server).fetch_page(QUERY)
    assert [record.external_id for record in page.records] == ["584000000000000001", "584000000000000003"]
    assert (page.next_token, page.total_count, page.unreadable) == ("aDVzYnhuZXh0cGFnZXRva2VuMDAwMQ==", 3, ())
    assert "page_token" not in server.requests[0].query


def test_an_empty_page_is_an_empty_list(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/order_search_last_page_empty"))
    page = connector(server).fetch_page(QUERY)
    assert (page.records, page.next_token, page.total_count) == ((), "", 0)


def test_an_order_without_an_id_is_kept_apart_and_the_rest_goes_on(server: ScriptedServer) -> None:
    answer = payloads.load("tiktok/order_search_vn")
    del answer["data"]["orders"][0]["id"]
    server.answer(answer)
    page = connector(server).fetch_page(QUERY)
    assert [record.external_id for record in page.records] == ["584000000000000003"]
    assert page.unreadable[0].payload == answer["data"]["orders"][0]


def test_details_are_asked_for_by_joined_ids(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/order_detail_us_202507"))
    page = connector(server).fetch_by_ids(Resource.ORDERS, ["576460000000000002", "1"])
    assert [record.external_id for record in page.records] == ["576460000000000002"]
    assert (server.requests[0].method, server.requests[0].path) == ("GET", "/order/202309/orders")
    assert server.requests[0].query["ids"] == "576460000000000002,1"


def test_no_ids_make_no_call_and_too_many_are_refused(server: ScriptedServer) -> None:
    assert connector(server).fetch_by_ids(Resource.ORDERS, []).records == ()
    with pytest.raises(ValueError, match="at most 50"):
        connector(server).fetch_by_ids(Resource.ORDERS, ["1"] * 51)
    assert server.requests == []


def test_the_shop_list_is_asked_for_without_a_cipher(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/authorized_shops"))
    (shop,) = connector(server).fetch_shops()
    assert (shop.external_id, shop.cipher) == ("7495000000000000001", "ROW_sbxCipherAAAAAB1x2y3z")
    assert (shop.name, shop.region, shop.seller_type) == ("Sample Store VN", "VN", "LOCAL")
    assert server.requests[0].path == "/authorization/202309/shops"
    assert "shop_cipher" not in server.requests[0].query


def test_an_empty_cipher_is_not_sent(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/order_search_last_page_empty"))
    connector(server, cipher="").fetch_page(QUERY)
    assert "shop_cipher" not in server.requests[0].query


def test_a_refreshed_token_expires_at_a_moment_not_after_a_span(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/token_get")["response"])
    token = connector(server).fetch_refreshed_token()
    assert server.requests[0].path == "/api/v2/token/refresh"
    assert server.requests[0].query == {
        "app_key": "6sbxk3y0001",
        "app_secret": SECRET,
        "refresh_token": "ROW_refresh",
        "grant_type": "refresh_token",
    }
    assert token.access_token.startswith("ROW_sbxAccessToken")
    assert token.refresh_token.startswith("ROW_sbxRefreshToken")
    assert token.access_token_expires_at == datetime(2026, 8, 8, 8, 0, tzinfo=UTC)
    assert token.refresh_token_expires_at == datetime(2027, 8, 1, 8, 0, tzinfo=UTC)
    assert "seller.order.info" in token.scopes
    assert token.seller_name == "Sample Store VN"


def test_a_new_token_is_kept_even_if_its_expiry_makes_no_sense(server: ScriptedServer) -> None:
    server.answer({"code": 0, "data": {"access_token": "new", "access_token_expire_in": 604800}})
    assert connector(server).fetch_refreshed_token() == Token("new", "ROW_refresh")


def test_without_a_refresh_token_only_the_seller_can_help(server: ScriptedServer) -> None:
    with pytest.raises(errors.AuthorisationEnded):
        connector(server, token=Token("ROW_access")).fetch_refreshed_token()


@pytest.mark.parametrize("name", payloads.load("tiktok/errors"))
def test_an_error_carries_code_status_and_request_id(server: ScriptedServer, name: str) -> None:
    answer = payloads.load("tiktok/errors")[name]
    server.answer(answer["body"], status=answer["http_status"])
    with pytest.raises(errors.MarketplaceError) as caught:
        connector(server).fetch_page(QUERY)
    assert caught.value.code == str(answer["body"]["code"])
    assert caught.value.http_status == answer["http_status"]
    assert caught.value.request_id == answer["body"]["request_id"]


def test_a_throttled_call_blocks_all_workers_whether_or_not_it_says_how_long(server: ScriptedServer) -> None:
    answer = payloads.load("tiktok/errors")["rate_limited"]
    limiter = Limiter()
    server.answer(answer["body"], status=429, headers={"Retry-After": "17"})
    server.answer(b"<html>slow down</html>", status=429)
    for asked in (17, None):
        with pytest.raises(errors.Throttled) as caught:
            connector(server, limiter=limiter).fetch_shops()
        assert caught.value.retry_after_seconds == asked
    assert limiter.blocks == [17, None]


def test_our_own_limit_sends_nothing(server: ScriptedServer) -> None:
    with pytest.raises(errors.OwnLimitReached) as caught:
        connector(server, limiter=Limiter(wait=41.5)).fetch_shops()
    assert caught.value.retry_after_seconds == 41.5
    assert server.requests == []


ORDERS: dict[str, Any] = {"orders": [], "next_page_token": ""}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"<html>maintenance</html>", errors.UnreadableAnswer),
        (200, b'{"code": 0, "data": {"orders": [', errors.UnreadableAnswer),
        (200, b"", errors.UnreadableAnswer),
        (200, [], errors.UnreadableAnswer),
        (200, {"data": ORDERS}, errors.UnreadableAnswer),
        (200, {"code": "ok", "data": ORDERS}, errors.UnreadableAnswer),
        (200, {"code": 0, "data": None}, errors.UnreadableAnswer),
        (200, {"code": 0, "data": {}}, errors.UnreadableAnswer),
        (200, {"code": 0, "data": {"orders": [{"id": "1"}]}}, errors.UnreadableAnswer),
        (200, {"code": 36009003, "data": ORDERS}, errors.ServerError),
        (502, b"<html>bad gateway</html>", errors.ServerError),
        (500, {"code": 0, "data": ORDERS}, errors.ServerError),
        (401, b"", errors.TokenInvalid),
        (403, b"<html>", errors.Refused),
        (302, b"", errors.Refused),
    ],
)
def test_no_broken_answer_passes_for_an_empty_list(
    server: ScriptedServer, status: int, body: Any, expected: type[errors.MarketplaceError]
) -> None:
    server.answer(body, status=status)
    with pytest.raises(expected) as caught:
        connector(server).fetch_page(QUERY)
    assert type(caught.value) is expected


def test_a_cut_off_body_is_worth_another_try(server: ScriptedServer) -> None:
    server.answer_raw(b'HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n{"code": 0, "data": {"orders": []}}')
    with pytest.raises(errors.NetworkFailure) as caught:
        connector(server).fetch_page(QUERY)
    assert caught.value.action is errors.Action.RETRY


def test_a_server_that_repeats_our_secrets_does_not_spread_them(server: ScriptedServer) -> None:
    server.answer({"code": 106001, "message": f"bad {SECRET} ROW_access ROW_refresh ROW_cipher"}, status=401)
    with pytest.raises(errors.BadSignature) as caught:
        connector(server).fetch_shops()
    assert str(caught.value).startswith("bad [hidden] [hidden] [hidden] [hidden]")


def test_a_shop_without_an_id_is_no_shop(server: ScriptedServer) -> None:
    for shops in ([{"name": "x"}], [7], None):
        server.answer({"code": 0, "data": {"shops": shops}})
        with pytest.raises(errors.UnreadableAnswer):
            connector(server).fetch_shops()


def test_our_statuses_translate_to_words_that_the_search_takes(server: ScriptedServer) -> None:
    def words(status: str) -> list[str]:
        return [query.raw_status for query in connector(server).plan_lists(Resource.ORDERS, WINDOW, status)]

    assert words(OrderStatus.CANCELLED) == ["CANCELLED"]
    assert words("partially_shipped") == ["PARTIALLY_SHIPPING"]
    assert words(OrderStatus.CANCEL_REQUESTED) == []
    assert words("") == [""]


def test_the_consent_page_takes_the_service_id_and_the_older_one_the_apps_key(server: ScriptedServer) -> None:
    address = connector(server, service_id="7431").authorisation_url("a/b", "https://ours.example/callback")
    assert address == "https://services.example/open/authorize?service_id=7431&state=a%2Fb"
    older = connector(server).authorisation_url("ab", "https://ours.example/callback")
    assert older == f"{server.url}/oauth/authorize?app_key=6sbxk3y0001&state=ab"
    assert server.requests == []


def test_a_code_is_exchanged_for_a_token(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/token_get")["response"])
    token = connector(server, token=Token("")).fetch_token("the code")
    assert token.access_token.startswith("ROW_sbxAccessToken")
    assert server.requests[0].path == "/api/v2/token/get"
    assert server.requests[0].query == {
        "app_key": "6sbxk3y0001",
        "app_secret": SECRET,
        "auth_code": "the code",
        "grant_type": "authorized_code",  # authorization_code, as elsewhere, is refused
    }
