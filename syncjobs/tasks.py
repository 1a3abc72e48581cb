"""Background work. Each task is a wake-up: what is to be done stands in rows, so a lost message costs a minute."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from celery import shared_task, signals
from django.conf import settings
from django.db import DatabaseError

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from backoffice.common.outages import is_outage
from backoffice.common.queues import EVERY_HOST, count_messages
from backoffice.common.schedules import find_turn
from orders.services import matching
from shops.models import Shop
from syncjobs import enrichment, leases, reconcile, services
from syncjobs.engine.planner import Selection
from syncjobs.engine.worker import work_on_lanes
from syncjobs.models import Lane, RunKind
from syncjobs.monitoring import heartbeats
from syncjobs.services.buffered import replay_buffer as replay_buffered_batches

log = structlog.get_logger(__name__)

# The sweep sends new ones each minute; old ones are dropped, so that they cannot pile up behind long work. Longer than
# two clocks can differ before a marketplace refuses the signatures of one (5 minutes).
WAKE_UP_SECONDS = 600
JOB_SECONDS = 20  # then a job sends for another one, so that whoever waits in this or another queue has a turn
GAP_SECONDS = 50  # of gap reports, which the next sweep sends for again
WAKE_UPS_AT_MOST = 50  # in one queue: more than any number of workers that share it needs
RECONCILERS_AT_MOST = 4  # workers of one queue: gap reports leave the others to chunks
ENRICHERS_AT_MOST = 2  # workers of one queue that ask for package numbers at once
SECONDS_TO_SUBSCRIBE = 2  # after a worker says that it is ready, before it hears what every host must do
REPLAY_SECONDS = 50  # then the next minute's message goes on
PRUNE_SECONDS = 50  # then another message goes on, so that the sweeps of the minute have their turn
FIND_SECONDS = 50  # the same
LONGEST_COUNTDOWN_SECONDS = 120  # messages that wait longer may be delivered twice; the sweep finds those

# Which lanes a queue's workers look into, first lanes first.
LANES_OF_QUEUE: Mapping[str, tuple[int, ...]] = {
    "high": (Lane.INTERACTIVE, Lane.HIGH),
    "default": (Lane.INCREMENTAL,),
    "backfill": (Lane.BACKFILL,),
}


def wake_workers(run_ids: Iterable[int] | None = None) -> None:
    """Send wake-ups for what is due of these runs, or of all. Call after the commit."""
    due = leases.count_due_chunks(run_ids)
    if not due:
        return
    waiting = count_messages()
    for queue, lanes in LANES_OF_QUEUE.items():
        wanted = min(sum(due.get(lane, 0) for lane in lanes), WAKE_UPS_AT_MOST)
        for _ in range(_count_missing(wanted, waiting[queue])):
            work.apply_async((queue,), queue=queue)


def _count_missing(wanted: int, waiting: int) -> int:
    """Count the wake-ups that a queue lacks: one at least, as what waits there may be for other work, if it has room.

    Else a person's run would wait until nobody's gap report is left.
    """
    return max(wanted - waiting, 1) if wanted and waiting < WAKE_UPS_AT_MOST else 0


@shared_task(expires=WAKE_UP_SECONDS)
def work(queue: str) -> int:
    """Work on due chunks of a queue's lanes; return how many. Sends for another worker where something is left."""
    lanes = LANES_OF_QUEUE[queue]
    try:
        count = work_on_lanes(lanes, seconds=JOB_SECONDS)
        if count:
            _send_for_another(queue, lanes)
    except DatabaseError as error:
        return _leave_to_the_sweep(error)
    return count


def _leave_to_the_sweep(error: DatabaseError) -> int:
    """Say in a line that the database is away, not in a traceback of every worker; the rows wait for the sweep."""
    if not is_outage(error):
        raise error
    log.warning("database_away", error=str(error).partition("\n")[0])
    return 0


