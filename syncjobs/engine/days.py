"""Cuts years into days. Pure: the answer depends on the arguments only."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from shops.marketplaces.records import Window


def cut_into_days(window: Window, zone: tzinfo, days: int = 1) -> Iterator[Window]:
    """Cut a window at midnights of a zone, `days` apart, into pieces that touch; the first and the last may be short.

    A day is as long as the zone makes it: 23 or 25 hours where the clocks change. One at a time, as years have many.
    """
    start, day = window.start, window.start.astimezone(zone).date()
    while start < window.end:
        day += timedelta(days=days)
        end = min(midnight_of(day, zone), window.end)
        if end > start:
            yield Window(start, end)
            start = end


def midnight_of(day: date, zone: tzinfo) -> datetime:
    """Return when a day begins in a zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
