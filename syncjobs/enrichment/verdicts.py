"""Decides what becomes of a task after an answer, or after an error instead of one. Pure."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from backoffice.common.causes import name_cause
from shops.marketplaces.records import OrderStatus
from syncjobs.models import EnrichmentStatus

LONGEST_WAIT_SECONDS = 12 * 3600
LARGEST_JITTER = 0.2  # of the wait, on top of it

# Nothing changes any more at the marketplace: who has no package number now never gets one.
FINAL: frozenset[str] = frozenset({OrderStatus.COMPLETED.value, OrderStatus.CANCELLED.value})


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a task's order, and how often it was asked for before."""

    order_status: str
    pieces: Mapping[str, int]  # of each line
    retry_count: int
    max_retries: int
    looks: int


@dataclass(frozen=True, slots=True)
class Found:
    """One package of an answer: its number, and how many pieces of the order's lines are in it, as far as was told."""

    package_sn: str
    pieces: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a task's row is to say. `wait_seconds` is until the next try of a pending one."""

    status: EnrichmentStatus
    message: str = ""
    package_sns: tuple[str, ...] = ()
    retry_count: int = 0
    looks: int = 0
    wait_seconds: float = 0.0

    @property
    def cause(self) -> str:
        """The message without what differs from task to task, by which errors are grouped."""
        return name_cause(self.message) if self.message else ""


def judge_answer(asked: Asked, found: Collection[Found], *, look_again_seconds: float, jitter: float = 0.0) -> Verdict:
    """Judge an answer. Complete is what has a number, and of which no piece is known to be outside all packages.

    Otherwise the order is looked at again, later and later, until it cannot change any more.
    """
    numbers = tuple(sorted({one.package_sn for one in found}))
    if asked.order_status == OrderStatus.CANCELLED and not numbers:
        return Verdict(EnrichmentStatus.CANCELLED, "The order was cancelled before it had a package number.")
    is_final = asked.order_status in FINAL
    if numbers and (is_final or _are_all_packed(asked.pieces, found)):
        return Verdict(EnrichmentStatus.COMPLETED, package_sns=numbers, looks=asked.looks + 1)
    if is_final:
        text = "The order is completed, and the marketplace gives no package number for it."
        return Verdict(EnrichmentStatus.FAILED, text, looks=asked.looks + 1)
    text = "Some of it is in no package yet." if numbers else "The marketplace gives no package number yet."
    wait = _grow(look_again_seconds, asked.looks, jitter)
    return Verdict(EnrichmentStatus.PENDING, text, numbers, looks=asked.looks + 1, wait_seconds=wait)


def judge_error(
    asked: Asked, message: str, *, is_final: bool, retry_after_seconds: float, jitter: float = 0.0
) -> Verdict:
    """Judge an error: tried again with growing waits until the tries are used up, or at once where it is final."""
    retries = asked.retry_count + 1
    if is_final or retries >= asked.max_retries:
        return Verdict(EnrichmentStatus.FAILED, message, retry_count=retries, looks=asked.looks)
    wait = _grow(retry_after_seconds, asked.retry_count, jitter)
    return Verdict(EnrichmentStatus.PENDING, message, retry_count=retries, looks=asked.looks, wait_seconds=wait)


def postpone(asked: Asked, message: str, seconds: float) -> Verdict:
    """Leave a task as it was for so long: a limit, a stop or a paused shop is nobody's error."""
    return Verdict(
        EnrichmentStatus.PENDING, message, retry_count=asked.retry_count, looks=asked.looks, wait_seconds=seconds
    )


def _are_all_packed(pieces: Mapping[str, int], found: Collection[Found]) -> bool:
    """Whether every piece is in a package. Where no package tells what is in it, nothing speaks against it."""
    packed: dict[str, float] = {}
    for one in {one.package_sn: one for one in found}.values():
        for line, count in one.pieces.items():
            packed[line] = packed.get(line, 0) + (math.inf if count is None else count)
    return not packed or all(packed.get(line, 0) >= count for line, count in pieces.items())


def _grow(seconds: float, times: int, jitter: float) -> float:
    grown: float = seconds * 2 ** min(times, 30) * (1 + LARGEST_JITTER * jitter)
    return min(grown, LONGEST_WAIT_SECONDS)
