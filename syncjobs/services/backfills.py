"""Starts, stops and continues backfills: for each shop and resource one run, for each of the shop's days one chunk.

Runs are written in the order in which one needs their rows, and workers take them in turn: so of each day products come
first, then orders, then what belongs to orders. Nothing waits for anything: links are made whichever comes first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from backoffice.common.upsert import copy_rows, table_of
from shops.marketplaces.contract import Capability
from shops.marketplaces.records import Resource, Window
from shops.marketplaces.registry import find_capability
from shops.models import Shop
from syncjobs import leases
from syncjobs.engine.days import cut_into_days, midnight_of
from syncjobs.engine.planner import name_backfill
from syncjobs.models import (
    UNENDED_RUNS,
    Backfill,
    BackfillState,
    Chunk,
    ChunkState,
    Lane,
    Run,
    RunKind,
    RunState,
    Trigger,
)
from syncjobs.queries import find_zone
from syncjobs.streams import get_stream

BACKUP_ABOVE = timedelta(days=30)  # so much is written that one wants to be able to go back
LONGEST_CHUNK_DAYS = 31  # more would be read again from its start when it fails
FIRST_YEAR = 2010  # no marketplace here has orders from before
EXAMPLES = 5
ORDER = (Resource.PRODUCTS, Resource.ORDERS, Resource.SHIPMENTS, Resource.TRANSACTIONS, Resource.RETURNS)
READ_AT_ONCE = (Resource.PRODUCTS,)  # a catalogue: days would show few changes each
LONGEST_DAY = timedelta(hours=25)


@dataclass
class StartedBackfill:
    """What became of a wish: runs that were opened, and shops that another open run reads in the same window.

    `lacking` are resources that a marketplace among them does not have: (resource, marketplace).
    """

    backfill: Backfill
    opened_count: int = 0
    known_count: int = 0
    known_examples: list[str] = field(default_factory=list)
    lacking: set[tuple[str, str]] = field(default_factory=set)

    @property
    def needs_backup(self) -> bool:
        """Whether so much is read that a backup of the database should be there."""
        return self.backfill.window_end - self.backfill.window_start > BACKUP_ABOVE

    @property
    def known_in_words(self) -> str:
        """Which shops were left as they are, and why; empty where it was none."""
        if not self.known_count:
            return ""
        names = ", ".join(self.known_examples) + (" and others" if self.known_count > len(self.known_examples) else "")
        return f"This window is being read already, and was not opened twice, for {names} ({self.known_count})."

    @property
    def lacking_in_words(self) -> str:
        """What was left out because there is no such thing; empty where there was all of it."""
        if not self.lacking:
            return ""
        return f"Left out: {'; '.join(f'{marketplace} has no {what}' for what, marketplace in sorted(self.lacking))}."


def list_in_order(resources: Iterable[str]) -> list[str]:
    """Return resources, each once, in the order in which their runs are written; raises UnknownResource."""
    wanted = {get_stream(resource).resource for resource in resources}
    return [resource.value for resource in ORDER if resource in wanted]


def plan_backfill_window(first_day: date, last_day: date) -> Window:
    """Return the window of these days, both included, in the operator's zone; it ends no later than can be read."""
    if first_day.year < FIRST_YEAR:
        raise NotPossible(f"There is nothing to read from before {FIRST_YEAR}.")
    if first_day > last_day:
        raise NotPossible(f"The first day, {first_day}, lies after the last, {last_day}.")
    now, zone = clock.now(), ZoneInfo(settings.OPERATOR_TIME_ZONE)
    latest_day = now.date() + timedelta(days=2)  # nowhere has it begun; dates far beyond have no day after them
    start = midnight_of(min(first_day, latest_day), zone)
    end = min(midnight_of(min(last_day, latest_day) + timedelta(days=1), zone), _newest_end(now))
    if start >= end:
        raise NotPossible(f"{first_day} has not come yet, or is too fresh to be read.")
    return Window(start, end)


def _newest_end(now: datetime) -> datetime:
    """Return up to where the marketplaces' lists are complete."""
    return (now - timedelta(seconds=settings.SYNC_END_GUARD_SECONDS)).replace(microsecond=0)


