"""Who works on a chunk: claim, heartbeat, give back. The only place where the state of a chunk in work changes.

Whoever claims takes the run whose turn it is (lane first, then the one that was served longest ago) under a row lock,
and of that run the first due chunk. So no shop waits for all the days of another, and no run has more chunks in work
than SYNC_MAX_PARALLEL_TASKS. See backoffice.common.leases for the lease itself.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from backoffice.common import clock, leases
from backoffice.common.leases import LeaseLost, new_owner
from syncjobs.models import Chunk, ChunkState, EventLevel, Run, RunEvent, RunState
from syncjobs.queries import may_go_on

__all__ = [
    "LeaseLost",
    "claim_next_chunk",
    "count_due_chunks",
    "end",
    "end_buffered",
    "find_next_due",
    "give_back",
    "has_due_chunks",
    "keep",
    "new_owner",
    "reap_lost",
    "reap_lost_chunks",
    "renew_failed",
]

LOST = "The worker ended without a word (killed, or its machine went away)."


def claim_next_chunk(owner: str, *, lanes: Collection[int] | None = None, run_id: int | None = None) -> Chunk | None:
    """Claim the next due chunk: of the given lanes, of one run, or of all; None where nothing can be claimed now."""
    runs = _runs_in_turn(lanes, run_id)
    full: list[int] = []  # runs that have as many chunks in work as they may
    while True:
        with transaction.atomic():
            candidates = runs.exclude(pk__in=full)
            # A run that somebody claims from this moment is passed over; only where there is no other it is waited for.
            run = candidates.select_for_update(of=("self",), skip_locked=True).first()
            run = run or candidates.select_for_update(of=("self",)).first()
            if run is None:
                return None
            chunk_id = _take_first(run, owner)
        if chunk_id is not None:
            # The app is not fetched along: should its secret be unreadable, the chunk must say so, not stay claimed.
            return Chunk.objects.select_related("run__shop").get(pk=chunk_id)
        full.append(run.pk)


def _runs_in_turn(lanes: Collection[int] | None, run_id: int | None) -> QuerySet[Run]:
    due = Chunk.objects.filter(run=OuterRef("pk"), state=ChunkState.DUE, due_at__lte=clock.now())
    runs = Run.objects.filter(may_go_on(), Exists(due), state=RunState.OPEN)
    if run_id is not None:
        runs = runs.filter(pk=run_id)
    if lanes is not None:
        runs = runs.filter(lane__in=lanes)
    return runs.order_by("lane", F("last_claimed_at").asc(nulls_first=True), "id")


def _take_first(run: Run, owner: str) -> int | None:
    """Take the run's first due chunk; its row lock, held by the caller, keeps others from counting at the same time."""
    now = clock.now()
    chunks = Chunk.objects.filter(run=run)
    if chunks.filter(state=ChunkState.RUNNING).count() >= settings.SYNC_MAX_PARALLEL_TASKS:
        return None
    due = chunks.filter(state=ChunkState.DUE, due_at__lte=now)
    chunk_id = due.order_by("number").values_list("pk", flat=True).first()
    if chunk_id is None or not leases.take(
        due.filter(pk=chunk_id),
        owner,
        settings.SYNC_LEASE_SECONDS,
        started_at=Coalesce("started_at", now),
        error="",
    ):
        return None
    Run.objects.filter(pk=run.pk).update(last_claimed_at=now, started_at=Coalesce("started_at", now))
    return chunk_id


def keep(chunk: Chunk, owner: str, additions: Mapping[str, float] | None = None, **facts: Any) -> None:
    """Heartbeat: extend the lease, add to the chunk's counts, note its place; raises LeaseLost if it is not ours."""
    leases.keep(chunk, owner, settings.SYNC_LEASE_SECONDS, **_sums(additions), **facts)


def end(
    chunk: Chunk, owner: str, state: ChunkState, *, additions: Mapping[str, float] | None = None, **facts: Any
) -> None:
    """Close a chunk: done, buffered, or failed with its `error`. Its place is forgotten: see `renew_failed`."""
    facts |= {"position": None, "seen_ids": None, "finished_at": clock.now()}
    leases.leave(chunk, owner, state=state, **_sums(additions), **facts)


