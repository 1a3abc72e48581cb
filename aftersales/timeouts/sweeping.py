"""One sweep from its first page to its last, and the record of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from aftersales.models import Case, SweepRun
from aftersales.states import CaseOrigin
from aftersales.timeouts.batches import move_batch
from aftersales.timeouts.finding import Key, key_of, list_page, select_due
from aftersales.timeouts.marketplace import MOST_AT_ONCE, handle_batch
from aftersales.timeouts.outcomes import Handled, Outcome
from backoffice.common import clock
from backoffice.common.errors import NotPossible
from backoffice.common.locks import try_advisory_lock
from backoffice.common.stopping import is_stopping

log = structlog.get_logger(__name__)

BATCH_SIZE = 100
MAX_SECONDS = 300
COUNTED = ["examined_count", *(f"{outcome}_count" for outcome in Outcome)]

OnBatch = Callable[[Sequence[Handled]], object]


class AlreadySwept(NotPossible):
    """Another sweep has carried out this turn of the schedule, or is carrying it out."""

    code = "already_swept"


def sweep(
    *,
    batch_size: int = BATCH_SIZE,
    limit: int | None = None,
    shop_id: int | None = None,
    max_seconds: float = MAX_SECONDS,
    slot: str | None = None,
    on_batch: OnBatch | None = None,
) -> SweepRun:
    """Handle the cases whose time has run out by now; return the record. Raises AlreadySwept.

    1. Cases that are decided here come first: they need no network, and nothing slow stands in their way.
    2. Cases of marketplaces follow in smaller batches, as each may cost calls. One sweep at a time asks for them.

    Any number may run at once, and one may be killed anywhere: a batch is moved wholly or not at all.
    """
    run = _begin(batch_size, shop_id, slot)
    stop = _Stop(clock.monotonic_seconds() + max_seconds, limit)
    with try_advisory_lock("aftersales sweep", "marketplace cases") as has_lock:
        pages = [_handle(run, CaseOrigin.INTERNAL, batch_size, move_batch, stop)]
        if has_lock:
            pages.append(_handle(run, CaseOrigin.MARKETPLACE, min(batch_size, MOST_AT_ONCE), handle_batch, stop))
        for handled in chain.from_iterable(pages):
            _count(run, handled)
            if on_batch is not None:
                on_batch(handled)
    run.message = stop.why or ("" if has_lock else "Another sweep is running; cases of marketplaces were left to it.")
    run.finished_at = clock.now()
    run.save(update_fields=["message", "finished_at"])
    log.info("swept", run=run.pk, **{name: getattr(run, name) for name in COUNTED}, message=run.message)
    return run


class _Stop:
    """When a sweep ends before it has handled everything, and why."""

    def __init__(self, ends_at: float, limit: int | None) -> None:
        self.ends_at = ends_at
        self.left = limit
        self.why = ""

    def is_now(self) -> bool:
        if self.left == 0:
            self.why = "Its limit is reached; what is left waits for the next sweep."
        elif clock.monotonic_seconds() >= self.ends_at:
            self.why = "Its time is over; what is left waits for the next sweep."
        elif is_stopping():
            self.why = "It was asked to end; what is left waits for the next sweep."
        return bool(self.why)

    def cut(self, count: int) -> int:
        return count if self.left is None else min(count, self.left)

    def note(self, count: int) -> None:
        if self.left is not None:
            self.left -= count


def _handle(
    run: SweepRun,
    origin: CaseOrigin,
    count: int,
    handle: Callable[[Sequence[Case], datetime], Iterable[Handled]],
    stop: _Stop,
) -> Iterator[list[Handled]]:
    due: QuerySet[Case] = select_due(run.started_at, shop_id=run.shop_id, origin=origin)
    last: Key | None = None
    while not stop.is_now() and (page := list_page(due, last, stop.cut(count))):
        yield list(handle(page, run.started_at))
        stop.note(len(page))
        last = key_of(page[-1])


def _begin(batch_size: int, shop_id: int | None, slot: str | None) -> SweepRun:
    try:
        with transaction.atomic():
            return SweepRun.objects.create(slot=slot, started_at=clock.now(), batch_size=batch_size, shop_id=shop_id)
    except IntegrityError:  # only the slot is unique
        raise AlreadySwept("Another sweep is running, or has run, for this turn of the schedule.") from None


def _count(run: SweepRun, handled: Sequence[Handled]) -> None:
    """Add a batch to the record at once, so that a sweep that is killed shows how far it came."""
    run.examined_count += len(handled)
    for outcome, count in Counter(one.outcome for one in handled).items():
        name = f"{outcome}_count"
        setattr(run, name, getattr(run, name) + count)
    run.save(update_fields=COUNTED)
