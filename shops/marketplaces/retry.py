"""Decides whether and when a failed call is made again. Pure: sleeping is the caller's part."""

from collections.abc import Callable
from dataclasses import dataclass

from shops.marketplaces.errors import Action, MarketplaceError, NotReached, OwnLimitReached

_MOST_DOUBLINGS = 30  # keeps the power small; the cap is reached long before


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how fast: the n-th wait is drawn from zero to `backoff_seconds` doubled n-1 times, or the cap."""

    max_retries: int = 3
    backoff_seconds: float = 2.0
    longest_wait_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to call again, and after how many seconds."""

    retry: bool
    wait_seconds: float = 0.0


def is_in_doubt(error: MarketplaceError) -> bool:
    """Whether a call that failed so may have done what it asked for: an answer was lost, or speaks of a fault.

    A refusal, also of a call too many or of a token, comes before anything is done; so does a missing connection.
    """
    return error.action == Action.RETRY and not isinstance(error, NotReached)


def decide(
    error: MarketplaceError, attempt: int, policy: RetryPolicy, random: Callable[[], float], *, once: bool = False
) -> Decision:
    """Decide what follows the failure of call number `attempt` (the first is 1).

    `random` gives numbers from 0 to 1 (full jitter, so that workers do not come back in step). A wait that the
    marketplace asked for is never cut short, not even by the cap. A call that our own limit held back was not made:
    it may always come again, and its caller does not count it. What must not happen twice (`once`) is repeated only
    where it certainly did not happen.
    """
    if once and is_in_doubt(error):
        return Decision(retry=False)
    asked = error.retry_after_seconds or 0.0
    if isinstance(error, OwnLimitReached):
        return Decision(retry=True, wait_seconds=asked)
    if error.action not in (Action.RETRY, Action.SLOW_DOWN) or attempt > policy.max_retries:
        return Decision(retry=False)
    doubled = policy.backoff_seconds * 2 ** min(attempt - 1, _MOST_DOUBLINGS)
    return Decision(retry=True, wait_seconds=max(asked, random() * min(doubled, policy.longest_wait_seconds)))
