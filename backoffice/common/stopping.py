"""One flag, shared by a process and the workers it forks: finish the page in hand, give the rest back, end."""

import mmap
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# A byte of memory that forks share, and no lock: one that a killed worker held would stop all the others for good.
_stop = mmap.mmap(-1, 1)


def request_stop() -> None:
    """Ask everything that runs here to end at its next safe point."""
    _stop[0] = 1


def forget_stop() -> None:
    """Go on after all: what asked for the end is over, and this process is not."""
    _stop[0] = 0


def is_stopping() -> bool:
    """Whether an end was asked for."""
    return bool(_stop[0])


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Within the block the first Ctrl-C or SIGTERM asks for a clean end; the second one ends at once."""

    def handle(number: int, _: FrameType | None) -> None:
        if is_stopping():
            raise KeyboardInterrupt
        request_stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        forget_stop()
