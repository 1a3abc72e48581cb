"""When a failed call is made again."""

import pytest

from shops.marketplaces import errors
from shops.marketplaces.retry import Decision, RetryPolicy, decide

POLICY = RetryPolicy()


def wait(error: errors.MarketplaceError, attempt: int, luck: float = 1.0) -> Decision:
    return decide(error, attempt, POLICY, lambda: luck)


def test_waits_double_and_are_capped() -> None:
    policy = RetryPolicy(max_retries=100)
    waits = [decide(errors.ServerError(), attempt, policy, lambda: 1.0).wait_seconds for attempt in (1, 2, 3, 6, 99)]
    assert waits == [2, 4, 8, 60, 60]


def test_jitter_is_full() -> None:
    assert [wait(errors.ServerError(), 2, luck).wait_seconds for luck in (0.0, 0.5, 1.0)] == [0, 2, 4]


def test_three_retries_and_no_more() -> None:
    assert [wait(errors.NetworkFailure(), attempt).retry for attempt in (1, 2, 3, 4)] == [True, True, True, False]


@pytest.mark.parametrize("kind", [errors.BadSignature, errors.TokenExpired, errors.AuthorisationEnded])
def test_what_cannot_succeed_as_it_is_is_not_tried_again(kind: type[errors.MarketplaceError]) -> None:
    assert wait(kind(), 1) == Decision(retry=False)


def test_never_earlier_than_the_server_asked() -> None:
    assert wait(errors.Throttled(retry_after_seconds=300), 1) == Decision(retry=True, wait_seconds=300)
    assert wait(errors.Throttled(retry_after_seconds=1), 3) == Decision(retry=True, wait_seconds=8)


def test_our_own_limit_is_no_attempt() -> None:
    assert wait(errors.OwnLimitReached(retry_after_seconds=41), 99) == Decision(retry=True, wait_seconds=41)
