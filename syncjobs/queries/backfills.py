"""How backfills stand: chunks, days, orders, speed, what is left; day by day, shop by shop, and what failed.

Everything is read from the chunks of the shops that the viewer may see; a command has no viewer and sees all.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Extract, Greatest, Round

from backoffice.common import clock
from backoffice.common.models import Viewer
from syncjobs.models import ENDED_CHUNKS, Backfill, Chunk, ChunkState, Run
from syncjobs.queries.days import find_zone
from syncjobs.queries.pace import estimate_calls, estimate_seconds_at_speed

SPEED_OVER = timedelta(minutes=5)  # the present speed, not that of last night
SUMS = (
    "fetched_count", "inserted_count", "updated_count", "unchanged_count", "invalid_count", "unreadable_count",
    "buffered_count", "call_count", "failed_call_count",
)  # fmt: skip
# A cut first or last day counts as one, and so does one of 23 or 25 hours.
DAYS = Greatest(1, Round(Extract(F("window_end") - F("window_start"), "epoch") / 86_400))


@dataclass
class AppShare:
    """What one app's calls still have to bring."""

    chunks_left: int = 0
    ended_chunks: int = 0
    calls: int = 0

    @property
    def calls_left(self) -> int:
        """How many calls that will be."""
        return estimate_calls(self.chunks_left, self.ended_chunks, self.calls)


@dataclass
class BackfillProgress:
    """How far a backfill is. `resources` has the counts of each resource, `apps` what is left for each app's quota."""

    chunks: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)
    resources: dict[str, Counter[str]] = field(default_factory=dict)
    apps: dict[int, AppShare] = field(default_factory=dict)
    empty_days: int = 0
    recent_chunks: int = 0
    recent_orders: int = 0
    recent_seconds: float = 0.0

    @property
    def total(self) -> int:
        """All chunks."""
        return self.chunks.total()

    @property
    def ended(self) -> int:
        """Chunks that nobody has to read any more."""
        return sum(self.chunks[state] for state in ENDED_CHUNKS)

    @property
    def sums(self) -> Counter[str]:
        """The counts of all resources together."""
        return sum(self.resources.values(), Counter())

    @property
    def chunks_a_minute(self) -> float:
        """The present speed."""
        return self.recent_chunks * 60 / self.recent_seconds if self.recent_seconds else 0.0

    @property
    def orders_a_second(self) -> float:
        """The present speed."""
        return self.recent_orders / self.recent_seconds if self.recent_seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at the present speed; None where nothing was read lately."""
        return estimate_seconds_at_speed(self.total - self.ended, self.recent_chunks, self.recent_seconds)


def read_backfill_progress(backfill: Backfill, viewer: Viewer | None = None) -> BackfillProgress:
    """Return how far a backfill is, in one query."""
    now = clock.now()
    recent = Q(finished_at__gte=now - SPEED_OVER, state__in=ENDED_CHUNKS)
    rows: QuerySet[Any, Any] = (
        _chunks_of(backfill, viewer)
        .values("state", "run__resource", "run__shop__app_id")
        .annotate(
            count=Count("pk"),
            days=Sum(DAYS),
            empty_days=Sum(DAYS, filter=Q(state=ChunkState.DONE, fetched_count=0), default=0),
            began_at=Min("started_at"),
            ended_at=Max("finished_at"),
            recent_chunks=Count("pk", filter=recent),
            recent_orders=Sum("fetched_count", filter=recent, default=0),
            **{f"sum_{name}": Sum(name) for name in SUMS},
        )
    )
    return _sum_up(list(rows), now)


def _sum_up(rows: list[dict[str, Any]], now: datetime) -> BackfillProgress:
    progress = BackfillProgress()
    for row in rows:
        state = row["state"]
        progress.chunks[state] += row["count"]
        progress.days[state] += int(row["days"])
        progress.empty_days += int(row["empty_days"])
        progress.recent_chunks += row["recent_chunks"]
        progress.recent_orders += row["recent_orders"]
        counts = progress.resources.setdefault(row["run__resource"], Counter())
        counts.update({name: row[f"sum_{name}"] for name in SUMS})
        share = progress.apps.setdefault(row["run__shop__app_id"], AppShare())
        share.calls += row["sum_call_count"]
        if state in ENDED_CHUNKS:
            share.ended_chunks += row["count"]
        else:
            share.chunks_left += row["count"]
    began = min((row["began_at"] for row in rows if row["began_at"]), default=None)
    if began is not None:
        progress.recent_seconds = max(1.0, min(SPEED_OVER, now - began).total_seconds())
    return progress


def _chunks_of(backfill: Backfill, viewer: Viewer | None) -> QuerySet[Chunk]:
    chunks = Chunk.objects.filter(run__backfill=backfill).order_by()
    return chunks if viewer is None else chunks.visible_to(viewer)


def list_problem_days(backfill: Backfill, limit: int, viewer: Viewer | None = None) -> list[Chunk]:
    """List the chunks that failed or wait in files, with their shops: the failed ones first, the latest on top."""
    problems = _chunks_of(backfill, viewer).filter(state__in=(ChunkState.FAILED, ChunkState.BUFFERED))
    # By the words themselves: "failed" comes after "buffered".
    ordered = problems.select_related("run__shop").order_by("-state", F("finished_at").desc(nulls_last=True), "pk")
    return list(ordered[:limit])


@dataclass
class Day:
    """What became of one day, over all shops that are looked at; `run_id` is that of the chunk to look at first."""

    state: str = ""
    run_id: int = 0
    chunks: Counter[str] = field(default_factory=Counter)
    order_count: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether all was read, and there was nothing."""
        return self.state == ChunkState.DONE and not self.order_count


