"""Says what happens to an order and when: each event has a fixed delay after creation plus a bounded jitter.

Because the delay is fixed and the jitter bounded, the orders that had an event within some window are all found in a
known range of indexes, and a window of update times is found without keeping the world anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

MINUTE = 60
HOUR = 3600


class Timing(NamedTuple):
    """When an event happens: `delay` to `delay + jitter` seconds after creation."""

    delay: int
    jitter: int
    offset: int  # the two digest bytes that place the event within its jitter


class Step(NamedTuple):
    """One event of a path, with its place in the path, laid flat because this is read for every candidate."""

    number: int
    delay: int
    jitter: int
    offset: int


# The wider the jitters, the more candidates a short window has: these make 8 hours of orders for any window.
# "released" shares its jitter with "paid": the remorse time is one hour to the second. Bytes 3 to 22 of the digest.
TIMINGS: dict[str, Timing] = {
    "created": Timing(0, 0, 3),
    "created_cod": Timing(0, 0, 3),
    "paid": Timing(20, 880, 3),
    "released": Timing(20 + HOUR, 880, 3),
    "address_changed": Timing(90 * MINUTE, 30 * MINUTE, 5),
    "cancel_requested": Timing(150 * MINUTE, 30 * MINUTE, 7),
    "request_refused": Timing(210 * MINUTE, 30 * MINUTE, 9),
    "partly_shipped": Timing(5 * HOUR, 30 * MINUTE, 11),
    "packed": Timing(8 * HOUR, 40 * MINUTE, 13),
    "collected": Timing(20 * HOUR, 40 * MINUTE, 15),
    "delivered": Timing(60 * HOUR, 40 * MINUTE, 17),
    "completed": Timing(120 * HOUR, 40 * MINUTE, 19),
    "never_paid": Timing(2 * HOUR, 10 * MINUTE, 21),
    "cancelled_in_remorse": Timing(20 * MINUTE, 30 * MINUTE, 21),
    "cancelled_by_seller": Timing(6 * HOUR, 30 * MINUTE, 21),
    "cancelled_on_request": Timing(210 * MINUTE, 30 * MINUTE, 21),
    "never_collected": Timing(48 * HOUR, 30 * MINUTE, 21),
    "never_delivered": Timing(42 * HOUR, 40 * MINUTE, 21),
}


@dataclass(frozen=True)
class Path:
    """One way through life. `share` is how many of 256 orders take it."""

    name: str
    share: int
    events: tuple[str, ...]

    @property
    def is_cod(self) -> bool:
        """Paid in cash at the door, so never paid before."""
        return self.events[0] == "created_cod"


@dataclass(frozen=True)
class CompiledPath:
    """A path ready for the inner loop: its steps from the last to the first."""

    path: Path
    number: int
    backwards: tuple[Step, ...]


_TO_SHIP = ("created", "paid", "released")
_SHIPPED = ("packed", "collected", "delivered", "completed")

PATHS: tuple[Path, ...] = (
    Path("prepaid", 96, (*_TO_SHIP, *_SHIPPED)),
    Path("prepaid, new address", 10, (*_TO_SHIP, "address_changed", *_SHIPPED)),
    Path("prepaid, in two parcels", 16, (*_TO_SHIP, "partly_shipped", *_SHIPPED)),
    Path("prepaid, cancel request refused", 6, (*_TO_SHIP, "cancel_requested", "request_refused", *_SHIPPED)),
    Path("cash", 72, ("created_cod", *_SHIPPED)),
    Path("cash, in two parcels", 8, ("created_cod", "partly_shipped", *_SHIPPED)),
    Path("never paid", 12, ("created", "never_paid")),
    Path("cancelled in remorse time", 8, ("created", "paid", "cancelled_in_remorse")),
    Path("cancelled by the seller", 6, (*_TO_SHIP, "cancelled_by_seller")),
    Path("cancelled on request", 6, (*_TO_SHIP, "cancel_requested", "cancelled_on_request")),
    Path("cash, cancelled on request", 6, ("created_cod", "cancel_requested", "cancelled_on_request")),
    Path("never collected", 4, (*_TO_SHIP, "packed", "never_collected")),
    Path("cash, never delivered", 6, ("created_cod", "packed", "collected", "never_delivered")),
)


def _compile(path: Path, number: int) -> CompiledPath:
    steps = [Step(at, *TIMINGS[event]) for at, event in enumerate(path.events)]
    return CompiledPath(path, number, tuple(reversed(steps)))


COMPILED: tuple[CompiledPath, ...] = tuple(_compile(path, number) for number, path in enumerate(PATHS))


def table_of_paths(*, with_cod: bool) -> tuple[CompiledPath, ...]:
    """256 paths, one for each value of the first digest byte; without cash those shares go to the first path."""
    table: list[CompiledPath] = []
    for compiled in COMPILED:
        chosen = compiled if with_cod or not compiled.path.is_cod else COMPILED[0]
        table.extend([chosen] * compiled.path.share)
    return tuple(table)


def last_step(path: CompiledPath, digest: bytes, created: int, as_of: int) -> tuple[int, int]:
    """Return the number and time of the path's last event up to `as_of`; the order must exist by then."""
    for number, delay, jitter, offset in path.backwards:
        happened = created + delay + ((digest[offset] << 8 | digest[offset + 1]) * jitter >> 16)
        if happened <= as_of:
            return number, happened
    raise ValueError("The order does not exist yet.")


def time_of(timing: Timing, digest: bytes, created: int) -> int:
    """Return when an order's event happens."""
    delay, jitter, offset = timing
    return created + delay + ((digest[offset] << 8 | digest[offset + 1]) * jitter >> 16)


def timings_in(table: Sequence[CompiledPath]) -> list[Timing]:
    """Return the timings of all events that can happen on some path of the table."""
    events = {event for compiled in table for event in compiled.path.events}
    return sorted({TIMINGS[event] for event in events})
