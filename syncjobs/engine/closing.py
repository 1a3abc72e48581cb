"""Closes a run when its last chunk has ended: sums it up, moves the watermark, stamps the shop."""

from django.db import transaction
from django.db.models import Sum

from backoffice.common import clock
from shops.choices import SyncStatus
from shops.models import Shop
from syncjobs.engine.watermarks import move_watermark
from syncjobs.models import ChunkState, Run, RunKind, RunState
from syncjobs.models.run import COUNT_FIELDS


def close_if_ended(run_id: int) -> Run | None:
    """Close an open run whose chunks have all ended; return it, or None while work is left. Safe to call twice."""
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(pk=run_id, state=RunState.OPEN).first()
        unfinished = (ChunkState.DUE, ChunkState.RUNNING)
        if run is None or run.chunks.filter(state__in=unfinished).exists():
            return None
        sums = run.chunks.aggregate(**{name: Sum(name) for name in COUNT_FIELDS})
        for name, value in sums.items():
            setattr(run, name, value or 0)
        failed = run.chunks.filter(state=ChunkState.FAILED).order_by("number").first()
        run.state = RunState.FAILED if failed else RunState.DONE
        run.reason = f"Chunk {failed.number}: {failed.error}" if failed else "Every chunk is stored."
        run.finished_at = clock.now()
        run.save()
        if not failed and run.kind == RunKind.INCREMENTAL and not run.status_filter:
            move_watermark(run)
        _stamp_shop(run)
        return run


def _stamp_shop(run: Run) -> None:
    """Stamps come from run records; "ran, found nothing" is a success like any other."""
    if run.state == RunState.FAILED:
        Shop.objects.filter(pk=run.shop_id).update(sync_status=SyncStatus.FAILED)
        return
    stamps = {"sync_status": SyncStatus.OK, "last_sync_at": run.finished_at}
    if run.kind == RunKind.FULL and not run.status_filter:
        stamps["last_full_sync_at"] = run.finished_at
    Shop.objects.filter(pk=run.shop_id).update(**stamps)
