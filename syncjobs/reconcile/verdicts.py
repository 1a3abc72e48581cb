"""Decides what an order is that one side does not have as the other does. Pure.

An update at or after the watermark is no gap: the next run of the schedule reads it.
"""

from datetime import datetime
from enum import StrEnum

from shops.marketplaces.records import Window


class Verdict(StrEnum):
    """What a comparison of one row comes to. Hidden: it is there, and yet its list did not show it."""

    FINE = "fine"
    MISSING = "missing"
    STALE = "stale"
    EXTRA = "extra"
    HIDDEN = "hidden"


def judge_listed(
    is_here: bool, here_at: datetime | None, there_at: datetime | None, watermark: datetime | None
) -> Verdict:
    """Judge a row of the marketplace's list by its update time there and ours here."""
    if _is_yet_to_be_read(there_at, watermark):
        return Verdict.FINE
    if not is_here:
        return Verdict.MISSING
    return Verdict.STALE if _is_older(here_at, there_at) else Verdict.FINE


def judge_unlisted(
    here_at: datetime | None,
    is_there: bool,
    there_at: datetime | None,
    told: Window,
    window_end: datetime,
    watermark: datetime | None,
) -> Verdict:
    """Judge a row of ours that the list did not show where it told of `told`, by what the marketplace says of its id.

    A row that has moved on to a later part of the list will be met there.
    """
    if not is_there:
        return Verdict.EXTRA
    if there_at is None or there_at < told.start:
        return Verdict.FINE
    if there_at < told.end:
        return Verdict.HIDDEN
    if there_at < window_end or _is_yet_to_be_read(there_at, watermark):
        return Verdict.FINE
    return Verdict.STALE if _is_older(here_at, there_at) else Verdict.FINE


def _is_yet_to_be_read(there_at: datetime | None, watermark: datetime | None) -> bool:
    return there_at is not None and watermark is not None and there_at >= watermark


def _is_older(here_at: datetime | None, there_at: datetime | None) -> bool:
    return there_at is not None and (here_at is None or here_at < there_at)
