"""Reads and writes the dates of Lazada: in requests ISO 8601 with an offset, in answers in the shop's own zone."""

import re
import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from shops.sandbox.lazada.replies import RefusalError

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# With or without a colon in the offset: both occur in the examples of the reference [A].
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d{1,6})? ?([+-]\d\d:?\d\d|Z)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def parse_moment(text: str) -> int:
    """Return the Unix seconds of a date in a request; without an offset it says no moment and is refused."""
    # A plus that was not percent-encoded arrives as a space.
    mended = re.sub(r" (\d\d:?\d\d)$", r"+\1", text) if "T" in text else text
    if not _MOMENT.fullmatch(mended):
        raise RefusalError("date", text)
    try:
        return int(datetime.fromisoformat(mended.replace(" +", "+").replace(" -", "-")).timestamp())
    except ValueError:
        raise RefusalError("date", text) from None


def parse_day(text: str) -> date:
    """Return the day of a finance request, YYYY-MM-DD."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise RefusalError("date", text)


class Zone:
    """The clock of one country; none of Lazada's six has a summer time, so that one offset holds for ever."""

    def __init__(self, name: str) -> None:
        offset = datetime(2025, 1, 1, tzinfo=ZoneInfo(name)).utcoffset() or timedelta()
        self.offset = int(offset.total_seconds())
        hours, minutes = divmod(self.offset // 60, 60)
        self._plain = f" +{hours:02d}{minutes:02d}"
        self._iso = f"+{hours:02d}:{minutes:02d}"

    def text(self, moment: int) -> str:
        """Write a moment as captured answers have it: 2021-07-29 11:02:19 +0700 [A]."""
        return _clock_text(moment + self.offset, " ") + self._plain

    def iso(self, moment: int) -> str:
        """Write a moment as the documents print it: 2021-07-29T11:02:19+07:00."""
        return _clock_text(moment + self.offset, "T") + self._iso

    def day(self, moment: int) -> date:
        """Return the day that it is in the shop."""
        return datetime.fromtimestamp(moment + self.offset, UTC).date()

    def midnight(self, day: date) -> int:
        """Return the first second of a day of the shop."""
        return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - self.offset


@lru_cache(maxsize=4096)
def _clock_text(shifted: int, between: str) -> str:
    year, month, day, hour, minute, second, *_ = time.gmtime(shifted)
    return f"{year}-{month:02d}-{day:02d}{between}{hour:02d}:{minute:02d}:{second:02d}"


def day_text(day: date) -> str:
    """Write a day as money rows have it: 18 Jan 2024. The reference has both 5 May and 05 May [C]: no leading zero."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
