"""Which error follows from which code."""

import pytest

from shops.marketplaces import errors
from shops.marketplaces.temu.errors import error_of
from tests.shops.marketplaces import payloads

EXPECTED = {
    3000001: errors.BadSignature,
    3000002: errors.BadRequest,
    3000003: errors.BadRequest,
    3000004: errors.BadRequest,
    3000010: errors.BadRequest,
    3000011: errors.ClockWrong,
    3000012: errors.ClockWrong,
    3000025: errors.BadAppKey,
    3000030: errors.AuthorisationEnded,
    3000031: errors.AuthorisationEnded,
    3000032: errors.ScopeMissing,
    3000033: errors.AuthorisationEnded,
    3000034: errors.AuthorisationEnded,
    3000040: errors.BadRequest,
    4000004: errors.Throttled,
    5000003: errors.AccessDenied,
    7000000: errors.ServerError,
    140020002: errors.Refused,
    140020013: errors.BadRequest,
    130010001: errors.BadRequest,
    150010003: errors.BadRequest,
    120012016: errors.Refused,
}


def kind(code: int, message: str = "", http_status: int = 200, *, is_of_record: bool = False) -> type[Exception]:
    return type(error_of(code=code, message=message, http_status=http_status, is_of_record=is_of_record))


@pytest.mark.parametrize("answer", payloads.load("temu/errors"), ids=lambda answer: str(answer["errorCode"]))
def test_each_recorded_refusal_has_its_error(answer: dict[str, object]) -> None:
    code, message = int(str(answer["errorCode"])), str(answer["errorMsg"])
    if code == 4000000:
        is_unknown_app = message.startswith("The application information")
        assert kind(code, message) is (errors.BadAppKey if is_unknown_app else errors.ServerError)
    else:
        assert kind(code, message) is EXPECTED[code]


def test_what_concerns_one_record_is_told_only_of_calls_for_one() -> None:
    assert kind(140020002, is_of_record=True) is errors.RecordRefused
    assert kind(170070011, is_of_record=True) is errors.RecordRefused
    assert kind(140020008, is_of_record=True) is errors.RecordNotReady
    assert kind(140020009) is errors.ServerError  # of a list: the whole page is asked for again
    assert kind(3000032, is_of_record=True) is errors.ScopeMissing


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (7000015, errors.BadSignature),
        (7000018, errors.AuthorisationEnded),
        (7000020, errors.AuthorisationEnded),
        (7000022, errors.ScopeMissing),
        (140020003, errors.ScopeMissing),
        (99, errors.Refused),
    ],
)
def test_other_gateways_and_unknown_codes(code: int, expected: type[Exception]) -> None:
    assert kind(code) is expected


@pytest.mark.parametrize(
    ("status", "expected"), [(429, errors.Throttled), (502, errors.ServerError), (403, errors.Refused)]
)
def test_without_a_code_the_http_status_speaks(status: int, expected: type[Exception]) -> None:
    assert kind(0, http_status=status) is expected


def test_a_message_is_bounded_and_never_missing() -> None:
    assert len(error_of(code=1, message="x" * 900, http_status=200).message) == 300
    assert "code 17" in error_of(code=17, message="", http_status=200).message
    assert "HTTP 502" in error_of(code=0, message="", http_status=502).message
