"""Starts runs: for the schedule, for a person, for a service; one open incremental run of a shop at most."""

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from backoffice.common import clock
from backoffice.common.locks import advisory_lock
from shops.choices import ShopState, SyncStatus
from shops.marketplaces.records import Window
from shops.models import Shop, ShopCredential
from syncjobs.engine.planner import PlanRules, cut_into_chunks, plan_incremental, plan_recent
from syncjobs.models import Chunk, Lane, Run, RunKind, RunState, Trigger, Watermark
from syncjobs.services.refusals import KeyTaken, NothingNew, NotSyncable

RESOURCE = "orders"
LANE_OF_TRIGGER: Mapping[str, Lane] = {
    Trigger.PERSON: Lane.INTERACTIVE,
    Trigger.COMMAND: Lane.INTERACTIVE,
    Trigger.API: Lane.HIGH,
}


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
    shop: Shop,
    *,
    kind: str,
    trigger: str,
    hours: int = 24,
    status_filter: str = "",
    slot_key: str | None = None,
    is_forced: bool = False,
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
                identity=_identity(kind, window, status_filter), lane=LANE_OF_TRIGGER.get(trigger, Lane.INCREMENTAL),
                is_forced=is_forced,
            )  # fmt: skip
            Chunk.objects.bulk_create(
                Chunk(run=run, number=number, window_start=piece.start, window_end=piece.end, due_at=now)
                for number, piece in enumerate(cut_into_chunks(window, plan_rules().chunk), start=1)
            )
            Shop.objects.filter(pk=shop.pk).update(sync_status=SyncStatus.RUNNING)
            return run
    except IntegrityError:  # the constraints decide: somebody else opened one just now, or this slot had its run
        return _find_open_incremental(shop)


def _identity(kind: str, window: Window, status_filter: str) -> str:
    """Name what a run reads: there is one incremental stream; other windows are told apart by where they lie."""
    if kind == RunKind.INCREMENTAL:
        return kind
    span = f"{window.start:%Y%m%dT%H%M%S}-{window.end:%Y%m%dT%H%M%S}"
    return ":".join(part for part in (kind, status_filter, span) if part)


def _find_open_incremental(shop: Shop) -> Run | None:
    return Run.objects.filter(shop=shop, resource=RESOURCE, kind=RunKind.INCREMENTAL, state=RunState.OPEN).first()


def request_run(shop: Shop, *, kind: str, trigger: str = Trigger.PERSON) -> tuple[Run, bool]:
    """Start a run that somebody asked for; return it, and whether it is new. Raises NotPossible with the reason.

    Who asks twice gets the open run of the kind a second time.
    """
    _refuse_unsyncable(shop)
    with advisory_lock("request-run", shop.pk, kind):
        open_run = Run.objects.filter(shop=shop, resource=RESOURCE, kind=kind, status_filter="", state=RunState.OPEN)
        known = open_run.order_by("-id").first()
        run = known or start_run(shop, kind=kind, trigger=trigger)
    if run is None:
        raise _nothing_new(shop)
    return run, known is None


def request_run_by_key(
    shop: Shop, *, kind: str, hours: int = 24, status_filter: str = "", slot_key: str | None = None
) -> tuple[Run, bool]:
    """Start a run that a service asked for; return it, and whether it is new. Raises NotPossible with the reason.

    The open incremental run is given again, and so is the run that the same key started, however long ago. Other kinds
    without a key start a run with each call.
    """
    with ExitStack() as locks:
        if slot_key:  # two calls with one key wait for each other, whatever else they say
            locks.enter_context(advisory_lock("run-key", slot_key))
        locks.enter_context(advisory_lock("request-run", shop.pk, kind))
        known = Run.objects.filter(slot_key=slot_key).first() if slot_key else None
        if known is not None:
            _refuse_other_request(known, shop, kind=kind, hours=hours, status_filter=status_filter)
            return known, False
        _refuse_unsyncable(shop)
        known = _find_open_incremental(shop) if kind == RunKind.INCREMENTAL else None
        run = known or start_run(
            shop, kind=kind, trigger=Trigger.API, hours=hours, status_filter=status_filter, slot_key=slot_key
        )
    if run is None:
        raise _nothing_new(shop)
    return run, known is None


def _refuse_other_request(run: Run, shop: Shop, *, kind: str, hours: int, status_filter: str) -> None:
    """A key that stands for one request cannot stand for another; the run itself says what was asked for."""
    asked = (shop.pk, kind, status_filter)
    depth = run.window_end - run.window_start
    if (run.shop_id, run.kind, run.status_filter) != asked or (
        kind == RunKind.WINDOW and depth != timedelta(hours=hours)
    ):
        raise KeyTaken(
            f"The same key came with another request before, which started run {run.pk}. Take a new key for this one."
        )


def _refuse_unsyncable(shop: Shop) -> None:
    if shop.state != ShopState.ACTIVE:
        raise NotSyncable(f"{shop} is {shop.get_state_display().lower()}, so it is not synced. {shop.state_reason}")
    if not ShopCredential.objects.filter(shop=shop).exists():
        raise NotSyncable(f"{shop} has no credential, so nothing of it can be read. Connect it again.")


def _nothing_new(shop: Shop) -> NothingNew:
    return NothingNew(
        f"{shop} has been read up to the newest moment that can be read "
        f"({settings.SYNC_END_GUARD_SECONDS} seconds before now), so there is nothing to do."
    )


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
