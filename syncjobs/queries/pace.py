"""How long what is left will take: at the present speed, and at a quota. Pure: no clock, no database."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `calls` in any `seconds`, of which `left` can be made now; 0 calls means no limit."""

    calls: int
    seconds: int
    left: int


def estimate_seconds_at_speed(count: int, done: int, seconds: float) -> float | None:
    """Say how long `count` more take where `done` took so many seconds; None while nothing was done."""
    if not count:
        return 0.0
    return count * seconds / done if done else None


def estimate_calls(chunks: int, ended_chunks: int, calls: int) -> int:
    """Say how many calls so many chunks need, from what the ended ones needed; each needs one at least."""
    return round(chunks * max(1.0, calls / ended_chunks)) if ended_chunks else chunks


def estimate_seconds_at_quota(calls: int, quotas: Iterable[Quota]) -> float:
    """Say how long so many calls take where quotas alone hold them back: the narrowest decides.

    What is left now is made at once; from then on a sliding window lets through as many calls as it has in its length.
    """
    waits = [max(0, calls - quota.left) * quota.seconds / quota.calls for quota in quotas if quota.calls]
    return max(waits, default=0.0)
