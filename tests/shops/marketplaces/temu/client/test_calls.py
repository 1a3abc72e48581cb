"""The signed call, its envelope, tokens and the shop."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shops.marketplaces import errors
from shops.marketplaces.rate_limit import NoLimit
from shops.marketplaces.records import ShopRecord, Token
from shops.marketplaces.temu.signing import sign
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.temu.client.connecting import KEY, NOW, SECRET, TOKEN, connect, failure, sent, success


class Remembering(NoLimit):
    """Remembers blocks."""

    def __init__(self) -> None:
        self.blocks: list[float | None] = []

    def block(self, seconds: float | None) -> None:
        self.blocks.append(seconds)


def test_a_call_is_one_post_with_everything_in_its_signed_body(server: ScriptedServer) -> None:
    server.answer(payloads.load("temu/token_info"))
    connect(server).fetch_shops()
    (request,) = server.requests
    body = json.loads(request.body)
    assert (request.method, request.path, request.query) == ("POST", "/openapi/router", {})
    assert request.headers["content-type"] == "application/json"
    assert body.pop("sign") == sign(body, SECRET) == "9171E931AE5511EEAE00D8D09BD88B0E"  # as the recorded request
    assert body == {
        "type": "bg.open.accesstoken.info.get",
        "app_key": KEY,
        "access_token": TOKEN.access_token,
        "timestamp": NOW,
        "data_type": "JSON",
    }


def test_the_token_belongs_to_one_shop_whose_name_is_not_told(server: ScriptedServer) -> None:
    server.answer(payloads.load("temu/token_info"))
    assert connect(server).fetch_shops() == (
        ShopRecord(
            external_id="634400000000001",
            name="",
            region="US",
            seller_type="1",
            authorised_until=datetime(2027, 1, 1, tzinfo=UTC),
        ),
    )


def test_a_code_is_exchanged_in_the_place_of_the_token(server: ScriptedServer) -> None:
    server.answer(payloads.load("temu/token_create"))
    token = connect(server).fetch_token("synthcode9z8y7x6w5v4u3t2s1r0q")
    body = json.loads(server.requests[0].body)
    assert (body["type"], body["code"]) == ("bg.open.accesstoken.create", "synthcode9z8y7x6w5v4u3t2s1r0q")
    assert body["access_token"] == body["code"]
    assert body["sign"] == "515DAEEE171D6259A4E4459F635F76A9"  # as the recorded request
    assert token.access_token == TOKEN.access_token
    assert token.refresh_token == ""
    assert token.access_token_expires_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert "bg.order.list.v2.get" in token.scopes
    assert token.shop_external_ids == ("634400000000001",)


def test_the_consent_page_is_in_the_seller_centre(server: ScriptedServer) -> None:
    assert connect(server).authorisation_url("a state", "https://us.example/back") == (
        "https://seller.example.invalid/open-platform/client-manage/authorization"
        f"?appKey={KEY}&redirect_uri=https%3A%2F%2Fus.example%2Fback&state=a+state"
    )


def test_a_token_is_never_renewed(server: ScriptedServer) -> None:
    with pytest.raises(errors.AuthorisationEnded):
        connect(server, token=Token("access", "refresh")).fetch_refreshed_token()
    assert server.requests == []


def test_an_answer_in_two_envelopes_is_unpacked(server: ScriptedServer) -> None:
    inner = {"result": {"mallId": 7}, "success": True, "errorCode": 0, "errorMsg": "SUC", "serverTime": 1767225600123}
    server.answer(success(inner))
    assert connect(server).fetch_shops()[0].external_id == "7"


def test_a_refusal_in_the_inner_envelope_is_one(server: ScriptedServer) -> None:
    server.answer(success({"result": None, "success": False, "errorCode": 4000004, "errorMsg": "slow"}))
    with pytest.raises(errors.Throttled) as caught:
        connect(server).fetch_shops()
    assert (caught.value.code, caught.value.request_id) == ("4000004", "us-1")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"success": True, "result": {"mallId": 7}}, errors.UnreadableAnswer),
        (200, {"success": True, "errorCode": 0, "result": {"mallId": 7}}, errors.UnreadableAnswer),
        (200, {"success": None, "errorCode": 1000000, "result": {"mallId": 7}}, errors.UnreadableAnswer),
        (200, {"success": True, "errorCode": 4000004, "result": {"mallId": 7}}, errors.Throttled),
        (200, {"success": True, "errorCode": 1000000, "result": {}}, errors.UnreadableAnswer),
        (200, {"success": True, "errorCode": 1000000}, errors.UnreadableAnswer),
        (200, {"error_code": 40003, "error_msg": ""}, errors.Refused),
        (200, b"<html>", errors.UnreadableAnswer),
        (200, [], errors.UnreadableAnswer),
        (500, {"success": True, "errorCode": 1000000, "result": {"mallId": 7}}, errors.ServerError),
        (502, b"<html>bad gateway</html>", errors.ServerError),
        (429, b"", errors.Throttled),
        (403, b"<html>blocked</html>", errors.Refused),
    ],
)
def test_only_success_with_its_code_is_success(
    server: ScriptedServer, status: int, body: Any, expected: type[errors.MarketplaceError]
) -> None:
    server.answer(body, status=status)
    with pytest.raises(errors.MarketplaceError) as caught:
        connect(server).fetch_shops()
    assert type(caught.value) is expected


def test_a_throttled_call_blocks_all_workers(server: ScriptedServer) -> None:
    limiter = Remembering()
    server.answer(failure(4000004, "RATE_LIMIT_EXCEED_EXCEPTION"))
    with pytest.raises(errors.Throttled):
        connect(server, limiter=limiter).fetch_shops()
    assert limiter.blocks == [None]


def test_neither_token_nor_code_nor_secret_is_repeated(server: ScriptedServer) -> None:
    server.answer(failure(3000001, f"bad {SECRET} {TOKEN.access_token} acode"))
    with pytest.raises(errors.BadSignature) as caught:
        connect(server).fetch_token("acode")
    assert caught.value.message == "bad [hidden] [hidden] [hidden]"


def test_a_call_of_a_type_carries_its_parameters_beside_the_common_ones(server: ScriptedServer) -> None:
    server.answer(success([1]))
    assert connect(server).call("bg.logistics.companies.get", {"regionId": 211}) == [1]
    assert sent(server) == [("bg.logistics.companies.get", {"regionId": 211})]
