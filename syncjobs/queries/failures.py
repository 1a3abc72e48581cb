"""What failed and waits for a person, in groups of one cause each: records that were not stored, windows not read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, QuerySet

from backoffice.common import clock
from backoffice.common.causes import name_cause
from backoffice.common.models import Viewer
from shops.models import Shop
from syncjobs.models import Chunk, ChunkState, FailedRecord, FailedRecordState, Run, RunState

GROUPS_AT_MOST = 200
CHUNKS_AT_MOST = 5_000  # read to be grouped: their causes are named when somebody looks
CHUNKS_OF_THE_LAST = timedelta(days=7)  # what failed earlier has been read by later runs, or nobody wants it


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """One cause: how many of how many shops, and when it was seen first and last. `run_ids` only of chunks."""

    resource: str
    cause: str
    count: int
    shop_count: int
    first_seen_at: datetime
    last_seen_at: datetime
    run_ids: tuple[int, ...] = ()


def list_open_records(viewer: Viewer) -> QuerySet[FailedRecord]:
    """List the failed records that are open and that the viewer may see."""
    return FailedRecord.objects.visible_to(viewer).filter(state=FailedRecordState.OPEN)


def list_all_open_records(shop: Shop | None = None) -> QuerySet[FailedRecord]:
    """List the failed records that are open, of one shop or of all; for commands, which see everything."""
    records = FailedRecord.objects.filter(state=FailedRecordState.OPEN)
    return records.filter(shop=shop) if shop else records


def group_records(records: QuerySet[FailedRecord]) -> list[FailureGroup]:
    """Group records by cause, the largest group first, in one query."""
    rows: Any = (
        records.order_by()
        .values("resource", "cause")
        .annotate(
            count=Count("pk"),
            shop_count=Count("shop", distinct=True),
            first_seen_at=Min("first_seen_at"),
            last_seen_at=Max("last_seen_at"),
        )
        .order_by("-count", "cause", "resource")[:GROUPS_AT_MOST]
    )
    return [FailureGroup(**row) for row in rows]


def list_failed_chunks(viewer: Viewer) -> QuerySet[Chunk]:
    """List the chunks that failed of late and that the viewer may see, the newest first."""
    chunks: QuerySet[Chunk] = list_all_failed_chunks().visible_to(viewer)
    return chunks


def list_all_failed_chunks(shop: Shop | None = None) -> Any:
    """List the chunks that failed of late, of one shop or of all; for commands, which see everything."""
    since = clock.now() - CHUNKS_OF_THE_LAST
    chunks = Chunk.objects.filter(state=ChunkState.FAILED, run__state=RunState.FAILED, run__finished_at__gte=since)
    return (chunks.filter(run__shop=shop) if shop else chunks).order_by("-run_id", "number")


def group_chunks(chunks: QuerySet[Chunk]) -> list[FailureGroup]:
    """Group failed chunks by cause, the largest group first."""
    found: dict[tuple[str, str], list[Any]] = {}
    rows = chunks.values_list("run__resource", "error", "run_id", "run__shop_id", "finished_at", "run__finished_at")
    for resource, error, run_id, shop_id, ended_at, run_ended_at in rows[:CHUNKS_AT_MOST]:
        found.setdefault((resource, name_cause(error)), []).append((ended_at or run_ended_at, shop_id, run_id))
    groups = [_group_of(resource, cause, members) for (resource, cause), members in found.items()]
    return sorted(groups, key=lambda group: (-group.count, group.cause))[:GROUPS_AT_MOST]


def _group_of(resource: str, cause: str, members: list[tuple[datetime, int, int]]) -> FailureGroup:
    moments, shop_ids, run_ids = zip(*members, strict=True)
    return FailureGroup(
        resource,
        cause,
        len(members),
        len(set(shop_ids)),
        min(moments),
        max(moments),
        tuple(sorted(set(run_ids))),
    )


def select_runs_of_cause(chunks: QuerySet[Chunk], cause: str = "", resource: str = "") -> QuerySet[Run]:
    """List the runs of the groups with this cause and resource; empty means any."""
    ids = [
        run_id
        for group in group_chunks(chunks)
        if cause in ("", group.cause) and resource in ("", group.resource)
        for run_id in group.run_ids
    ]
    return Run.objects.filter(pk__in=ids)
