"""Reads Lazada's ways to tell a moment: text with an offset, and numbers whose size tells their unit."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from shops.marketplaces import values

_LONGEST = 40
_SMALLEST_MILLISECONDS = 10**11  # as seconds this is the year 5138, as milliseconds 1973
_YEARS = range(2000, 2100)  # the bounds of values.seconds
_DAY = re.compile(r"(\d{1,2}) ([A-Z][a-z]{2})[a-z]* (\d{4})", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment(value: object) -> datetime | None:
    """Read "2021-07-29 11:02:19 +0700", or ISO 8601 with an offset; without one it is no moment."""
    return _moment(value) if type(value) is str and len(value) <= _LONGEST else None


def moment_by_size(value: object) -> datetime | None:
    """Read Unix seconds, or milliseconds where the number is too large for seconds."""
    whole = values.number(value)
    if whole is None:
        return None
    return values.milliseconds(whole) if abs(whole) > _SMALLEST_MILLISECONDS else values.seconds(whole)


def moment_in_any_form(value: object) -> datetime | None:
    """Read a moment that is text in some answers and a number in others."""
    return moment(value) or moment_by_size(value)


def local_moment(value: object, zone: tzinfo) -> datetime | None:
    """Read a moment; text without an offset is on the shop's clock."""
    if type(value) is not str or len(value) > _LONGEST:
        return None
    return moment(value) or _aware(value, zone)


def local_day(value: object, zone: tzinfo) -> datetime | None:
    """Read "17 May 2016", a day of the shop, as the moment when it begins there."""
    told = _DAY.fullmatch(value.strip()) if type(value) is str and len(value) <= _LONGEST else None
    if told is None or told[2] not in _MONTHS:
        return None
    try:
        return _bounded(datetime(int(told[3]), _MONTHS.index(told[2]) + 1, int(told[1]), tzinfo=zone))
    except ValueError:  # the 31st of a shorter month
        return None


# An order and its lines mostly tell the same moments.
@lru_cache(maxsize=8192)
def _moment(value: str) -> datetime | None:
    return _aware(value, None)


def _aware(value: str, zone: tzinfo | None) -> datetime | None:
    written = value.strip().replace(" +", "+").replace(" -", "-")
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return None
    if read.tzinfo is None:
        if zone is None:
            return None
        read = read.replace(tzinfo=zone)
    return _bounded(read)


def _bounded(read: datetime) -> datetime | None:
    offset = read.utcoffset()
    if read.year not in _YEARS or offset is None or abs(offset) > timedelta(hours=14):
        return None
    return read.astimezone(UTC)
