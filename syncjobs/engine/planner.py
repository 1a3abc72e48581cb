"""Plans runs: which window, from when on, or why not; and cuts windows into chunks.

Pure: the answer depends on the arguments only, never on a clock. What is known of a shop is gathered elsewhere
(syncjobs.services.starting.facts), for hundreds of shops at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from shops.marketplaces.records import Window
from syncjobs.engine.days import midnight_of

INCREMENTAL, WINDOW, FULL = "incremental", "window", "full"
# A day is read again until so long after its end, so that the last turn of a day's schedule may come after midnight.
DAY_ENDS_LATE = timedelta(hours=6)
# Slots of a schedule are carried out up to so much late, so that two of them lie further apart than their period.
JITTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class PlanRules:
    """How windows are laid: look back by `overlap`, stop `end_guard` before now, chunks no longer than `chunk`.

    The overlap covers answers that reached the marketplace's list late; the end guard leaves out the newest moments,
    which its list does not yet show completely. `first_depth` is how far back a shop's first window goes, `full_depth`
    that of a full sync.
    """

    overlap: timedelta
    end_guard: timedelta
    chunk: timedelta
    first_depth: timedelta
    full_depth: timedelta


@dataclass(frozen=True, slots=True)
class Selection:
    """What is to be read, of whichever shop. `hours` counts for windows only; `is_day` is the shop's current day."""

    kind: str = INCREMENTAL
    resource: str = "orders"
    hours: int = 24
    is_day: bool = False
    status_filter: str = ""

    @property
    def identity(self) -> str:
        """Name what is read, whatever the moment: the last 24 hours are the same window now and in ten minutes."""
        span = ("day" if self.is_day else f"{self.hours}h") if self.kind == WINDOW else ""
        return ":".join(part for part in (self.kind, span, self.status_filter) if part)

    @property
    def parameters(self) -> dict[str, int | str]:
        """Return what a run keeps of it beside kind, resource and status: its window's dates do not say how it came."""
        if self.kind != WINDOW:
            return {}
        return {"day": "current"} if self.is_day else {"hours": self.hours}


@dataclass(frozen=True, slots=True)
class Reading:
    """A run that ended well: what it read, and when it was done. `is_own` is one of the same schedule's other turns."""

    run_id: int
    window: Window
    status_filter: str
    finished_at: datetime
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one shop before its next run is planned.

    `open_run_id` reads the same already; `first_end` is the end of the first window that was tried; `spacing` is the
    least distance to `last_finished_at`; `readings` may have read what is to be read.
    """

    watermark: datetime | None = None
    first_end: datetime | None = None
    zone: tzinfo = UTC
    open_run_id: int | None = None
    last_finished_at: datetime | None = None
    spacing: timedelta = timedelta()
    readings: Sequence[Reading] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of one shop: a window and when its work is due, or why it is skipped. `reason` says either."""

    window: Window
    due_at: datetime
    is_skipped: bool = False
    reason: str = ""


def plan_run(
    selection: Selection,
    known: Known,
    now: datetime,
    rules: PlanRules,
    *,
    period: timedelta | None = None,
    offset: timedelta = timedelta(),
) -> Plan | None:
    """Plan one shop's run; None if there is nothing new.

    What is open already is skipped, and so is a window that was read within the schedule's own `period`. What comes
    too close to the shop's last run is postponed, and `offset` holds back the later shops of a batch.
    """
    window = plan_window(selection, known, now, rules)
    if window is None:
        return None
    if known.open_run_id is not None:
        return Plan(window, now, is_skipped=True, reason=f"Run {known.open_run_id} reads the same and is still open.")
    covering = find_covering(selection, window, known.readings, now, period) if period else None
    if covering is not None:
        return Plan(window, now, is_skipped=True, reason=f"Covered by run {covering.run_id}, {_say_read(covering)}.")
    due_at = now + offset
    if known.last_finished_at is not None and known.last_finished_at + known.spacing > due_at:
        due_at = known.last_finished_at + known.spacing
        reason = (
            f"Postponed to {due_at:%H:%M:%S} UTC: two runs of a shop lie {known.spacing.total_seconds():.0f} s apart."
        )
        return Plan(window, due_at, reason=reason)
    return Plan(window, due_at)


def plan_window(selection: Selection, known: Known, now: datetime, rules: PlanRules) -> Window | None:
    """Return the window that a selection means for a shop now; None if there is nothing new."""
    if selection.kind == INCREMENTAL:
        return plan_incremental(known.watermark, now, rules, known.first_end)
    if selection.kind == FULL:
        return plan_recent(rules.full_depth, now, rules)
    if selection.is_day:
        return plan_day(known.zone, now, rules)
    return plan_recent(timedelta(hours=selection.hours), now, rules)


def find_covering(
    selection: Selection, window: Window, readings: Sequence[Reading], now: datetime, period: timedelta
) -> Reading | None:
    """Find a run that read a window's updates and statuses less than one period ago; None if they must be read.

    Only what is younger than a period may be missing from it: that is the next turn's, and the incremental stream's.
    Earlier turns of the schedule itself do not count, else every second one would be dropped.
    """
    if selection.kind != WINDOW:
        return None
    for reading in readings:
        if (
            not reading.is_own
            and reading.status_filter in ("", selection.status_filter)
            and reading.window.start <= window.start
            and reading.window.end >= window.end - period - JITTER
            and reading.finished_at > now - period
        ):
            return reading
    return None


def is_turn_due(last_started_at: datetime | None, now: datetime, period: timedelta, stretch: float) -> bool:
    """Whether a schedule that is stretched to `stretch` times its period is due again."""
    return last_started_at is None or now - last_started_at >= period * stretch - JITTER


def name_backfill(window: Window) -> str:
    """Name a backfill's run: it reads exactly this window, which does not move with time."""
    return f"backfill:{window.start:%Y%m%dT%H%M%S}-{window.end:%Y%m%dT%H%M%S}"


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


def plan_day(zone: tzinfo, now: datetime, rules: PlanRules) -> Window:
    """Return the shop's current day up to the guard; in its first hours the day before is read along."""
    end = _whole_seconds(now - rules.end_guard)
    day = (end - DAY_ENDS_LATE).astimezone(zone).date()
    return Window(midnight_of(day, zone), end)


def cut_into_chunks(window: Window, chunk: timedelta) -> list[Window]:
    """Cut a window into pieces that touch: the end of one is the start of the next, nothing twice, nothing left out."""
    pieces = []
    start = window.start
    while start < window.end:
        end = min(start + chunk, window.end)
        pieces.append(Window(start, end))
        start = end
    return pieces


def _say_read(reading: Reading) -> str:
    return f"which read all of it and was done at {reading.finished_at:%H:%M:%S} UTC"


def _whole_seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
