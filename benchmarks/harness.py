"""Runs two or more ways of doing the same thing in turns, and compares their medians.

Machines are noisy, so nothing here is judged by seconds: only ratios within one run count.
"""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Ratio:
    """One line of the result: what was compared, what came out, and what was promised (at least, or at most)."""

    name: str
    value: float
    bound: float
    at_least: bool = True

    @property
    def is_kept(self) -> bool:
        """Whether the promise holds."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def median_seconds(
    ways: Mapping[str, Callable[[], object]], prepare: Callable[[], object] = lambda: None, rounds: int = ROUNDS
) -> dict[str, float]:
    """Time each way once per round, in turns, after one warm-up round; return the medians."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    gc.collect()
    gc.freeze()  # what was prepared, e.g. thousands of records, would be searched through again and again while timing
    for round_number in range(rounds + 1):
        for name, way in ways.items():
            prepare()
            gc.collect()
            started = time.perf_counter()
            way()
            if round_number:
                seconds[name].append(time.perf_counter() - started)
    gc.unfreeze()
    return {name: statistics.median(values) for name, values in seconds.items()}


def best_ratio(way: Callable[[], object], measure: Callable[[], object], rounds: int = 15) -> float:
    """Time two ways in turns and divide the best times: what else runs on the machine only ever makes them longer."""
    seconds: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for timed, run in zip(seconds, (way, measure), strict=True):
            gc.collect()
            started = time.perf_counter()
            run()
            timed.append(time.perf_counter() - started)
    gc.unfreeze()
    return min(seconds[0]) / min(seconds[1])
