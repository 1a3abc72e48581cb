"""Every documented failure becomes the error that says what to do."""

import pytest

from shops.marketplaces import errors
from shops.marketplaces.errors import Action, MarketplaceError
from shops.marketplaces.tiktok.errors import error_of
from tests.shops.marketplaces import payloads

ANSWERS = payloads.load("tiktok/errors")
EXPECTED = {
    "invalid_app_key": (errors.BadAppKey, Action.GIVE_UP),
    "missing_sign": (errors.BadSignature, Action.GIVE_UP),
    "old_timestamp": (errors.ClockWrong, Action.GIVE_UP),
    "future_timestamp": (errors.ClockWrong, Action.GIVE_UP),
    "bad_sign": (errors.BadSignature, Action.GIVE_UP),
    "expired_token": (errors.TokenExpired, Action.REFRESH_TOKEN),
    "invalid_token": (errors.TokenInvalid, Action.REFRESH_TOKEN),
    "missing_scope": (errors.ScopeMissing, Action.GIVE_UP),
    "missing_shop_cipher": (errors.ShopCipherWrong, Action.GIVE_UP),
    "unexpected_shop_cipher": (errors.BadRequest, Action.GIVE_UP),
    "invalid_path": (errors.BadRequest, Action.GIVE_UP),
    "rate_limited": (errors.Throttled, Action.SLOW_DOWN),
    "gateway_timeout": (errors.ServerError, Action.RETRY),
    "internal_error": (errors.ServerError, Action.RETRY),
    "business_error": (errors.RecordRefused, Action.GIVE_UP),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_code_decides(name: str) -> None:
    body = ANSWERS[name]["body"]
    error = error_of(code=body["code"], message=body["message"], http_status=ANSWERS[name]["http_status"])
    assert (type(error), error.action) == EXPECTED[name]
    assert error.advice
    assert "m.tiktok.shop" not in str(error)


@pytest.mark.parametrize("name", payloads.load("tiktok/token_errors"))
def test_a_dead_refresh_token_needs_the_seller(name: str) -> None:
    body = payloads.load("tiktok/token_errors")[name]
    assert error_of(code=body["code"], message=body["message"], http_status=200).action is Action.REAUTHORISE


@pytest.mark.parametrize(
    ("code", "http_status", "expected"),
    [
        (36009004, 400, errors.BadRequest),
        (99999999, 500, errors.ServerError),
        (99999999, 429, errors.Throttled),
        (99999999, 401, errors.TokenInvalid),
        (99999999, 200, errors.Refused),
        (0, 404, errors.Refused),
        (0, 302, errors.Refused),
        (105002, 500, errors.TokenExpired),
        (101000, 200, errors.TokenInvalid),
        (36009033, 403, errors.AccessDenied),
    ],
)
def test_the_http_status_speaks_where_the_code_is_unknown(
    code: int, http_status: int, expected: type[MarketplaceError]
) -> None:
    assert type(error_of(code=code, message="", http_status=http_status)) is expected


def test_an_unknown_code_stands_in_the_sentence() -> None:
    assert "99999999" in str(error_of(code=99999999, message="", http_status=200))
    assert "HTTP 302" in str(error_of(code=0, message="", http_status=302))