def give_back(
    chunk: Chunk,
    owner: str,
    *,
    due_at: datetime,
    counts_as_try: bool = True,
    additions: Mapping[str, float] | None = None,
    **facts: Any,
) -> None:
    """Return a chunk as due at a later time, with its `error` and where to go on; a wait or a pause is no try."""
    tries = {} if counts_as_try else {"attempt_count": F("attempt_count") - 1}
    leases.leave(chunk, owner, state=ChunkState.DUE, due_at=due_at, **tries, **_sums(additions), **facts)


def end_buffered(chunk: Chunk, state: ChunkState, error: str) -> None:
    """Close a chunk that waited in files: all of them are stored now, or one of them is lost."""
    waiting = Chunk.objects.filter(pk=chunk.pk, state=ChunkState.BUFFERED)
    waiting.update(state=state, error=error, finished_at=clock.now())


def renew_failed(chunks: QuerySet[Chunk]) -> int:
    """Make those of the chunks that failed due again, as if never tried; return how many.

    They are read from their start: by the time that a person has looked, the list is another one.
    """
    return chunks.filter(state=ChunkState.FAILED).update(
        state=ChunkState.DUE, due_at=clock.now(), attempt_count=0, unexpected_count=0, worked_seconds=0,
        position=None, seen_ids=None, error="", finished_at=None,
    )  # fmt: skip


def reap_lost_chunks() -> int:
    """Return chunks whose worker is gone: lease run out, or its process on this host is dead. The lost try counts."""
    reaped = reap_lost(Chunk.objects.all())
    RunEvent.objects.bulk_create(
        RunEvent(run_id=run_id, chunk_number=number, at=clock.now(), level=EventLevel.WARNING, text=LOST)
        for run_id, number in Chunk.objects.filter(pk__in=reaped).values_list("run_id", "number")
    )
    return len(reaped)


def reap_lost(rows: QuerySet[Any]) -> list[int]:
    """Return the rows whose worker is gone; after the last try a person must look. Return their ids."""
    reaped = []
    for row_id, owner in leases.list_lost(rows):
        held = rows.filter(pk=row_id, state=leases.RUNNING, lease_owner=owner)
        freed = {"lease_owner": "", "lease_expires_at": None, "error": LOST}
        given_up = Q(attempt_count__gte=settings.SYNC_MAX_ATTEMPTS)
        is_due = held.filter(~given_up).update(state=leases.DUE, due_at=clock.now(), **freed)
        if is_due or held.filter(given_up).update(state=ChunkState.FAILED, finished_at=clock.now(), **freed):
            reaped.append(row_id)
    return reaped


def count_due_chunks(run_ids: Iterable[int] | None = None) -> dict[int, int]:
    """Count by lane the chunks that are due now, of these runs or of all."""
    due = _due_now() if run_ids is None else _due_now().filter(run_id__in=list(run_ids))
    counts = due.order_by().values_list("run__lane").annotate(count=Count("pk"))
    return dict(counts)


def find_next_due(lanes: Collection[int], before: datetime) -> datetime | None:
    """Find when the next chunk of these lanes becomes due that is not due yet, if before this time."""
    later = _claimable().filter(run__lane__in=lanes, due_at__gt=clock.now(), due_at__lt=before)
    next_due: datetime | None = later.aggregate(next=Min("due_at"))["next"]
    return next_due


def has_due_chunks(*, lanes: Collection[int] | None = None, run_id: int | None = None) -> bool:
    """Whether a chunk that may be worked on is due now."""
    due = _due_now()
    if run_id is not None:
        due = due.filter(run_id=run_id)
    return (due if lanes is None else due.filter(run__lane__in=lanes)).exists()


def _claimable() -> QuerySet[Chunk]:
    return Chunk.objects.filter(may_go_on("run__"), state=ChunkState.DUE, run__state=RunState.OPEN)


def _due_now() -> QuerySet[Chunk]:
    return _claimable().filter(due_at__lte=clock.now())


def _sums(additions: Mapping[str, float] | None) -> dict[str, Any]:
    return {name: F(name) + amount for name, amount in (additions or {}).items() if amount}