def find_same_backfill(window: Window, *, chunk_days: int, resources: Sequence[str]) -> Backfill | None:
    """Find the unended backfill that was asked for with the same words; its end may be an earlier "up to now"."""
    asked = {"chunk_days": chunk_days, "resources": list_in_order(resources)}
    same = Backfill.objects.filter(window_start=window.start, **asked)
    for backfill in same.exclude(state=BackfillState.ENDED).order_by("-pk"):
        was_cut = not _is_midnight(backfill.window_end)  # days end there; else it is "up to now" of back then
        if backfill.window_end == window.end or (was_cut and window.end > backfill.window_end):
            return backfill
    return None


def _is_midnight(moment: datetime) -> bool:
    zone = ZoneInfo(settings.OPERATOR_TIME_ZONE)
    return midnight_of(moment.astimezone(zone).date(), zone) == moment


def start_backfill(
    shops: Iterable[Shop],
    window: Window,
    *,
    chunk_days: int = 1,
    resources: Sequence[str] = ("orders",),
    person: AbstractBaseUser | None = None,
) -> StartedBackfill:
    """Write a backfill with the runs and chunks of these shops; raises NotPossible where there is nothing to open.

    Each shop has its own transaction, so that years of thousands of shops neither fill the memory nor hold locks.
    """
    if not 1 <= chunk_days <= LONGEST_CHUNK_DAYS:
        raise NotPossible(f"A chunk has 1 to {LONGEST_CHUNK_DAYS} days, not {chunk_days}.")
    resources = list_in_order(resources)
    now = clock.now()
    window = Window(window.start, min(window.end, _newest_end(now)))
    if not resources or window.start >= window.end:
        raise NotPossible("There is nothing to read in this window yet.")
    backfill = Backfill.objects.create(
        window_start=window.start, window_end=window.end, chunk_days=chunk_days, resources=resources,
        person_id=person.pk if person is not None else None, created_at=now,
    )  # fmt: skip
    started = add_shops(backfill, shops)
    if not started.opened_count:
        backfill.delete()
        said = " ".join(filter(None, (started.known_in_words, started.lacking_in_words)))
        raise NotPossible(said or "There is no shop to read.")
    return started


def add_shops(backfill: Backfill, shops: Iterable[Shop]) -> StartedBackfill:
    """Open the runs of these shops; one that has an open run of the same window keeps that."""
    started = StartedBackfill(backfill)
    for shop in shops:
        is_known = False
        for resource in list_in_order(backfill.resources):
            capability = find_capability(shop.marketplace, resource)
            if capability is None:
                started.lacking.add((resource, shop.get_marketplace_display()))
            elif _open_run(backfill, shop, resource, capability):
                started.opened_count += 1
            else:
                is_known = True
        if is_known:
            started.known_count += 1
            started.known_examples += [shop.name] if len(started.known_examples) < EXAMPLES else []
    return started


def _open_run(backfill: Backfill, shop: Shop, resource: str, capability: Capability) -> bool:
    """Write a run with its chunks; return whether it is new."""
    window = Window(backfill.window_start, backfill.window_end)
    identity = name_backfill(window)
    same = Run.objects.filter(shop=shop, resource=resource, identity=identity, state__in=UNENDED_RUNS)
    if same.exists():
        return False
    now = clock.now()
    try:
        with transaction.atomic():
            # Who stops the backfill meanwhile waits for this shop, and the next one is opened as stopped.
            state = Backfill.objects.select_for_update().get(pk=backfill.pk).state
            run = Run.objects.create(
                shop=shop, resource=resource, kind=RunKind.BACKFILL, trigger=Trigger.BACKFILL, lane=Lane.BACKFILL,
                identity=identity, backfill=backfill, window_start=window.start, window_end=window.end, created_at=now,
                state=RunState.STOPPED if state == BackfillState.STOPPED else RunState.OPEN,
            )  # fmt: skip
            _copy_chunks(run, _cut(window, find_zone(shop.timezone), backfill.chunk_days, resource, capability))
            return True
    except IntegrityError:  # the constraint decides: somebody else opened it just now
        if same.exists():
            return False
        raise


