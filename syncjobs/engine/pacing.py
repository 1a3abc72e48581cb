"""Fits a schedule into an app's quota: how much seldomer its turns come where the calls do not suffice. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

# What the incremental stream may take of a short quota before the other tasks, which only read again, get a share.
STREAM_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Demand:
    """What one scheduled task asks of an app: turns a day, and the least calls that a turn costs for each shop."""

    name: str
    turns_a_day: float
    calls_a_turn: int
    is_stream: bool = False

    def calls_a_day(self, shop_count: int) -> float:
        """Return the least calls a day for so many shops."""
        return self.turns_a_day * self.calls_a_turn * shop_count


@dataclass(frozen=True, slots=True)
class Stretch:
    """How many times longer than planned it is from turn to turn: of the incremental stream, and of all else."""

    stream: float = 1.0
    others: float = 1.0


def plan_stretch(demands: Sequence[Demand], shop_count: int, calls: float) -> Stretch:
    """Stretch the turns so that they fit into so many calls a day; 0 calls means no limit.

    The incremental stream goes first: it alone moves the watermark. All else only reads again what it has read.
    """
    stream = sum(demand.calls_a_day(shop_count) for demand in demands if demand.is_stream)
    others = sum(demand.calls_a_day(shop_count) for demand in demands if not demand.is_stream)
    if not calls or stream + others <= calls:
        return Stretch()
    for_stream = min(stream, calls * STREAM_SHARE) if others else calls
    for_others = calls - for_stream
    return Stretch(
        stream=max(1.0, stream / for_stream) if stream else 1.0,
        others=max(1.0, others / for_others) if others else 1.0,
    )


def list_too_dear(demands: Sequence[Demand], shop_count: int, calls: float) -> list[str]:
    """List the tasks that do not fit into so many calls a day, where the first of `demands` are served first."""
    too_dear, left = [], calls
    for demand in demands:
        needed = demand.calls_a_day(shop_count)
        if needed > left:
            too_dear.append(demand.name)
        else:
            left -= needed
    return too_dear
