"""The only place that asks for the time, so that tests can set it. Imports no Django."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the present as an aware UTC datetime."""
    return datetime.now(UTC)


def unix_seconds() -> float:
    """Return the present in Unix seconds, for what goes into signatures."""
    return time.time()


def monotonic_seconds() -> float:
    """Return seconds of a clock that is never set back, for durations."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Wait; a function of ours so that tests need not."""
    time.sleep(seconds)
