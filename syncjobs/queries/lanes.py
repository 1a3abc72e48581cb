"""How much sync work waits in each lane, and since when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q

from backoffice.common import clock
from shops.choices import ShopState
from syncjobs.models import UNFINISHED_CHUNKS, Chunk, ChunkState, Lane, RunState


@dataclass(frozen=True, slots=True)
class LaneLine:
    """One lane: chunks that are due, that become due later, that a worker holds, and that wait for their shop."""

    lane: Lane
    due_count: int = 0
    later_count: int = 0
    running_count: int = 0
    held_count: int = 0
    oldest_due_at: datetime | None = None


def may_go_on(prefix: str = "") -> Q:
    """Return the condition of runs whose shop is on the schedule; the others wait until it is again."""
    return Q(**{f"{prefix}shop__state": ShopState.ACTIVE}) | Q(**{f"{prefix}is_forced": True})


def read_lanes() -> list[LaneLine]:
    """Count the chunks of open runs by lane, all lanes in order. Those of a shop that is not active wait for it."""
    goes_on = may_go_on("run__")
    due = Q(state=ChunkState.DUE)
    is_due_now = due & goes_on & Q(due_at__lte=clock.now())
    chunks = Chunk.objects.filter(run__state=RunState.OPEN, state__in=UNFINISHED_CHUNKS)
    rows: Any = chunks.order_by().values("run__lane").annotate(
        due_count=Count("pk", filter=is_due_now),
        later_count=Count("pk", filter=due & goes_on & Q(due_at__gt=clock.now())),
        running_count=Count("pk", filter=Q(state=ChunkState.RUNNING)),
        held_count=Count("pk", filter=due & ~goes_on),
        oldest_due_at=Min("due_at", filter=is_due_now),
    )  # fmt: skip
    lines: dict[int, dict[str, Any]] = {row.pop("run__lane"): row for row in rows}
    return [LaneLine(lane, **lines.get(lane.value, {})) for lane in Lane]
