"""Keeps the world's time, which a test may stop, jump or speed up, but which never passes the wall clock."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MODES = ("real", "frozen", "scaled")
# A factor for "scaled" when none is given: a day of orders in 24 minutes.
DEFAULT_SPEED = 60.0
HIGHEST_SPEED = 1_000_000.0
FIELDS = ("mode", "speed", "now", "advance_seconds")


class ClockError(ValueError):
    """The wanted clock setting makes no sense; the text says which and what would."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """What the clock shows."""

    now: int
    mode: str
    speed: float
    wall: int


class WorldClock:
    """The time of the orders. Signatures, tokens and quotas use `wall` instead, as the real services do."""

    def __init__(self, epoch: int, earliest: int, wall: Callable[[], float] = time.time) -> None:
        self.wall = wall
        self._earliest = earliest
        self._lock = threading.Lock()
        self._mode = "real"
        self._speed = 1.0
        self._world_anchor = float(epoch)
        self._wall_anchor = wall()

    def now(self) -> int:
        """World time in whole Unix seconds, never later than the wall clock."""
        with self._lock:
            return int(self._exact(self.wall()))

    def state(self) -> ClockState:
        """Everything about the clock at one instant."""
        with self._lock:
            wall = self.wall()
            speed = 0.0 if self._mode == "frozen" else self._speed
            return ClockState(int(self._exact(wall)), self._mode, speed, int(wall))

    def change(self, wanted: Mapping[str, object]) -> ClockState:
        """Apply, in this order, mode and speed, `now`, `advance_seconds`; moves past the wall clock stop at it."""
        unknown = sorted(set(wanted) - set(FIELDS))
        if unknown:
            raise ClockError(f"Unknown field {unknown[0]!r}; known are {', '.join(FIELDS)}.")
        mode, speed = self._wanted_speed(wanted)
        jump = _number(wanted, "now")
        advance = _number(wanted, "advance_seconds") or 0.0
        if advance < 0:
            raise ClockError("advance_seconds must not be negative; set 'now' to go back.")
        if jump is not None and jump < self._earliest:
            raise ClockError(f"now must not lie before the world's first second, {self._earliest}.")
        with self._lock:
            wall = self.wall()
            target = (self._exact(wall) if jump is None else jump) + advance
            self._world_anchor, self._wall_anchor = min(target, wall), wall
            self._mode, self._speed = mode, speed
        return self.state()

    def _exact(self, wall: float) -> float:
        speed = 0.0 if self._mode == "frozen" else self._speed
        return min(self._world_anchor + (wall - self._wall_anchor) * speed, wall)

    def _wanted_speed(self, wanted: Mapping[str, object]) -> tuple[str, float]:
        mode = wanted.get("mode", self._mode)
        if not isinstance(mode, str) or mode not in MODES:
            raise ClockError(f"Unknown mode {mode!r}; known are {', '.join(MODES)}.")
        if mode != "scaled":
            return mode, 1.0
        current = self._speed if self._mode == "scaled" else DEFAULT_SPEED
        given = _number(wanted, "speed")
        speed = current if given is None else given
        if not 0 < speed <= HIGHEST_SPEED:
            raise ClockError(f"speed must be above 0 and at most {HIGHEST_SPEED:.0f}.")
        return mode, speed


def _number(wanted: Mapping[str, object], field: str) -> float | None:
    value = wanted.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise ClockError(f"{field} must be a number.")
    return float(value)