# The state of a day is that of its worst chunk.
WORST_FIRST = (
    ChunkState.FAILED, ChunkState.RUNNING, ChunkState.BUFFERED, ChunkState.DUE, ChunkState.CANCELLED, ChunkState.DONE,
)  # fmt: skip


def list_days(backfill: Backfill, viewer: Viewer | None = None, shop_id: int | None = None) -> dict[date, Day]:
    """Return the days of a backfill with what became of them, in order; a shop's days begin at its own midnight."""
    chunks = _chunks_of(backfill, viewer)
    if shop_id is not None:
        chunks = chunks.filter(run__shop_id=shop_id)
    groups: QuerySet[Any, Any] = chunks.values("run__shop__timezone", "window_start", "window_end", "state").annotate(
        count=Count("pk"), order_count=Sum("fetched_count"), first_run_id=Min("run_id")
    )
    days: dict[date, Day] = {}
    for group in groups:
        zone = find_zone(group["run__shop__timezone"])
        for day in _days_between(group["window_start"].astimezone(zone), group["window_end"].astimezone(zone)):
            _add_group(days.setdefault(day, Day()), group)
    return dict(sorted(days.items()))


def _days_between(start: datetime, end: datetime) -> Iterable[date]:
    last = (end - timedelta(microseconds=1)).date()
    return (start.date() + timedelta(days=n) for n in range((last - start.date()).days + 1))


def _add_group(day: Day, group: dict[str, Any]) -> None:
    state = ChunkState(group["state"])
    if not day.state or WORST_FIRST.index(state) < WORST_FIRST.index(ChunkState(day.state)):
        day.state, day.run_id = state, group["first_run_id"]
    day.chunks[state] += group["count"]
    day.order_count += group["order_count"]


def list_lines_of_shops(backfill: Backfill, limit: int, viewer: Viewer | None = None) -> tuple[list[Any], int]:
    """List shops and resources with how far each is, those with failures first; and say how many there are in all."""
    lines: QuerySet[Any, Any] = (
        _chunks_of(backfill, viewer)
        .values("run_id", "run__state", "run__resource", "run__shop_id", "run__shop__name", "run__shop__state")
        .annotate(
            chunk_count=Count("pk"),
            ended_count=Count("pk", filter=Q(state__in=ENDED_CHUNKS)),
            failed_count=Count("pk", filter=Q(state=ChunkState.FAILED)),
            buffered_count=Count("pk", filter=Q(state=ChunkState.BUFFERED)),
            order_count=Sum("fetched_count"),
            new_count=Sum("inserted_count"),
        )
        .order_by("-failed_count", F("ended_count") - F("chunk_count"), "run__shop__name", "run_id")
    )
    return list(lines[:limit]), count_runs(backfill, viewer)


def count_runs(backfill: Backfill, viewer: Viewer | None = None) -> int:
    """Count the runs of a backfill: one for each shop and resource."""
    runs = Run.objects.filter(backfill=backfill)
    return (runs if viewer is None else runs.visible_to(viewer)).count()


@dataclass(frozen=True, slots=True)
class BackfillLine:
    """What a list shows of a backfill."""

    shop_count: int = 0
    failed_run_count: int = 0
    chunk_count: int = 0
    ended_count: int = 0


def read_lines(backfills: Iterable[Backfill], viewer: Viewer) -> dict[int, BackfillLine]:
    """Return what a list shows of these backfills, in two queries; chunks are counted of those alone that go on."""
    runs = Run.objects.visible_to(viewer).filter(backfill__in=[one.pk for one in backfills]).order_by()
    by_backfill: Any = runs.values_list("backfill_id").annotate(
        shops=Count("shop_id", distinct=True), failed=Count("pk", filter=Q(state="failed"))
    )
    unended = [one.pk for one in backfills if one.state != "ended"]
    chunks = Chunk.objects.visible_to(viewer).filter(run__backfill__in=unended).order_by()
    counted: Any = chunks.values_list("run__backfill_id").annotate(
        all=Count("pk"), ended=Count("pk", filter=Q(state__in=ENDED_CHUNKS))
    )
    far = {pk: (total, ended) for pk, total, ended in counted}
    return {pk: BackfillLine(shops, failed, *far.get(pk, (0, 0))) for pk, shops, failed in by_backfill}
