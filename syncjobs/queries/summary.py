"""The summary of a backfill, the same for the terminal, for programs and for the API."""

from typing import Any

from backoffice.common.models import Viewer
from syncjobs.models import Backfill, Chunk, ChunkState
from syncjobs.queries.backfills import BackfillProgress, list_problem_days, read_backfill_progress
from syncjobs.queries.days import day_of
from syncjobs.queries.outlook import read_outlook

MOST_PROBLEM_DAYS = 1_000


def summarise_backfill(backfill: Backfill, viewer: Viewer | None = None) -> dict[str, Any]:
    """Return what was asked for, how far it is, and what went wrong, in plain values and times."""
    progress = read_backfill_progress(backfill, viewer)
    outlook = read_outlook(progress.apps)
    return {
        "id": backfill.pk,
        "state": backfill.state,
        "window_start": backfill.window_start,
        "window_end": backfill.window_end,
        "chunk_days": backfill.chunk_days,
        "created_at": backfill.created_at,
        "finished_at": backfill.finished_at,
        "days": count_days(progress),
        "chunks": {state.value: progress.chunks[state] for state in ChunkState},
        "orders_a_second": round(progress.orders_a_second, 1),
        "seconds_left": None if progress.seconds_left is None else round(progress.seconds_left),
        "calls_left": sum(one.calls_left for one in outlook),
        "quota_allows_by": outlook[0].done_by if outlook else None,
        "counts": {resource: dict(counts) for resource, counts in sorted(progress.resources.items())},
        "problem_days": [describe_problem(one) for one in list_problem_days(backfill, MOST_PROBLEM_DAYS, viewer)],
    }


def count_days(progress: BackfillProgress) -> dict[str, int]:
    """Return days of shops: a day that is read for two shops, or of two resources, counts twice."""
    days = progress.days
    return {
        "total": days.total(),
        "success": days[ChunkState.DONE],
        "empty": progress.empty_days,
        "failed": days[ChunkState.FAILED],
        "buffered": days[ChunkState.BUFFERED],
        "waiting": days[ChunkState.DUE] + days[ChunkState.RUNNING],
        "cancelled": days[ChunkState.CANCELLED],
    }


def name_count(name: str) -> str:
    """Name a number of the summary for people: empty days are stored too, and call_count counts calls."""
    if name == "empty":
        return "of these empty"
    words = name.removesuffix("_count").replace("_", " ")
    return f"{words}s" if words.endswith("call") else words


def describe_problem(chunk: Chunk) -> dict[str, Any]:
    """Return which day of which shop it is, why, and since when."""
    shop = chunk.run.shop
    return {
        "day": day_of(chunk.window_start, shop).isoformat(),
        "shop": shop.pk,
        "shop_name": shop.name,
        "resource": chunk.run.resource,
        "state": chunk.state,
        "reason": chunk.error or chunk.get_state_display(),
        "at": chunk.finished_at,
        "run": chunk.run_id,
    }
