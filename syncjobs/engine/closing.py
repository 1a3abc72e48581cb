"""Closes a run when its last chunk has ended: sums it up, moves the watermark, stamps the shop."""

from typing import Any

from django.db import transaction
from django.db.models import Sum

from backoffice.common import clock
from backoffice.common.plurals import say_count
from shops.choices import SyncStatus
from shops.models import Shop
from syncjobs.engine.watermarks import move_watermark
from syncjobs.models import UNFINISHED_CHUNKS, Chunk, ChunkState, Run, RunKind, RunState
from syncjobs.models.run import COUNT_FIELDS

# Which columns of a shop say how the sync of a resource stands, when it last ran, and when in full.
STAMPS = {
    "orders": ("sync_status", "last_sync_at", "last_full_sync_at"),
    "products": ("product_sync_status", "last_product_sync_at", "last_product_full_sync_at"),
}


def close_if_ended(run_id: int) -> Run | None:
    """Close an open run whose chunks have all ended; return it, or None while work is left. Safe to call twice.

    A run of which a part waits in files is closed as buffered; the replay that stores the last of it calls again. Its
    watermark waits for that.
    """
    # Mostly so; the lock is for the last one.
    if Chunk.objects.filter(run_id=run_id, state__in=UNFINISHED_CHUNKS).exists():
        return None
    with transaction.atomic():
        closable = (RunState.OPEN, RunState.BUFFERED)
        run = Run.objects.select_for_update().filter(pk=run_id, state__in=closable).first()
        if run is None or run.chunks.filter(state__in=UNFINISHED_CHUNKS).exists():
            return None
        sums = run.chunks.aggregate(**{name: Sum(name) for name in COUNT_FIELDS})
        for name, value in sums.items():
            setattr(run, name, value or 0)
        run.state, run.reason = _judge(run)
        run.finished_at = clock.now()
        run.save()
        if run.state == RunState.DONE and run.kind == RunKind.INCREMENTAL and not run.status_filter:
            move_watermark(run)
        _stamp_shop(run)
        return run


def _judge(run: Run) -> tuple[RunState, str]:
    failed = run.chunks.filter(state=ChunkState.FAILED).order_by("number").first()
    if failed is not None:
        return RunState.FAILED, f"Chunk {failed.number}: {failed.error}"
    buffered_count = run.chunks.filter(state=ChunkState.BUFFERED).count()
    if buffered_count:
        waiting = say_count(buffered_count, "chunk waits", "chunks wait")
        return RunState.BUFFERED, f"All is read; {waiting} in files for the database."
    return RunState.DONE, "Every chunk is stored."


def _stamp_shop(run: Run) -> None:
    """Stamps come from run records; "ran, found nothing" is a success like any other.

    They say how the shop's present is kept up with. A backfill reads its past, and a run of one status only a part.
    """
    columns = STAMPS.get(run.resource)
    if columns is None or run.kind == RunKind.BACKFILL or run.state == RunState.BUFFERED:
        return
    status, last, last_full = columns
    if run.state == RunState.FAILED:
        Shop.objects.filter(pk=run.shop_id).update(**{status: SyncStatus.FAILED})
        return
    stamps: dict[str, Any] = {status: SyncStatus.OK}
    if not run.status_filter:
        stamps[last] = run.finished_at
        if run.kind == RunKind.FULL:
            stamps[last_full] = run.finished_at
    Shop.objects.filter(pk=run.shop_id).update(**stamps)
