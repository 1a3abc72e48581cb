"""Every documented failure becomes the error that says what to do."""

from typing import Any

import pytest

from shops.marketplaces import errors
from shops.marketplaces.errors import Action, MarketplaceError
from shops.marketplaces.shopee.errors import error_of
from tests.shops.marketplaces import payloads

ANSWERS = payloads.load("shopee/errors")
EXPECTED = [
    (errors.BadSignature, Action.GIVE_UP),
    (errors.ClockWrong, Action.GIVE_UP),
    (errors.TokenInvalid, Action.REFRESH_TOKEN),
    (errors.TokenInvalid, Action.REFRESH_TOKEN),
    (errors.AuthorisationEnded, Action.REAUTHORISE),
    (errors.AuthorisationEnded, Action.REAUTHORISE),
    (errors.BadRequest, Action.GIVE_UP),
    (errors.RecordRefused, Action.GIVE_UP),
    (errors.RecordRefused, Action.GIVE_UP),
    (errors.BadRequest, Action.GIVE_UP),
    (errors.Throttled, Action.SLOW_DOWN),
    (errors.Throttled, Action.SLOW_DOWN),
    (errors.ServerError, Action.RETRY),
    (errors.AuthorisationEnded, Action.REAUTHORISE),
]
# 2023-11-14 22:13:20 UTC, which is 06:13:20 of the 15th at UTC+8.
NOW = 1_700_000_000


def kind(code: str, message: str = "", http_status: int = 200) -> type[MarketplaceError]:
    return type(error_of(code=code, message=message, http_status=http_status, now=NOW))


@pytest.mark.parametrize(
    ("answer", "expected"), list(zip(ANSWERS, EXPECTED, strict=True)), ids=[answer["when"] for answer in ANSWERS]
)
@pytest.mark.parametrize("http_status", [200, 403])
def test_the_code_decides(answer: dict[str, Any], expected: tuple[type, Action], http_status: int) -> None:
    body = answer["body"]
    error = error_of(code=body["error"], message=body["message"], http_status=http_status, now=NOW)
    assert (type(error), error.action) == expected
    assert error.advice
    assert error.code == body["error"]


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("common.error_auth", "partner_id is invalid", errors.BadAppKey),
        ("error_auth", "System error, please try again later.", errors.ServerError),
        ("error_auth", "something new", errors.TokenInvalid),
        ("product.error_param", "offset", errors.BadRequest),
        ("error_param", "Invalid timestamp", errors.ClockWrong),
        ("error_data", "Please try later", errors.ServerError),
        ("error_data", "no", errors.Refused),
        ("logistics.package_number_not_exist", "", errors.RecordRefused),
        ("payment.income_not_found", "", errors.RecordRefused),
        ("source_ip_undeclared", "", errors.AccessDenied),
        ("error_api_permission", "", errors.ScopeMissing),
        ("refresh_token_expired", "", errors.AuthorisationEnded),
        ("error_shop", "", errors.UnknownShop),
    ],
)
def test_codes_come_bare_or_behind_a_module(code: str, message: str, expected: type[MarketplaceError]) -> None:
    assert kind(code, message) is expected


@pytest.mark.parametrize(
    ("code", "http_status", "expected"),
    [
        ("error_unheard_of", 500, errors.ServerError),
        ("error_unheard_of", 429, errors.Throttled),
        ("error_unheard_of", 401, errors.TokenInvalid),
        ("error_unheard_of", 200, errors.Refused),
        ("", 404, errors.Refused),
        ("error_sign", 500, errors.BadSignature),
    ],
)
def test_the_http_status_speaks_where_the_code_is_unknown(
    code: str, http_status: int, expected: type[MarketplaceError]
) -> None:
    assert kind(code, http_status=http_status) is expected


def test_a_used_up_day_ends_at_midnight_of_utc_plus_8() -> None:
    error = error_of(code="error_limit", message="", http_status=200, now=NOW)
    assert error.retry_after_seconds == 17 * 3600 + 46 * 60 + 40
    asked = error_of(code="error_limit", message="", http_status=429, now=NOW, retry_after_seconds=5)
    assert asked.retry_after_seconds == 5


def test_an_unknown_code_stands_in_the_sentence() -> None:
    assert "error_unheard_of" in str(error_of(code="error_unheard_of", message="", http_status=200, now=NOW))
    assert "HTTP 302" in str(error_of(code="", message="", http_status=302, now=NOW))
