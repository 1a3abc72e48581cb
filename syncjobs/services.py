"""Start, stop and retry runs; deal with failed records.

These functions write rows; waking a worker is up to whoever calls them, after the commit.
"""

from contextlib import ExitStack
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from backoffice.common.locks import advisory_lock
from backoffice.common.payloads import digest, dump_payload
from orders.choices import PayloadSource
from orders.ingest import Origin
from shops.choices import ShopState, SyncStatus
from shops.connections import build_connection
from shops.marketplaces.records import OrderRecord, Token, UnreadableRecord, Window
from shops.models import Shop, ShopCredential
from syncjobs.engine.closing import close_if_ended
from syncjobs.engine.planner import PlanRules, cut_into_chunks, plan_incremental, plan_recent
from syncjobs.intake import store_orders
from syncjobs.models import Chunk, ChunkState, FailedRecord, Run, RunKind, RunState, Trigger, Watermark

RESOURCE = "orders"


class NotSyncable(NotPossible):
    """The shop is paused, disconnected or needs re-authorisation."""

    code = "shop_not_syncable"


class NothingNew(NotPossible):
    """Everything that can be read has been read."""

    code = "nothing_new"


class KeyTaken(NotPossible):
    """The key of a call stands for another request."""

    code = "key_taken"


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


def retry_run(run: Run, reason: str) -> int:
    """Open a failed run again: its failed chunks become due with fresh tries; return how many.

    Raises NotPossible where the run did not fail, where another run reads the same, or where its window has been read
    since. What its other chunks stored stays, and the watermark still moves forward only.
    """
    shop = Shop.objects.get(pk=run.shop_id)
    if shop.state != ShopState.ACTIVE:
        raise NotPossible(f"{shop} is {shop.get_state_display().lower()}, so it would fail again. {shop.state_reason}")
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
            due = run.chunks.filter(state=ChunkState.FAILED).update(
                state=ChunkState.DUE, due_at=clock.now(), attempt_count=0, error="", finished_at=None
            )
            Shop.objects.filter(pk=run.shop_id).update(sync_status=SyncStatus.RUNNING)
            return due
    except IntegrityError as error:  # the constraint allows one open incremental run
        raise NotPossible(
            f"Another incremental run of {shop} is open. It began at the same watermark, so it reads what run {run.pk} "
            "could not."
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
    """Close runs whose last worker died between its last chunk and the closing; return how many."""
    unfinished = Chunk.objects.filter(state__in=(ChunkState.DUE, ChunkState.RUNNING)).values("run_id")
    ended = Run.objects.filter(state=RunState.OPEN).exclude(pk__in=unfinished).values_list("pk", flat=True)
    return sum(close_if_ended(run_id) is not None for run_id in list(ended))


class StillUnreadable(NotPossible):
    """A failed record could not be stored this time either."""


def retry_record(record: FailedRecord) -> str:
    """Map a kept payload again and store it as an order; return the order's number.

    Raises StillUnreadable, with the reason noted on the record, where it cannot be stored this time either.
    """
    shop = Shop.objects.select_related("app").get(pk=record.shop_id)
    connection = build_connection(shop.app, Token("", ""), lambda stale, _: stale)  # mapping makes no call
    mapped = connection.connector.map_order(record.payload)
    if isinstance(mapped, UnreadableRecord):
        error = mapped.error
    else:
        error = _store_instead(record, mapped)
        if not error:
            return mapped.external_id
    FailedRecord.objects.filter(pk=record.pk).update(error=error, last_seen_at=clock.now())
    raise StillUnreadable(f"It still cannot be stored: {error}")


def _store_instead(record: FailedRecord, mapped: OrderRecord) -> str:
    """Put an order in a failed record's place; return why not, and then nothing has changed."""
    with transaction.atomic():
        if not FailedRecord.objects.filter(pk=record.pk).delete()[0]:
            raise NotPossible("The record is gone: somebody retried or discarded it just now.")
        store_orders(record.shop_id, [mapped], [], Origin(PayloadSource.POLL, clock.now(), record.run_id))
        # What the database refuses, or what lost against a stored order, was kept as a failed record once more.
        kept_again = FailedRecord.objects.filter(
            shop_id=record.shop_id, resource=record.resource, payload_hash=digest(dump_payload(mapped.payload))
        ).first()
        if kept_again is not None:
            transaction.set_rollback(True)
            return kept_again.error
    return ""


def discard_record(record: FailedRecord) -> None:
    """Drop a failed record for good; raises NotPossible where it is gone already."""
    if not FailedRecord.objects.filter(pk=record.pk).delete()[0]:
        raise NotPossible("The record is gone: somebody retried or discarded it just now.")
