"""The turns of scheduled tasks: which one is being carried out, how long it is to the next, how many come a day.

Each entry of the schedule has turns, and each turn is carried out once: two beats send the same turn twice, and beat
sends one again after an edit. What the tasks write bears the turn's key, so that the second does nothing.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import schedules
from django_celery_beat.models import PeriodicTask

from backoffice.common import clock

LONGEST_PERIOD = timedelta(days=2)  # rarer turns count as if they came so often
DAYS_OF_A_YEAR = 365
# A worker whose clock is a little behind beat's must not take a turn for the one before, which was carried out.
CLOCKS_DIFFER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of an entry. `key` is the same for whoever carries it out; `period` reaches to the next turn."""

    key: str
    period: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Scheduled:
    """An entry that is switched on: what it sends, and how often a day on average."""

    name: str
    task: str
    turns_a_day: float
    arguments: dict[str, Any] = field(default_factory=dict)


def find_turn(request: Any) -> Turn:
    """Find the turn that a task's request stands for; what a person sends between turns is a turn of its own."""
    now = clock.now()
    by_hand = Turn(f"by hand {now:%Y-%m-%dT%H:%M:%S.%f}")
    name = getattr(request, "periodic_task_name", None) or (request.headers or {}).get("periodic_task_name")
    entry = PeriodicTask.objects.filter(name=name).first() if name else None
    if entry is None:
        return by_hand
    schedule = entry.schedule
    if isinstance(schedule, schedules.crontab):
        return _turn_of_crontab(schedule, now + CLOCKS_DIFFER) or by_hand
    if isinstance(schedule, schedules.schedule):
        # Such turns drift, so that they are told apart by half periods: two beats send within a moment.
        seconds = _seconds_of(schedule)
        half = int(now.timestamp() // (seconds / 2))
        return Turn(f"{half}/{seconds:g}s", timedelta(seconds=seconds))
    return Turn(f"{entry.clocked.clocked_time:%Y-%m-%dT%H:%M:%S}") if entry.clocked else by_hand


def list_scheduled(tasks: Collection[str]) -> list[Scheduled]:
    """List the entries of these tasks that are switched on."""
    entries = PeriodicTask.objects.filter(task__in=tasks, enabled=True).order_by("name")
    entries = entries.select_related("crontab", "interval", "clocked", "solar")
    return [
        Scheduled(entry.name, entry.task, count_turns_a_day(entry.schedule), json.loads(entry.kwargs or "{}"))
        for entry in entries
    ]


def count_turns_a_day(schedule: Any) -> float:
    """Count an entry's turns a day, on average over a year; 0 for what comes once."""
    if isinstance(schedule, schedules.crontab):
        start = datetime(2026, 1, 1, tzinfo=UTC)  # a year like another
        days = sum(_is_day_of(schedule, start + timedelta(days=number)) for number in range(DAYS_OF_A_YEAR))
        crontab: Any = schedule  # whose fields the library does not declare
        return float(len(crontab.hour) * len(crontab.minute) * days / DAYS_OF_A_YEAR)
    if isinstance(schedule, schedules.schedule):
        return 86_400 / _seconds_of(schedule)
    return 0.0


def _seconds_of(schedule: Any) -> float:
    seconds: float = schedule.run_every.total_seconds()
    return max(1.0, seconds)


def _turn_of_crontab(schedule: Any, now: datetime) -> Turn | None:
    """Find the last moment that the crontab names, and the distance from there to the next one."""
    minute = now.replace(second=0, microsecond=0)
    last = next(_list_moments(schedule, minute, timedelta(minutes=-1)), None)
    if last is None:
        return None
    following = next(_list_moments(schedule, last + timedelta(minutes=1), timedelta(minutes=1)), last + LONGEST_PERIOD)
    return Turn(f"{last:%Y-%m-%dT%H:%M}", following - last)


def _list_moments(schedule: Any, start: datetime, step: timedelta) -> Iterator[datetime]:
    """Go through the minutes from `start` and yield those that the crontab names, by the clock of its own zone."""
    for number in range(LONGEST_PERIOD // timedelta(minutes=1)):
        moment = start + number * step
        local = moment.astimezone(schedule.tz)
        if local.minute in schedule.minute and local.hour in schedule.hour and _is_day_of(schedule, local):
            yield moment


def _is_day_of(schedule: Any, day: datetime) -> bool:
    return (
        day.isoweekday() % 7 in schedule.day_of_week
        and day.day in schedule.day_of_month
        and day.month in schedule.month_of_year
    )
