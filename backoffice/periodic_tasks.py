"""One table of what runs when. `install_periodic_tasks` writes it into the schedule that staff edit in the admin."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from celery import current_app
from celery.schedules import crontab
from django.conf import settings
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from backoffice.common import clock
from backoffice.common.queues import EVERY_HOST
from backoffice.common.schedules import Scheduled, count_turns_a_day, list_scheduled
from syncjobs.services import find_too_dear


@dataclass(frozen=True, slots=True)
class Entry:
    """One scheduled task; `minute` and `hour` are crontab fields in the operator's zone.

    `off` says why it is added switched off, where it is a choice that staff may make.
    """

    name: str
    task: str
    minute: str
    hour: str = "*"
    queue: str = "sweeps"
    description: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    off: str = ""

    @property
    def schedule(self) -> crontab:
        """Return the crontab; how often it comes round does not depend on the zone."""
        return crontab(minute=self.minute, hour=self.hour)


ENTRIES = (
    Entry(
        "orders: incremental",
        "syncjobs.tasks.sync_incremental",
        minute="*/10",
        description="Reads what changed since each active shop's watermark.",
    ),
    Entry(
        "products: incremental",
        "syncjobs.tasks.sync_incremental",
        minute="*/10",
        description="Reads the products that changed since each active shop's watermark.",
        arguments={"resource": "products"},
    ),
    Entry(
        "returns: incremental",
        "syncjobs.tasks.sync_incremental",
        minute="*/15",
        description="Reads the returns, refunds and cancellations that changed since each active shop's watermark.",
        arguments={"resource": "returns"},
    ),
    Entry(
        "shipments: incremental",
        "syncjobs.tasks.sync_incremental",
        minute="*/20",
        description="Reads the parcels that changed since each active shop's watermark, with their tracking.",
        arguments={"resource": "shipments"},
    ),
    Entry(
        "transactions: incremental",
        "syncjobs.tasks.sync_incremental",
        minute="5",
        description="Reads the movements of money, and the statements, since each active shop's watermark.",
        arguments={"resource": "transactions"},
    ),
    # Everything up to the dispatch reads again what the incremental stream has read: nets under it, the cheapest first.
    # Where a quota is too small for all of them, the last ones are installed switched off.
    Entry(
        "orders: full",
        "syncjobs.tasks.sync_full",
        minute="0",
        hour="3",
        description="Reads everything that changed in the last FULL_SYNC_DAYS days; Temu has a depth of its own.",
        arguments={"without": "temu"},
    ),
    Entry(
        "orders: full, Temu",
        "syncjobs.tasks.sync_full",
        minute="0",
        hour="2",
        description="Reads everything that changed in the last TEMU_FULL_SYNC_DAYS days.",
        arguments={"marketplace": "temu"},
    ),
    Entry(
        "orders: current day again",
        "syncjobs.tasks.sync_today",
        minute="0",
        hour="*/6",
        description="Reads each shop's current day once more, and at first the day before: a net under the webhooks.",
    ),
    Entry(
        "orders: last 24 hours",
        "syncjobs.tasks.sync_window",
        minute="*/30",
        description="Reads what changed in the last 24 hours.",
        arguments={"hours": 24},
    ),
    Entry(
        "orders: last hour",
        "syncjobs.tasks.sync_window",
        minute="*/10",
        description="Reads what changed in the last hour.",
        arguments={"hours": 1},
    ),
    Entry(
        "orders: awaiting shipment",
        "syncjobs.tasks.sync_window",
        minute="*/15",
        description="Reads the orders that await shipment and changed in the last 48 hours.",
        arguments={"hours": 48, "status": "awaiting_shipment"},
    ),
    Entry(
        "orders: in transit",
        "syncjobs.tasks.sync_window",
        minute="*/20",
        description="Reads the orders that are in transit and changed in the last 72 hours.",
        arguments={"hours": 72, "status": "in_transit"},
    ),
    Entry(
        "orders: high-priority dispatch",
        "syncjobs.tasks.dispatch_sync_jobs",
        minute="*/5",
        queue="high",
        description="Sends shops that were not read for 15 minutes ahead of all others.",
        arguments={"priority": True, "behind_minutes": 15},
    ),
    Entry(
        "products: full",
        "syncjobs.tasks.sync_full",
        minute="0",
        hour="3",
        description="Reads the list of all products once more; details only of what changed.",
        arguments={"resource": "products"},
    ),
    *(
        Entry(
            f"{resource}: full",
            "syncjobs.tasks.sync_full",
            minute="30",
            hour="3",
            description=f"Reads the {resource} of the last FULL_SYNC_DAYS days once more.",
            arguments={"resource": resource},
        )
        for resource in ("returns", "shipments", "transactions")
    ),
    Entry(
        "transactions: match orders",
        "syncjobs.tasks.match_transactions",
        minute="*/15",
        description="Links movements of money to the orders that came after them.",
    ),
    Entry(
        "tokens: renew what ends within a day",
        "shops.tasks.refresh_tokens",
        minute="15",
        description="Renews tokens before they end. Keep it on: a token that nobody uses ends as well.",
        arguments={"hours": 24},
    ),
    Entry(
        "tokens: renew what ends within two days",
        "shops.tasks.refresh_tokens",
        minute="0",
        hour="2",
        description="Renews early what would end before the next night, so that a day's trouble ends no token.",
        arguments={"hours": 48},
    ),
    Entry(
        "tokens: store kept answers",
        "shops.tasks.store_kept_answers",
        minute="*",
        queue=EVERY_HOST,
        description="Stores renewed tokens that a host kept in files while the database took nothing. Keep it on.",
    ),
    Entry(
        "sync: wake due work",
        "syncjobs.tasks.wake_due_chunks",
        minute="*",
        description="Returns the work of dead workers and wakes workers for everything due. Keep it on.",
    ),
    Entry(
        "enrichment: find, hand out, reap",
        "syncjobs.tasks.sweep_enrichment",
        minute="*",
        description="Finds orders without package number, frees those of dead workers, wakes workers. Keep it on.",
    ),
    Entry(
        "sync: replay buffer",
        "syncjobs.tasks.replay_buffer",
        minute="*",
        queue=EVERY_HOST,
        description="Stores what each host kept in files while the database could not be written. Keep it on.",
    ),
    Entry(
        "sync: heartbeat",
        "syncjobs.tasks.heartbeat",
        minute="*",
        description="Shows that beat sends and workers work; the home page and /readyz say so when either is silent.",
    ),
    Entry(
        "orders: gap report",
        "syncjobs.tasks.report_gaps",
        minute="0",
        hour="4",
        description="Compares each active shop's last days with the marketplace's lists, and fetches what is missing.",
    ),
    Entry(
        "after-sales: match returns and orders",
        "aftersales.tasks.follow_returns",
        minute="7-59/15",
        description="Makes cases of returns that have none yet, and links cases to the orders that came after them.",
    ),
    Entry(
        "after-sales: what has run out",
        "aftersales.tasks.process_timeouts",
        minute="0",
        description="Handles the cases whose time has run out, as their shops' settings say. Keep it on.",
        arguments={"batch_size": 100},
    ),
    Entry(
        "after-sales: what has run out, nightly",
        "aftersales.tasks.process_timeouts",
        minute="5",
        hour="2",
        description="The same in bigger batches, when few people work.",
        arguments={"batch_size": 500},
    ),
    Entry(
        "after-sales: what has run out, busy times",
        "aftersales.tasks.process_timeouts",
        minute="*/15",
        description="The same more often, for busy times.",
        arguments={"batch_size": 100},
        off="a choice for busy times",
    ),
    Entry(
        "after-sales: what has run out, quiet times",
        "aftersales.tasks.process_timeouts",
        minute="0",
        hour="*/3",
        description="The same less often: a choice instead of the hourly one, for quiet times.",
        arguments={"batch_size": 300},
        off="a choice for quiet times",
    ),
    Entry(
        "after-sales: answers in doubt",
        "aftersales.tasks.settle_answers",
        minute="*/5",
        description="Reads cases again whose approval or rejection was sent and not replied to. Keep it on.",
    ),
    Entry(
        "after-sales: marketplaces' requests by rule",
        "aftersales.tasks.review_marketplace_cases",
        minute="2-59/10",
        description="Approves marketplaces' requests by rule, by a call, of shops whose settings say so; others cost "
        "nothing.",
    ),
    Entry(
        "retention: prune",
        "syncjobs.tasks.prune",
        minute="40",
        hour="2",
        description="Deletes runs, payloads and other history older than the settings RETENTION_... say.",
    ),
    Entry(
        "lists: wake and tidy up",
        "backoffice.common.lists.tasks.tidy_lists",
        minute="*",
        description="Wakes workers for bulk actions and exports, and deletes files whose time is over. Keep it on.",
    ),
)


def install(entries: tuple[Entry, ...] = ENTRIES) -> dict[str, str]:
    """Add the entries that are missing; return {name: "added", "kept", or "off: " with the reason}.

    An entry that exists is an operator's: its schedule, its queue and whether it is on stay as they are. A new one that
    an app's quota cannot carry beside those before it is added switched off, and so is one that is only a choice.
    """
    outcome = {}
    running = list_scheduled([entry.task for entry in entries])
    taken = set(PeriodicTask.objects.values_list("name", flat=True))
    new = [entry for entry in entries if entry.name not in taken]
    too_dear = find_too_dear([_as_scheduled(entry) for entry in new if not entry.off], running)
    reasons = {entry.name: entry.off for entry in new if entry.off} | too_dear
    for entry in entries:
        if entry.name in taken:
            outcome[entry.name] = "kept"
            continue
        # A CrontabSchedule defaults to UTC, whatever the Celery app's zone.
        schedule, _ = CrontabSchedule.objects.get_or_create(
            minute=entry.minute, hour=entry.hour, day_of_week="*", day_of_month="*", month_of_year="*",
            timezone=ZoneInfo(settings.OPERATOR_TIME_ZONE),
        )  # fmt: skip
        PeriodicTask.objects.create(
            name=entry.name, task=entry.task, crontab=schedule, queue=entry.queue, description=entry.description,
            kwargs=json.dumps(dict(entry.arguments)), enabled=entry.name not in reasons,
        )  # fmt: skip
        outcome[entry.name] = f"off: {reasons[entry.name]}" if entry.name in reasons else "added"
    return outcome


def _as_scheduled(entry: Entry) -> Scheduled:
    return Scheduled(entry.name, entry.task, count_turns_a_day(entry.schedule), dict(entry.arguments))


def find_next_run(task: PeriodicTask) -> datetime | None:
    """Return when beat will run an entry next; None where it is off, or has run for the last time."""
    if not task.enabled or (task.clocked and task.one_off and task.last_run_at):
        return None
    if task.clocked:
        moment: datetime = task.clocked.clocked_time
        return moment
    now = clock.now()
    next_at: datetime = now + task.schedule.remaining_estimate(task.last_run_at or now)
    # What is left was measured a moment after `now`, so that the sum lies just before the full second.
    return (next_at + timedelta(milliseconds=500)).replace(microsecond=0)


def send_now(task: PeriodicTask) -> None:
    """Send an entry to the workers as beat would, by its name; raises kombu's OperationalError without a broker."""
    delivery = {"queue": task.queue} if task.queue else {}
    current_app.send_task(task.task, args=json.loads(task.args), kwargs=json.loads(task.kwargs), **delivery)
