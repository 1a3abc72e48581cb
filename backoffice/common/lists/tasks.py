"""Background work on lists. Each task is a wake-up: the work stands in rows, so a lost message costs a minute."""

from celery import shared_task

from backoffice.common.lists import leases
from backoffice.common.lists.batches import run_batch
from backoffice.common.lists.exports import run_export, tidy_exports
from backoffice.common.lists.models import Batch, Export

WAKE_UP_SECONDS = 600  # the sweep sends new ones each minute; old ones are dropped and cannot pile up
JOB_SECONDS = 240  # then a batch is handed on, so that a long one cannot hold a worker


@shared_task(expires=WAKE_UP_SECONDS)
def work_on_batch(batch_id: int) -> None:
    """Do what is left of a bulk action."""
    if run_batch(batch_id, seconds=JOB_SECONDS):
        work_on_batch.delay(batch_id)


@shared_task(expires=WAKE_UP_SECONDS)
def work_on_export(export_id: int) -> None:
    """Write the file of an export."""
    run_export(export_id)


@shared_task
def tidy_lists() -> None:
    """Wake workers for what waits or was left by dead ones, and delete files that nobody may fetch any more."""
    for batch_id in leases.list_free_ids(Batch):
        work_on_batch.delay(batch_id)
    for export_id in leases.list_free_ids(Export):
        work_on_export.delay(export_id)
    tidy_exports()