def _send_for_another(queue: str, lanes: tuple[int, ...]) -> None:
    """See that what is due, or will be in a moment, is not left to the next sweep. One message for one job."""
    if leases.has_due_chunks(lanes=lanes):
        work.apply_async((queue,), queue=queue)
        return
    now = clock.now()
    due_at = leases.find_next_due(lanes, before=now + timedelta(seconds=LONGEST_COUNTDOWN_SECONDS))
    if due_at is not None:
        work.apply_async((queue,), queue=queue, countdown=max(0.0, (due_at - now).total_seconds()))


@shared_task(bind=True)
def sync_incremental(self: Any, resource: str = "orders", marketplace: str = "") -> None:
    """Start this turn's incremental run of every active shop."""
    _start_turn(self, Selection(resource=resource), marketplace)


@shared_task(bind=True)
def sync_window(self: Any, resource: str = "orders", hours: int = 24, status: str = "", marketplace: str = "") -> None:
    """Read what changed in the last hours once more, orders of one status or of all."""
    selection = Selection(kind=RunKind.WINDOW, resource=resource, hours=hours, status_filter=status)
    _start_turn(self, selection, marketplace)


@shared_task(bind=True)
def sync_today(self: Any, resource: str = "orders", marketplace: str = "") -> None:
    """Read what changed in each shop's current day once more."""
    _start_turn(self, Selection(kind=RunKind.WINDOW, resource=resource, is_day=True), marketplace)


@shared_task(bind=True)
def sync_full(self: Any, resource: str = "orders", marketplace: str = "", without: str = "") -> None:
    """Read the full depth once more; of one marketplace, or of all but one."""
    _start_turn(self, Selection(kind=RunKind.FULL, resource=resource), marketplace, without)


@shared_task
def match_transactions() -> int:
    """Link transactions to orders and statements that came after them; return how many."""
    return matching.match_transactions() + matching.match_statements()


@shared_task(bind=True)
def dispatch_sync_jobs(self: Any, priority: bool = True, behind_minutes: int = 15, marketplace: str = "") -> None:
    """Start the incremental run of every shop that has not been read for so many minutes, ahead of the others."""
    behind = timedelta(minutes=behind_minutes)
    services.dispatch(is_priority=priority, behind=behind, marketplace=marketplace, turn=find_turn(self.request))
    wake_workers()


def _start_turn(task: Any, selection: Selection, marketplace: str, without: str = "") -> None:
    services.start_turn(selection, find_turn(task.request), marketplace=marketplace, without=without)
    wake_workers()


@shared_task
def wake_due_chunks() -> None:
    """Return chunks of dead workers, close ended runs, and wake workers for everything that is due."""
    leases.reap_lost_chunks()
    services.close_ended_runs()
    reconcile.reap_lost_reports()
    wake_workers()
    wake_reconcilers()


@shared_task(expires=WAKE_UP_SECONDS)
def heartbeat() -> None:
    """Note that beat sends and workers work."""
    heartbeats.stamp_executed()


def wake_reconcilers() -> None:
    """Send a few wake-ups for the gap reports that are due. Call after the commit.

    Each works for about as long as it takes the sweep to come again, so that chunks have the other workers.
    """
    due = {
        queue: reconcile.count_due_reports(LANES_OF_QUEUE[queue], RECONCILERS_AT_MOST) for queue in ("high", "backfill")
    }
    if not any(due.values()):
        return
    waiting = count_messages()
    for queue, count in due.items():
        for _ in range(_count_missing(count, waiting[queue])):
            work_on_gap_reports.apply_async((queue,), queue=queue)


@shared_task
def sweep_enrichment() -> None:
    """Find orders that were missed, give back what dead workers held, and wake workers for what is due."""
    services.find_recent_orders()
    enrichment.sweep()
    wake_enrichers()


