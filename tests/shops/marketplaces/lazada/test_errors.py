"""Every documented failure becomes the error that says what to do."""

import pytest

from shops.marketplaces import errors
from shops.marketplaces.errors import Action, MarketplaceError
from shops.marketplaces.lazada.errors import error_of, is_throttled
from tests.shops.marketplaces import payloads

ANSWERS = payloads.load("lazada/errors")
EXPECTED = {
    "IncompleteSignature": (errors.BadSignature, Action.GIVE_UP),
    "MissingParameter": (errors.BadRequest, Action.GIVE_UP),
    "IllegalAccessToken": (errors.TokenInvalid, Action.REFRESH_TOKEN),
    "IllegalRefreshToken": (errors.AuthorisationEnded, Action.REAUTHORISE),
    "InvalidCode": (errors.AuthorisationEnded, Action.REAUTHORISE),
    "ApiCallLimit": (errors.Throttled, Action.SLOW_DOWN),
    "901": (errors.Throttled, Action.SLOW_DOWN),
    "ServiceTimeout": (errors.ServerError, Action.RETRY),
    "15": (errors.ServerError, Action.RETRY),
    "17": (errors.BadRequest, Action.GIVE_UP),
    "19": (errors.BadRequest, Action.GIVE_UP),
    "16": (errors.RecordRefused, Action.GIVE_UP),
    "1000012": (errors.BadRequest, Action.GIVE_UP),
}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer["when"])
def test_the_code_decides(answer: dict[str, dict[str, str]]) -> None:
    body = answer["body"]
    error = error_of(code=body["code"], message=body["message"], fault=body["type"])
    assert (type(error), error.action) == EXPECTED[body["code"]]
    assert error.advice
    assert body["code"] in str(error)


@pytest.mark.parametrize(
    ("code", "fault", "http_status", "expected"),
    [
        ("AppCallLimit", "ISV", 200, errors.Throttled),
        ("E901", "ISP", 200, errors.Throttled),
        ("AUTH_TYPE_UNSUPPORTED", "ISV", 200, errors.AuthorisationEnded),
        ("InvalidTimestamp", "ISV", 200, errors.ClockWrong),
        ("InsufficientPermission", "ISV", 200, errors.ScopeMissing),
        ("SellerNotActive", "ISV", 200, errors.AccessDenied),
        ("InvalidAppKey", "ISV", 200, errors.BadAppKey),
        ("106", "ISP", 200, errors.RecordRefused),
        ("37", "ISP", 200, errors.RecordRefused),
        ("208", "ISP", 200, errors.RecordRefused),
        ("38", "ISP", 200, errors.BadRequest),
        ("NeverHeardOf", "SYSTEM", 200, errors.ServerError),
        ("NeverHeardOf", "ISV", 200, errors.Refused),
        ("NeverHeardOf", "", 429, errors.Throttled),
        ("", "", 503, errors.ServerError),
        ("", "", 401, errors.TokenInvalid),
        ("", "", 404, errors.Refused),
        ("15", "ISP", 429, errors.ServerError),
    ],
)
def test_other_codes_and_statuses(code: str, fault: str, http_status: int, expected: type[MarketplaceError]) -> None:
    assert type(error_of(code=code, message="", fault=fault, http_status=http_status)) is expected


@pytest.mark.parametrize(
    ("code", "message", "seconds"),
    [
        ("ApiCallLimit", "Api access frequency exceeds the limit. this ban will last 7 seconds", 7.0),
        ("901", "E0901: Limit service request speed in server side temporarily.", 2.0),
        ("AppCallLimit", "", 3600.0),
        ("0", "Api access frequency exceeds the limit. this ban will last 1 seconds", 1.0),
    ],
)
def test_it_waits_as_long_as_the_message_says(code: str, message: str, seconds: float) -> None:
    error = error_of(code=code, message=message)
    assert type(error) is errors.Throttled
    assert error.retry_after_seconds == seconds


def test_what_the_server_asks_for_in_a_header_is_not_overruled() -> None:
    assert error_of(code="ApiCallLimit", message="", retry_after_seconds=9.0).retry_after_seconds == 9.0


def test_a_limit_is_known_by_its_words() -> None:
    assert is_throttled("Api access frequency EXCEEDS the limit.")
    assert not is_throttled("The limit is wrong")


def test_an_unknown_code_stands_in_the_sentence() -> None:
    assert "NeverHeardOf" in str(error_of(code="NeverHeardOf", message=""))
    assert "HTTP 302" in str(error_of(code="", message="", http_status=302))
