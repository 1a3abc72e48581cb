"""The rows that mirror buffered batches for people, and what they mean for the chunks that the batches belong to.

Whoever asks whether a chunk is complete holds the chunk's row lock: the worker that ends its reading, and the replay
that stores the last of its files. So one of the two always sees what the other has done.
"""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Sum

from backoffice.common import clock
from shops.models import Shop
from syncjobs import leases
from syncjobs.buffer.files import BatchFacts, BatchFile, BatchStore
from syncjobs.intake import Stored
from syncjobs.models import BatchFileState, BufferedBatch, Chunk, ChunkState, RunState

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a chunk whose window was read to its end is: done, buffered, or failed with its reason."""

    state: ChunkState
    error: str = ""


def open_store() -> BatchStore:
    """Return the folders of this host, with the room that the settings allow."""
    return BatchStore(
        settings.SYNC_BUFFER_DIR,
        most_bytes=settings.SYNC_BUFFER_MAX_MB * MEGABYTE,
        least_free_bytes=settings.SYNC_BUFFER_MIN_FREE_MB * MEGABYTE,
    )


def name_host() -> str:
    """Name the folder of this host among those of all hosts."""
    return f"{socket.gethostname()}:{settings.SYNC_BUFFER_DIR}"[-200:]


def register(written: Iterable[tuple[BatchFile, BatchFacts]]) -> None:
    """Write down files just written. One that a replay has stored in the meantime keeps its row."""
    rows = [_row_of(file, facts, state=BatchFileState.WAITING, error=facts.error) for file, facts in written]
    BufferedBatch.objects.bulk_create(rows, ignore_conflicts=True)


def mirror(file: BatchFile, facts: BatchFacts | None, *, error: str | None = None) -> None:
    """Make a file's row say where the file is. Without facts only what its name tells is written."""
    state = BatchFileState(file.folder.value)
    changes = {"state": state, "host": name_host(), "try_count": file.try_count, "changed_at": clock.now()}
    if error is not None:
        changes["error"] = error
    known = BufferedBatch.objects.filter(file_name=file.name)
    if known.exclude(state=BatchFileState.STORED).update(**changes) or known.exists():
        return
    row = _row_of(file, facts, state=state, error=error or (facts.error if facts else ""))
    BufferedBatch.objects.bulk_create([row], ignore_conflicts=True)


def mark_stored(file: BatchFile, facts: BatchFacts, stored: Stored) -> None:
    """Note, in the transaction that stored the batch, that it is stored, and add to its chunk what became of it."""
    BufferedBatch.objects.filter(file_name=file.name).update(
        state=BatchFileState.STORED, error="", changed_at=clock.now(), try_count=file.try_count + 1
    )
    became = {name: F(name) + count for name, count in vars(stored).items() if name != "fetched_count" and count}
    if became and facts.chunk_id:
        Chunk.objects.filter(pk=facts.chunk_id).update(**became)


def is_stored(file: BatchFile) -> bool:
    """Whether a file's batch is in the tables, although the file is still here."""
    return BufferedBatch.objects.filter(file_name=file.name, state=BatchFileState.STORED).exists()


def judge(chunk: Chunk) -> Verdict:
    """Say what a chunk is whose window was read to its end. Call with its row locked, and do what it says.

    A damaged file cannot be stored any more: its window must be read again, which is what a failed chunk is for. That
    is said once; then the file counts no more, as the next reading brings what was in it.
    """
    lost = BufferedBatch.objects.filter(chunk_id=chunk.pk, state=BatchFileState.DAMAGED).order_by("file_name")
    errors = list(lost.values_list("error", flat=True))
    if errors:
        lost.order_by().update(chunk_id=None)
        reason = f"A buffered batch is lost: {errors[0]} Retry reads the window again."
        return Verdict(ChunkState.FAILED, reason)
    return Verdict(ChunkState.BUFFERED if _list_open(chunk.pk).exists() else ChunkState.DONE)


def settle_chunk(chunk_id: int | None) -> int | None:
    """End a buffered chunk whose files are all stored, or one of them lost; return its run, which may now close."""
    if chunk_id is None:
        return None
    with transaction.atomic():
        chunk = Chunk.objects.select_for_update().filter(pk=chunk_id).first()
        if chunk is None:
            return None
        if chunk.state == ChunkState.BUFFERED:
            verdict = judge(chunk)
            if verdict.state != ChunkState.BUFFERED:
                leases.end_buffered(chunk, verdict.state, verdict.error)
        Chunk.objects.filter(pk=chunk.pk).update(buffered_count=count_buffered(chunk.pk))
        # Closing a run that is closed already, or of which a part is not read yet, does nothing.
        return chunk.run_id


def list_unsettled_chunks() -> list[int]:
    """List buffered chunks of which no file waits: whoever dealt with the last one died before it could say so."""
    waiting = _list_open(OuterRef("pk"))
    return list(
        Chunk.objects.filter(~Exists(waiting), state=ChunkState.BUFFERED, run__state=RunState.BUFFERED)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def count_buffered(chunk_id: int) -> int:
    """Count the records of a chunk that wait in files."""
    return _list_open(chunk_id).aggregate(count=Sum("record_count"))["count"] or 0


def _list_open(chunk_id: Any) -> QuerySet[BufferedBatch]:
    batches = BufferedBatch.objects.filter(chunk_id=chunk_id).exclude(state=BatchFileState.STORED)
    return batches.exclude(state=BatchFileState.DAMAGED)


def _row_of(file: BatchFile, facts: BatchFacts | None, **more: Any) -> BufferedBatch:
    known = Shop.objects.filter(pk=file.shop_id).exists()
    row = BufferedBatch(
        file_name=file.name,
        host=name_host(),
        shop_id=file.shop_id if known else None,
        chunk_id=file.chunk_id,
        try_count=file.try_count,
        size_bytes=file.size_bytes,
        buffered_at=file.buffered_at,
        changed_at=clock.now(),
        **more,
    )
    if facts is not None:
        row.resource, row.run_id, row.record_count = facts.resource, facts.run_id, facts.record_count
        row.window_start, row.window_end = facts.window_start, facts.window_end
    return row
