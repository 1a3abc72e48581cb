"""How far runs are, and what their chunks have read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Min, Q, QuerySet, Sum, When

from syncjobs.models import ENDED_CHUNKS, Chunk, ChunkState, Run, RunEvent
from syncjobs.models.run import COUNT_FIELDS


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. The counts of an open run are those of its chunks so far.

    `next_due_at` is when the first of its chunks is due that wait for a worker; None where none does.
    """

    chunk_count: int
    ended_count: int
    failed_count: int
    counts: dict[str, float]
    done_count: int = 0
    running_count: int = 0
    try_count: int = 0
    worked_seconds: float = 0
    next_due_at: datetime | None = None

    @property
    def percent(self) -> int:
        """The share of chunks that have ended."""
        return self.ended_count * 100 // self.chunk_count if self.chunk_count else 0


NO_CHUNKS = Progress(0, 0, 0, {})


def read_progress(runs: Iterable[Run]) -> dict[int, Progress]:
    """Return how far these runs are, in one query."""
    ended, failed = Q(state__in=ENDED_CHUNKS), Q(state=ChunkState.FAILED)
    sums: QuerySet[Any, Any] = (
        Chunk.objects.filter(run_id__in=[run.pk for run in runs])
        .values("run_id")
        .order_by()
        .annotate(
            chunk_count=Count("pk"),
            ended_count=Count("pk", filter=ended),
            failed_count=Count("pk", filter=failed),
            done_count=Count("pk", filter=Q(state=ChunkState.DONE)),
            running_count=Count("pk", filter=Q(state=ChunkState.RUNNING)),
            try_count=Sum("attempt_count"),
            worked_sum=Sum("worked_seconds"),
            next_due_at=Min("due_at", filter=Q(state=ChunkState.DUE)),
            **{f"sum_{name}": Sum(name) for name in COUNT_FIELDS},
        )
    )
    return {
        row["run_id"]: Progress(
            row["chunk_count"],
            row["ended_count"],
            row["failed_count"],
            {name: row[f"sum_{name}"] for name in COUNT_FIELDS},
            row["done_count"],
            row["running_count"],
            row["try_count"],
            row["worked_sum"],
            row["next_due_at"],
        )
        for row in sums
    }


def list_chunks(run: Run, chunk_count: int, limit: int) -> list[Chunk]:
    """List a run's chunks by number; of very many, those that failed or are being read first."""
    chunks = run.chunks.all()
    if chunk_count <= limit:
        return list(chunks.order_by("number"))
    urgency = Case(When(state=ChunkState.FAILED, then=0), When(state=ChunkState.RUNNING, then=1), default=2)
    return list(chunks.order_by(urgency, "number")[:limit])


def list_events(run: Run, limit: int) -> list[RunEvent]:
    """List what happened on a run's way, the newest first."""
    return list(run.events.order_by("-pk")[:limit])
