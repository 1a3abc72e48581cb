"""Ends open runs, opens failed ones again, and closes those whose last worker died."""

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from shops.choices import ShopState, SyncStatus
from shops.models import Shop
from syncjobs import leases
from syncjobs.buffer import ledger
from syncjobs.engine.closing import close_if_ended
from syncjobs.models import UNENDED_RUNS, UNFINISHED_CHUNKS, Chunk, ChunkState, Run, RunKind, RunState, Watermark
from syncjobs.services.backfills import close_ended_backfills


def cancel_run(run: Run, reason: str) -> bool:
    """End an open or stopped run: due chunks are cancelled, those in work finish. Returns whether there was one."""
    with transaction.atomic():
        changed = Run.objects.filter(pk=run.pk, state__in=UNENDED_RUNS).update(
            state=RunState.CANCELLED, reason=reason, finished_at=clock.now()
        )
        if changed:
            run.chunks.filter(state=ChunkState.DUE).update(state=ChunkState.CANCELLED, finished_at=clock.now())
            Shop.objects.filter(pk=run.shop_id, sync_status=SyncStatus.RUNNING).update(sync_status=SyncStatus.FAILED)
        return bool(changed)


def retry_run(run: Run, reason: str) -> int:
    """Open a failed run again: its failed chunks become due with fresh tries; return how many.

    Raises NotPossible where the run did not fail, where another run reads the same, or where its window has been read
    since. What its other chunks stored stays, and the watermark still moves forward only.
    """
    shop = Shop.objects.get(pk=run.shop_id)
    if shop.state != ShopState.ACTIVE:
        raise NotPossible(f"{shop} {shop.state_in_words}, so it would fail again. {shop.state_reason}")
    _refuse_what_was_read_since(run)
    try:
        with transaction.atomic():
            opened = Run.objects.filter(pk=run.pk, state=RunState.FAILED).update(
                state=RunState.OPEN, reason=reason, finished_at=None
            )
            if not opened:
                run.refresh_from_db(fields=["state"])
                raise NotPossible(
                    f"Run {run.pk} is {run.get_state_display().lower()}; only a failed run can be retried."
                )
            due = leases.renew_failed(run.chunks.all())
            if run.kind != RunKind.BACKFILL:
                Shop.objects.filter(pk=run.shop_id).update(sync_status=SyncStatus.RUNNING)
            return due
    except IntegrityError as error:  # the constraint allows one open run that reads the same
        kind = run.get_kind_display().lower()
        began = "It began at the same watermark, so it" if run.kind == RunKind.INCREMENTAL else "It"
        raise NotPossible(
            f"Another {kind} run of {shop} is open. {began} reads what run {run.pk} could not."
        ) from error


def _refuse_what_was_read_since(run: Run) -> None:
    """A watermark beyond a run's window says that all of it is stored: reading it again brings nothing."""
    if run.status_filter or run.kind != RunKind.INCREMENTAL:
        return
    mark = Watermark.objects.filter(shop_id=run.shop_id, resource=run.resource, position_at__gte=run.window_end).first()
    if mark is not None:
        raise NotPossible(
            f"Nothing of run {run.pk} is missing any more: run {mark.run_id} has read its window since, and the "
            f"watermark stands at {mark.position_at:%Y-%m-%d %H:%M:%S} UTC."
        )


def close_ended_runs() -> int:
    """Close runs whose last worker died between its last chunk and the closing; return how many. Backfills follow.

    The same may have happened to whoever stored the last file of a run, or found it lost.
    """
    # In work when its run was cancelled, and given back since: nobody will claim it any more.
    given_back = Chunk.objects.filter(state=ChunkState.DUE, run__state=RunState.CANCELLED)
    given_back.update(state=ChunkState.CANCELLED, finished_at=clock.now())
    for chunk_id in ledger.list_unsettled_chunks():
        ledger.settle_chunk(chunk_id)
    left = Chunk.objects.filter(state__in=UNFINISHED_CHUNKS).values("run_id")
    ended = Run.objects.filter(state=RunState.OPEN).exclude(pk__in=left)
    in_files = Chunk.objects.filter(run_id=OuterRef("pk"), state=ChunkState.BUFFERED)
    stored = Run.objects.filter(~Exists(in_files), state=RunState.BUFFERED)
    run_ids = [*ended.values_list("pk", flat=True), *stored.values_list("pk", flat=True)]
    count = sum(close_if_ended(run_id) is not None for run_id in run_ids)
    close_ended_backfills()
    return count
