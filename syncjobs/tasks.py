"""Background work. Each task is a wake-up: what is to be done stands in rows, so a lost message costs a minute."""

from collections.abc import Iterable

from celery import shared_task
from django.conf import settings

from backoffice.common import clock
from syncjobs import leases, services
from syncjobs.engine.worker import work_on_run
from syncjobs.models import Chunk, ChunkState

# The sweep sends new ones each minute; old ones are dropped, so that they cannot pile up behind long work. Longer than
# two clocks can differ before a marketplace refuses the signatures of one (5 minutes).
WAKE_UP_SECONDS = 600
JOB_SECONDS = 300  # then a job hands its run on, so that a long run cannot hold a worker


def wake_workers(run_ids: Iterable[int]) -> None:
    """Send as many wake-ups for each run as it may have chunks at once. Call after the commit."""
    for run_id in run_ids:
        due = Chunk.objects.filter(run_id=run_id, state=ChunkState.DUE).count()
        for _ in range(min(due, settings.SYNC_MAX_PARALLEL_TASKS)):
            work_on.delay(run_id)


@shared_task(expires=WAKE_UP_SECONDS)
def work_on(run_id: int) -> None:
    """Work on the due chunks of a run."""
    if work_on_run(run_id, seconds=JOB_SECONDS):
        work_on.delay(run_id)


@shared_task
def sync_orders_incremental() -> None:
    """Start the incremental run of every active shop, once per minute-long slot whoever sends this."""
    wake_workers(services.start_incremental_runs(slot=f"{clock.now():%Y-%m-%dT%H:%M}"))


@shared_task
def wake_due_chunks() -> None:
    """Return chunks of dead workers, close ended runs, and wake workers for everything that is due."""
    leases.reap_lost_chunks()
    services.close_ended_runs()
    wake_workers(leases.list_due_run_ids())
