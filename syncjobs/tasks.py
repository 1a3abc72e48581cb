"""Background work. Each task is a wake-up: what is to be done stands in rows, so a lost message costs a minute."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from celery import shared_task

from backoffice.common import clock
from backoffice.common.queues import count_messages
from syncjobs import leases, services
from syncjobs.engine.worker import work_on_lanes
from syncjobs.models import Lane

# The sweep sends new ones each minute; old ones are dropped, so that they cannot pile up behind long work. Longer than
# two clocks can differ before a marketplace refuses the signatures of one (5 minutes).
WAKE_UP_SECONDS = 600
JOB_SECONDS = 60  # then a job sends for another one, so that whoever waits in the queue has a turn
WAKE_UPS_AT_MOST = 50  # in one queue: more than any number of workers that share it needs
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
        for _ in range(wanted - waiting[queue]):
            work.apply_async((queue,), queue=queue)


@shared_task(expires=WAKE_UP_SECONDS)
def work(queue: str) -> int:
    """Work on due chunks of a queue's lanes; return how many. Sends for another worker where something is left."""
    lanes = LANES_OF_QUEUE[queue]
    count = work_on_lanes(lanes, seconds=JOB_SECONDS)
    if count:
        _send_for_another(queue, lanes)
    return count


def _send_for_another(queue: str, lanes: tuple[int, ...]) -> None:
    """See that what is due, or will be in a moment, is not left to the next sweep. One message for one job."""
    if leases.has_due_chunks(lanes=lanes):
        work.apply_async((queue,), queue=queue)
        return
    now = clock.now()
    due_at = leases.find_next_due(lanes, before=now + timedelta(seconds=LONGEST_COUNTDOWN_SECONDS))
    if due_at is not None:
        work.apply_async((queue,), queue=queue, countdown=max(0.0, (due_at - now).total_seconds()))


@shared_task
def sync_orders_incremental() -> None:
    """Start the incremental run of every active shop, once per minute-long slot whoever sends this."""
    wake_workers(services.start_incremental_runs(slot=f"{clock.now():%Y-%m-%dT%H:%M}"))


@shared_task
def wake_due_chunks() -> None:
    """Return chunks of dead workers, close ended runs, and wake workers for everything that is due."""
    leases.reap_lost_chunks()
    services.close_ended_runs()
    wake_workers()
