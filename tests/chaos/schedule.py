"""Which blows fall, in which order: drawn from the seed alone, so that a run can be repeated."""

import random
from dataclasses import dataclass

KILL, DATABASE, REDIS = "kill", "database", "redis"

# How each is struck. Workers: the process that holds a chunk, the parent of a pool, or the worker with all it started.
# Servers: a clean stop, an end without tidying up, kill -9; and Redis comes back once in a while without its memory.
WAYS = {
    KILL: ("pool", "parent", "everything"),
    DATABASE: ("stop", "crash", "kill"),
    REDIS: ("stop", "kill", "empty"),
}
SHORTEST_DOWN_SECONDS, LONGEST_DOWN_SECONDS = 0.5, 5.0
LONG_DOWN_SECONDS = 12.0  # longer than a lease: the first of each server


@dataclass(frozen=True, slots=True)
class Blow:
    """One thing that goes wrong. `choice` from 0 to 1 picks the victim among those there are at that moment."""

    target: str
    way: str
    choice: float
    down_seconds: float = 0.0
    kills_meanwhile: bool = False


def plan_blows(seed: int, *, kills: int, database_restarts: int, redis_restarts: int, is_long: bool) -> list[Blow]:
    """Draw the blows of a run: every way of each target in turn, shuffled."""
    draw = random.Random(f"{seed}/blows")
    counts = {KILL: kills, DATABASE: database_restarts, REDIS: redis_restarts}
    blows = [
        _draw(draw, target, WAYS[target][number % len(WAYS[target])], is_long=is_long and number == 0)
        for target, count in counts.items()
        for number in range(count)
    ]
    draw.shuffle(blows)
    return blows


def _draw(draw: random.Random, target: str, way: str, *, is_long: bool) -> Blow:
    if target == KILL:
        return Blow(target, way, draw.random())
    seconds = LONG_DOWN_SECONDS if is_long else draw.uniform(SHORTEST_DOWN_SECONDS, LONGEST_DOWN_SECONDS)
    return Blow(target, way, draw.random(), down_seconds=seconds, kills_meanwhile=draw.random() < 1 / 3)
