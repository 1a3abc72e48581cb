"""Who works on a chunk: claim, heartbeat, give back. The only place where a chunk's state changes.

A claim is one conditional update: two workers cannot both win. A worker that dies stops its heartbeat; the sweep then
hands its chunk on, and the lost try counts.
"""

import os
import secrets
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import F, Q, QuerySet

from backoffice.common import clock
from backoffice.common.locks import advisory_lock
from syncjobs.models import Chunk, ChunkState, RunState


class LeaseLost(Exception):
    """The chunk was handed to somebody else; whoever holds this exception must stop writing for it."""


def new_owner() -> str:
    """Return a token for one worker process: host, process number and a random part."""
    return f"{_here()}:{os.getpid()}:{secrets.token_hex(4)}"


def claim_next_chunk(run_id: int, owner: str) -> Chunk | None:
    """Claim the next due chunk of an open run, unless enough of its chunks are being worked on already."""
    with advisory_lock("claim", run_id):  # workers that count at the same moment would all see room
        chunk_id = _claim(run_id, owner)
    # The app is not fetched along: should its secret be unreadable, the chunk must say so, and not stay claimed.
    return Chunk.objects.select_related("run__shop").get(id=chunk_id) if chunk_id else None


def _claim(run_id: int, owner: str) -> int | None:
    now = clock.now()
    running = Chunk.objects.filter(run_id=run_id, state=ChunkState.RUNNING).count()
    if running >= settings.SYNC_MAX_PARALLEL_TASKS:
        return None
    due = _due_now().filter(run_id=run_id)
    for chunk_id in due.order_by("number").values_list("id", flat=True)[: settings.SYNC_MAX_PARALLEL_TASKS * 4]:
        claimed = Chunk.objects.filter(id=chunk_id, state=ChunkState.DUE).update(
            state=ChunkState.RUNNING,
            lease_owner=owner,
            lease_expires_at=now + timedelta(seconds=settings.SYNC_LEASE_SECONDS),
            attempt_count=F("attempt_count") + 1,
            started_at=now,
            error="",
        )
        if claimed:  # else somebody was quicker: try the next one
            return chunk_id
    return None


def keep(chunk: Chunk, owner: str, additions: Mapping[str, float] | None = None) -> None:
    """Heartbeat: extend the lease and add to the chunk's counts; raises LeaseLost if the chunk is not ours any more."""
    changes = {name: F(name) + amount for name, amount in (additions or {}).items() if amount}
    kept = _held(chunk, owner).update(
        lease_expires_at=clock.now() + timedelta(seconds=settings.SYNC_LEASE_SECONDS), **changes
    )
    if not kept:
        raise LeaseLost(f"chunk {chunk.pk} is no longer held by {owner}")


def finish(chunk: Chunk, owner: str) -> None:
    """Close a chunk whose whole window is stored."""
    _end(chunk, owner, state=ChunkState.DONE, finished_at=clock.now())


def fail(chunk: Chunk, owner: str, error: str) -> None:
    """Close a chunk that a person must look at."""
    _end(chunk, owner, state=ChunkState.FAILED, error=error, finished_at=clock.now())


def give_back(chunk: Chunk, owner: str, *, error: str, due_at: datetime, counts_as_try: bool = True) -> None:
    """Return a chunk as due at a later time; a stop asked for by a person is no try."""
    attempts = {} if counts_as_try else {"attempt_count": F("attempt_count") - 1}
    _end(chunk, owner, state=ChunkState.DUE, error=error, due_at=due_at, **attempts)


def reap_lost_chunks() -> int:
    """Return chunks whose worker is gone: lease run out, or its process on this host is dead. The lost try counts."""
    now = clock.now()
    running = Chunk.objects.filter(state=ChunkState.RUNNING)
    lost = list(running.filter(lease_expires_at__lt=now).values_list("id", "lease_owner"))
    for chunk_id, owner in running.filter(lease_owner__startswith=f"{_here()}:").values_list("id", "lease_owner"):
        if not _is_alive(int(owner.split(":")[1])):
            lost.append((chunk_id, owner))
    reaped = 0
    for chunk_id, owner in set(lost):
        held = Chunk.objects.filter(id=chunk_id, state=ChunkState.RUNNING, lease_owner=owner)
        given_up = Q(attempt_count__gte=settings.SYNC_MAX_ATTEMPTS)
        freed = {"lease_owner": "", "lease_expires_at": None}
        error = "The worker ended without a word (killed, or its machine went away)."
        reaped += held.filter(~given_up).update(state=ChunkState.DUE, due_at=now, error=error, **freed)
        reaped += held.filter(given_up).update(state=ChunkState.FAILED, finished_at=now, error=error, **freed)
    return reaped


def list_due_run_ids() -> list[int]:
    """List the open runs with chunks that are due now."""
    return list(_due_now().values_list("run_id", flat=True).distinct().order_by("run_id"))


def has_due_chunks(run_id: int) -> bool:
    """Whether a chunk of an open run is due now."""
    return _due_now().filter(run_id=run_id).exists()


def _due_now() -> QuerySet[Chunk]:
    return Chunk.objects.filter(state=ChunkState.DUE, due_at__lte=clock.now(), run__state=RunState.OPEN)


def _held(chunk: Chunk, owner: str) -> QuerySet[Chunk]:
    return Chunk.objects.filter(id=chunk.pk, state=ChunkState.RUNNING, lease_owner=owner)


def _end(chunk: Chunk, owner: str, **changes: object) -> None:
    if not _held(chunk, owner).update(lease_owner="", lease_expires_at=None, **changes):
        raise LeaseLost(f"chunk {chunk.pk} is no longer held by {owner}")


def _here() -> str:
    """Name where this process's number means something: containers may share a host name, but not process numbers."""
    try:
        return f"{socket.gethostname()}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return socket.gethostname()


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
