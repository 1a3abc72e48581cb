"""One table of what runs when. `install_periodic_tasks` writes it into the schedule that staff edit in the admin."""

import json
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from celery import current_app
from django.conf import settings
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from backoffice.common import clock


@dataclass(frozen=True, slots=True)
class Entry:
    """One scheduled task; `minute` and `hour` are crontab fields in the operator's zone."""

    name: str
    task: str
    minute: str
    hour: str = "*"
    queue: str = "default"
    description: str = ""


ENTRIES = (
    Entry(
        "orders: incremental",
        "syncjobs.tasks.sync_orders_incremental",
        minute="*/10",
        description="Reads what changed since each active shop's watermark.",
    ),
    Entry(
        "sync: wake due work",
        "syncjobs.tasks.wake_due_chunks",
        minute="*",
        queue="sweeps",
        description="Returns the work of dead workers and wakes workers for everything due. Keep it on.",
    ),
    Entry(
        "sync: heartbeat",
        "syncjobs.tasks.heartbeat",
        minute="*",
        queue="sweeps",
        description="Shows that beat sends and workers work; the home page and /readyz say so when either is silent.",
    ),
    Entry(
        "lists: wake and tidy up",
        "backoffice.common.lists.tasks.tidy_lists",
        minute="*",
        queue="sweeps",
        description="Wakes workers for bulk actions and exports, and deletes files whose time is over. Keep it on.",
    ),
)


def install(entries: tuple[Entry, ...] = ENTRIES) -> dict[str, str]:
    """Add the entries that are missing; return {name: "added" or "kept"}.

    An entry that exists is an operator's: its schedule, its queue and whether it is on stay as they are.
    """
    outcome = {}
    for entry in entries:
        if PeriodicTask.objects.filter(name=entry.name).exists():
            outcome[entry.name] = "kept"
            continue
        # A CrontabSchedule defaults to UTC, whatever the Celery app's zone.
        schedule, _ = CrontabSchedule.objects.get_or_create(
            minute=entry.minute, hour=entry.hour, day_of_week="*", day_of_month="*", month_of_year="*",
            timezone=ZoneInfo(settings.OPERATOR_TIME_ZONE),
        )  # fmt: skip
        PeriodicTask.objects.create(
            name=entry.name, task=entry.task, crontab=schedule, queue=entry.queue, description=entry.description
        )
        outcome[entry.name] = "added"
    return outcome


def find_next_run(task: PeriodicTask) -> datetime | None:
    """Return when beat will run an entry next; None where it is off, or has run for the last time."""
    if not task.enabled or (task.clocked and task.one_off and task.last_run_at):
        return None
    if task.clocked:
        moment: datetime = task.clocked.clocked_time
        return moment
    now = clock.now()
    return now + task.schedule.remaining_estimate(task.last_run_at or now)  # type: ignore[no-any-return]


def send_now(task: PeriodicTask) -> None:
    """Send an entry to the workers as beat would, by its name; raises kombu's OperationalError without a broker."""
    delivery = {"queue": task.queue} if task.queue else {}
    current_app.send_task(task.task, args=json.loads(task.args), kwargs=json.loads(task.kwargs), **delivery)
