"""Start and stop runs. These functions write rows; waking a worker is up to whoever calls them, after the commit."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from backoffice.common import clock
from shops.choices import ShopState, SyncStatus
from shops.marketplaces.records import Window
from shops.models import Shop
from syncjobs.engine.closing import close_if_ended
from syncjobs.engine.planner import PlanRules, cut_into_chunks, plan_incremental, plan_recent
from syncjobs.models import Chunk, ChunkState, Run, RunKind, RunState, Trigger, Watermark

RESOURCE = "orders"


def plan_rules() -> PlanRules:
    """Return the planner's rules from the settings."""
    return PlanRules(
        overlap=timedelta(seconds=settings.SYNC_OVERLAP_SECONDS),
        end_guard=timedelta(seconds=settings.SYNC_END_GUARD_SECONDS),
        chunk=timedelta(days=settings.SYNC_CHUNK_DAYS),
        first_depth=timedelta(days=settings.FULL_SYNC_DAYS),
    )


def plan_window(shop: Shop, kind: str, *, hours: int = 24) -> Window | None:
    """Return the window that a run of this kind would read now; None if there is nothing new."""
    now, rules = clock.now(), plan_rules()
    if kind == RunKind.INCREMENTAL:
        mark = Watermark.objects.filter(shop=shop, resource=RESOURCE).first()
        if mark is None:
            return plan_incremental(None, now, rules, _find_first_end(shop))
        return plan_incremental(mark.position_at, now, rules)
    depth = rules.first_depth if kind == RunKind.FULL else timedelta(hours=hours)
    return plan_recent(depth, now, rules)


def _find_first_end(shop: Shop) -> datetime | None:
    """Find the end of the first window that the incremental stream tried to read, without success so far."""
    tried = Run.objects.filter(shop=shop, resource=RESOURCE, kind=RunKind.INCREMENTAL, status_filter="")
    return tried.order_by("window_end").values_list("window_end", flat=True).first()


def start_run(
    shop: Shop, *, kind: str, trigger: str, hours: int = 24, status_filter: str = "", slot_key: str | None = None
) -> Run | None:
    """Write a run and its chunks; None if there is nothing to do.

    The open incremental run of the shop is returned instead of a second one. A slot that started a run already, e.g.
    from another beat, starts no other.
    """
    open_run = _find_open_incremental(shop) if kind == RunKind.INCREMENTAL else None
    window = plan_window(shop, kind, hours=hours)
    if open_run or window is None:
        return open_run
    now = clock.now()
    try:
        with transaction.atomic():
            run = Run.objects.create(
                shop=shop, resource=RESOURCE, kind=kind, trigger=trigger, status_filter=status_filter,
                window_start=window.start, window_end=window.end, slot_key=slot_key, created_at=now,
            )  # fmt: skip
            Chunk.objects.bulk_create(
                Chunk(run=run, number=number, window_start=piece.start, window_end=piece.end, due_at=now)
                for number, piece in enumerate(cut_into_chunks(window, plan_rules().chunk), start=1)
            )
            Shop.objects.filter(pk=shop.pk).update(sync_status=SyncStatus.RUNNING)
            return run
    except IntegrityError:  # the constraints decide: somebody else opened one just now, or this slot had its run
        return _find_open_incremental(shop)


def _find_open_incremental(shop: Shop) -> Run | None:
    return Run.objects.filter(shop=shop, resource=RESOURCE, kind=RunKind.INCREMENTAL, state=RunState.OPEN).first()


def start_incremental_runs(*, slot: str) -> list[int]:
    """Start the incremental run of every active shop for one slot of the schedule; return the ids of the open runs."""
    shops = Shop.objects.filter(state=ShopState.ACTIVE, credential__isnull=False).order_by("id")
    runs = []
    for shop in shops.iterator(chunk_size=500):
        slot_key = f"{RESOURCE}:incremental:{shop.pk}:{slot}"
        run = start_run(shop, kind=RunKind.INCREMENTAL, trigger=Trigger.BEAT, slot_key=slot_key)
        if run is not None:
            runs.append(run.pk)
    return runs


def cancel_run(run: Run, reason: str) -> bool:
    """End an open run: due chunks are cancelled, those being worked on finish. Returns whether it was still open."""
    with transaction.atomic():
        changed = Run.objects.filter(pk=run.pk, state=RunState.OPEN).update(
            state=RunState.CANCELLED, reason=reason, finished_at=clock.now()
        )
        if changed:
            run.chunks.filter(state=ChunkState.DUE).update(state=ChunkState.CANCELLED, finished_at=clock.now())
            Shop.objects.filter(pk=run.shop_id, sync_status=SyncStatus.RUNNING).update(sync_status=SyncStatus.FAILED)
        return bool(changed)


def close_ended_runs() -> int:
    """Close runs whose last worker died between its last chunk and the closing; return how many."""
    unfinished = Chunk.objects.filter(state__in=(ChunkState.DUE, ChunkState.RUNNING)).values("run_id")
    ended = Run.objects.filter(state=RunState.OPEN).exclude(pk__in=unfinished).values_list("pk", flat=True)
    return sum(close_if_ended(run_id) is not None for run_id in list(ended))
