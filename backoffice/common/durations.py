"""Spans of time in words that people take in at a glance: "4 min", "3 h", "5 d"."""

from datetime import datetime, timedelta

from backoffice.common import clock

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_TWO_DAYS = 2 * 86_400  # below it hours say more than days


def in_words(span: timedelta) -> str:
    """Return a span in its largest fitting unit, rounded down; a negative one without its sign."""
    seconds = int(abs(span.total_seconds()))
    for size, unit in _UNITS:
        if seconds >= (_TWO_DAYS if unit == "d" else size):
            return f"{seconds // size} {unit}"
    return "0 s"


def from_now(moment: datetime) -> str:
    """Return "in 5 d" for what comes and "3 h ago" for what is over."""
    span = moment - clock.now()
    return f"in {in_words(span)}" if span > timedelta() else f"{in_words(span)} ago"
