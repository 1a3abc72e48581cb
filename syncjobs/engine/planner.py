"""Plans windows and cuts them into chunks. Pure: the answer depends on the arguments only, never on a clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shops.marketplaces.records import Window


@dataclass(frozen=True, slots=True)
class PlanRules:
    """How windows are laid: look back by `overlap`, stop `end_guard` before now, chunks no longer than `chunk`.

    The overlap covers answers that reached the marketplace's list late; the end guard leaves out the newest moments,
    which its list does not yet show completely. `first_depth` is how far back a shop's first window goes.
    """

    overlap: timedelta
    end_guard: timedelta
    chunk: timedelta
    first_depth: timedelta


def plan_incremental(
    watermark: datetime | None, now: datetime, rules: PlanRules, first_end: datetime | None = None
) -> Window | None:
    """Return the window from the watermark, less the overlap, to now, less the guard; None if there is nothing new.

    A window that could not be read yesterday is part of today's: the watermark stays until all of it is stored. Where
    there is none yet, `first_end`, the end of the first window that was tried, keeps its start from moving with time.
    """
    end = _whole_seconds(now - rules.end_guard)
    if watermark is None:
        return Window(_whole_seconds(min(end, first_end or end) - rules.first_depth), end)
    return Window(_whole_seconds(watermark - rules.overlap), end) if watermark < end else None


def plan_recent(depth: timedelta, now: datetime, rules: PlanRules) -> Window:
    """Return the window of the last `depth`, ending at the guard."""
    end = _whole_seconds(now - rules.end_guard)
    return Window(_whole_seconds(end - depth), end)


def cut_into_chunks(window: Window, chunk: timedelta) -> list[Window]:
    """Cut a window into pieces that touch: the end of one is the start of the next, nothing twice, nothing left out."""
    pieces = []
    start = window.start
    while start < window.end:
        end = min(start + chunk, window.end)
        pieces.append(Window(start, end))
        start = end
    return pieces


def _whole_seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