def wake_enrichers() -> None:
    """Send wake-ups for the orders that are due for a package number. Call after the commit.

    One for each batch, and few: where processes of their own do this work, these find nothing and end.
    """
    size = settings.ENRICHMENT_BATCH_SIZE
    batches = ceil(enrichment.count_due(ENRICHERS_AT_MOST * size) / size)
    if batches:
        for _ in range(max(0, batches - count_messages()["enrichment"])):
            enrich.apply_async(queue="enrichment")


@shared_task(expires=WAKE_UP_SECONDS)
def enrich() -> int:
    """Ask for package numbers; return of how many orders. Sends for another one where something is left."""
    try:
        count = enrichment.EnrichmentWorker().work(seconds=JOB_SECONDS).count
        if count and enrichment.count_due(1):
            enrich.apply_async(queue="enrichment")
    except DatabaseError as error:
        return _leave_to_the_sweep(error)
    return count


@shared_task(expires=WAKE_UP_SECONDS)
def work_on_gap_reports(queue: str) -> int:
    """Work on due gap reports of a queue's lanes; return how many."""
    try:
        return reconcile.work_on_reports(seconds=GAP_SECONDS, lanes=LANES_OF_QUEUE[queue])
    except DatabaseError as error:
        return _leave_to_the_sweep(error)


@shared_task
def report_gaps() -> None:
    """Plan the gap reports of the last days of every shop on the schedule, and wake workers for them."""
    reconcile.plan_nightly_reports()
    wake_reconcilers()


@shared_task
def prune(payloads_from: str = "", is_thorough: bool | None = None) -> dict[str, int]:
    """Delete what is older than it is to be kept; return the counts. Sends for another one where time was short.

    On the first of a month it looks at all payloads, on other days at those that became old of late.
    """
    if is_thorough is None:
        is_thorough = clock.now().astimezone(ZoneInfo(settings.OPERATOR_TIME_ZONE)).day == 1
    position = datetime.fromisoformat(payloads_from) if payloads_from else None
    pruned = services.prune(seconds=PRUNE_SECONDS, payloads_from=position, is_thorough=is_thorough)
    if not pruned.is_finished:
        here = pruned.payloads_from.isoformat() if pruned.payloads_from else ""
        prune.apply_async((here, is_thorough), queue="sweeps")
    return pruned.counts


@shared_task
def find_enrichment(shop_id: int, after: str = "") -> int:
    """Make the tasks of a shop's orders that wait for package numbers; return how many. Sends for another one to go on.

    A shop that was switched off, paused or disconnected meanwhile is left alone.
    """
    shop = Shop.objects.get(pk=shop_id)
    try:
        found = services.enrich_shop(shop, after=after, seconds=FIND_SECONDS)
    except NotPossible as error:
        log.info("enrichment_not_found", shop=shop_id, reason=str(error))
        return 0
    if not found.is_finished:
        find_in_background(shop_id, found.after)
    return found.count


def find_in_background(shop_id: int, after: str = "") -> None:
    """Let a worker look through the orders of a shop. Call after the commit; if nobody hears it, ask again."""
    find_enrichment.apply_async((shop_id, after), queue="sweeps")


# Acknowledged at once: a message to every host cannot be given to another worker, and the next one comes in a minute.
@shared_task(expires=REPLAY_SECONDS, acks_late=False)
def replay_buffer() -> int:
    """Store what waits in the files of this worker's host; return how many batches. Send to the queue EVERY_HOST."""
    if not settings.SYNC_BUFFER_REPLAY_ENABLED:
        return 0
    outcomes = replay_buffered_batches(seconds=REPLAY_SECONDS).outcomes
    return sum(outcome.folder is None for outcome in outcomes)


def wake_replay() -> None:
    """Let every host look into its files now. Call after the commit."""
    replay_buffer.apply_async(queue=EVERY_HOST)


@signals.worker_ready.connect
def replay_at_start(sender: Any, **_: Any) -> None:
    """Do not leave what a host kept before it was restarted to the next minute."""
    sender.timer.call_after(SECONDS_TO_SUBSCRIBE, wake_replay)