def _cut(window: Window, zone: tzinfo, days: int, resource: str, capability: Capability) -> Iterable[Window]:
    """Cut a window into what one chunk reads: days, fewer than asked for where the marketplace's lists take less.

    What shows everything whatever the window, and a catalogue, is read once.
    """
    if resource in READ_AT_ONCE or not capability.is_windowed:
        days = (window.end - window.start).days + 1
    return cut_into_days(window, zone, max(1, min(days, capability.longest_window // LONGEST_DAY)))


def _copy_chunks(run: Run, days: Iterable[Window]) -> None:
    """Write a chunk for each piece with COPY, 40,000 in a second: years of thousands of shops are millions of rows."""
    blank = Chunk(run=run, due_at=run.created_at, state=ChunkState.DUE.value)
    fields = [field for field in Chunk._meta.concrete_fields if not field.primary_key]
    same = {str(field.column): getattr(blank, field.attname) for field in fields}
    rows = (
        tuple({**same, "number": number, "window_start": day.start, "window_end": day.end}.values())
        for number, day in enumerate(days, start=1)
    )
    copy_rows(table_of(Chunk), list(same), rows)


def stop_backfill(backfill: Backfill, reason: str) -> int:
    """Let no further chunk be claimed; those in work are finished. Return how many runs were stopped."""
    return _turn(backfill, reason, RunState.OPEN, RunState.STOPPED, BackfillState.STOPPED)


def continue_backfill(backfill: Backfill, reason: str) -> int:
    """Let the chunks of stopped runs be claimed again; return how many runs go on."""
    return _turn(backfill, reason, RunState.STOPPED, RunState.OPEN, BackfillState.OPEN)


def _turn(backfill: Backfill, reason: str, before: RunState, after: RunState, state: BackfillState) -> int:
    with transaction.atomic():
        present = Backfill.objects.select_for_update().get(pk=backfill.pk)
        turned = Run.objects.filter(backfill=backfill, state=before).update(state=after, reason=reason)
        if not turned:
            word = present.get_state_display().partition(":")[0].lower()
            raise NotPossible(f"Backfill {backfill.pk} has no {before.value} runs: it is {word}.")
        Backfill.objects.filter(pk=backfill.pk).update(state=state, reason=reason, finished_at=None)
    return turned


def retry_failed_days(backfill: Backfill, reason: str) -> int:
    """Make the failed chunks due again with fresh tries, and nothing else; return how many.

    Failed runs are opened again, except those of which another open run reads the same window.
    """
    rivals = Run.objects.filter(
        shop=OuterRef("shop"), resource=OuterRef("resource"), identity=OuterRef("identity"), state__in=UNENDED_RUNS
    )
    try:
        with transaction.atomic():
            present = Backfill.objects.select_for_update().get(pk=backfill.pk)
            failed_runs = Run.objects.filter(~Exists(rivals), backfill=backfill, state=RunState.FAILED)
            failed_runs.update(state=RunState.OPEN, reason=reason, finished_at=None)
            unended = Run.objects.filter(backfill=backfill, state__in=UNENDED_RUNS)
            due = leases.renew_failed(Chunk.objects.filter(run__in=unended))
            if not due:
                raise NotPossible(f"Backfill {backfill.pk} has no failed days that nobody else reads.")
            if present.state == BackfillState.ENDED:
                Backfill.objects.filter(pk=backfill.pk).update(
                    state=BackfillState.OPEN, reason=reason, finished_at=None
                )
            return due
    except IntegrityError as error:
        raise NotPossible("Another backfill of the same window was started just now; it reads these days.") from error


def close_ended_backfills() -> int:
    """Close backfills whose runs have all ended, and open those of which one is read again; return how many closed."""
    runs = Run.objects.filter(backfill=OuterRef("pk"))
    unended, opened = runs.filter(state__in=UNENDED_RUNS), runs.filter(state=RunState.OPEN)
    ended = Backfill.objects.exclude(state=BackfillState.ENDED).filter(Exists(runs), ~Exists(unended))
    count = ended.update(state=BackfillState.ENDED, reason="", finished_at=clock.now())
    Backfill.objects.filter(Exists(opened), state=BackfillState.ENDED).update(
        state=BackfillState.OPEN, finished_at=None
    )
    return count
