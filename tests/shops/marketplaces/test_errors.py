"""Errors are for programs and for people."""

import pickle

import pytest

from shops.marketplaces import errors

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.MarketplaceError)]


@pytest.mark.parametrize("kind", KINDS[1:], ids=lambda kind: kind.__name__)
def test_every_error_says_what_to_do(kind: type[errors.MarketplaceError]) -> None:
    assert kind.action in errors.Action
    assert kind.advice.endswith(".")


def test_the_text_names_code_status_and_request() -> None:
    error = errors.ServerError("Internal error.", code="36009003", http_status=500, request_id="2026A1")
    assert str(error) == "Internal error. (code 36009003, HTTP 500, request 2026A1)"
    assert str(errors.NetworkFailure()) == "NetworkFailure"


def test_an_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(errors.Throttled("Too many.", code="1", retry_after_seconds=3.0)))
    assert (str(error), error.retry_after_seconds) == ("Too many. (code 1)", 3.0)
