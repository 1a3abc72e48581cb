"""Lenient readers for values from outside: each gives a clean value or None, and none of them ever raises.

None means "cannot be read". Whether an absent value matters is for the mapping to say, which knows the field.
"""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from operator import le
from typing import Any

# Characters. Identifiers go into indexed columns of this width; the other bounds only keep rows from growing wild.
IDENTIFIER_LENGTH = 64
TEXT_LENGTH = 5_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Outside these years a number is something else than Unix seconds: milliseconds, a duration, an "unset" zero.
_EARLIEST_SECONDS = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
_LATEST_SECONDS = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())

_AMOUNT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_AMOUNT_TEXT_LENGTH = 60  # no amount that fits the column needs more, trailing zeros included
_WHOLE_DIGITS = 14  # NUMERIC(18,4): 14 digits before the point ...
_SMALLEST = Decimal("0.0001")  # ... and 4 after it
_LARGEST_ID = 10 ** (IDENTIFIER_LENGTH - 1)  # room for a sign
_WHOLE_LENGTH = 20
_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def text(value: object, limit: int = TEXT_LENGTH) -> str | None:
    """Read text (or a whole number as text), without what a database refuses, cut at `limit` characters."""
    if type(value) is str:
        # Printable text holds no NUL and no lone surrogate, and this asks in one pass at C speed.
        if not value.isprintable():
            value = storable(value)
        return value if len(value) <= limit else value[:limit]
    return identifier(value)


def texts(listed: list[Any], limits: Sequence[int]) -> list[str] | None:
    """Read several texts if each can be taken as it is; None if they must be looked at one by one.

    One look at all of them together is several times faster than one look at each.
    """
    try:
        together = "".join(listed)
    except TypeError:  # something is no text
        return None
    clean = "\0" not in together if together.isascii() else together.isprintable()
    return listed if clean and all(map(le, map(len, listed), limits)) else None


def identifier(value: object) -> str | None:
    """Read an id: 1 to 64 printable characters, or a whole number. Never cut: two ids could become one."""
    if type(value) is str:
        value = value.strip()
        return value if 0 < len(value) <= IDENTIFIER_LENGTH and value.isprintable() else None
    if type(value) is int and abs(value) < _LARGEST_ID:
        return str(value)
    return None


def storable(value: str) -> str:
    """Drop what neither PostgreSQL nor UTF-8 can hold: NUL and lone surrogates."""
    return value.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")


def boolean(value: object) -> bool | None:
    """Read true or false, also written as 1 or 0 or as text."""
    if type(value) is bool:
        return value
    if type(value) is int or type(value) is str:
        return _BOOLEANS.get(str(value).strip().lower()) if _is_short(value) else None
    return None


def number(value: object) -> int | None:
    """Read a whole number of at most 19 digits, also written as text or as a float without a fraction."""
    if type(value) is int:
        return value if _is_short(value) else None
    if type(value) is str:
        return int(value) if _WHOLE.fullmatch(value) else None
    if type(value) is float and math.isfinite(value) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return None


def amount(value: object) -> Decimal | None:
    """Read an exact amount of money that fits NUMERIC(18,4); a float counts as its shortest decimal text.

    More than 14 digits before the point or 4 after it, NaN and infinity cannot be read: rounding would be a guess.
    """
    try:
        return _amount(value)
    except (TypeError, ValueError):  # a list or an object; a text too long to be an amount
        return None


def amounts(listed: list[Any]) -> list[Decimal | None]:
    """Read several amounts, mostly at the cost of a look into the memory for each."""
    try:
        return [*map(_amount, listed)]
    except (TypeError, ValueError):
        return [*map(amount, listed)]


def currency(value: object) -> str | None:
    """Read a currency code: three letters, given back in capitals."""
    if type(value) is str and len(value) == 3 and value.isascii() and value.isalpha():
        return value.upper()
    return None


def seconds(value: object) -> datetime | None:
    """Read Unix seconds, between the years 2000 and 2100, as an aware UTC datetime."""
    whole = value if type(value) is int else number(value)
    if whole is None or not _EARLIEST_SECONDS <= whole < _LATEST_SECONDS:
        return None
    return datetime.fromtimestamp(whole, UTC)


def milliseconds(value: object) -> datetime | None:
    """Read Unix milliseconds, between the years 2000 and 2100, as an aware UTC datetime."""
    whole = number(value)
    if whole is None or not _EARLIEST_SECONDS * 1000 <= whole < _LATEST_SECONDS * 1000:
        return None
    return _EPOCH + timedelta(milliseconds=whole)


def rows(value: object) -> list[Any]:
    """Read a list; anything else counts as an empty one."""
    return value if type(value) is list else []


def fields(value: object) -> dict[str, Any]:
    """Read a JSON object; anything else counts as an empty one."""
    return value if type(value) is dict else {}


def shown(value: object) -> str:
    """Describe an unreadable value in a sentence: short values as they are, the others by their kind."""
    if value is None:
        return "null"
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "an object"
    if type(value) is int and not _is_short(value):
        return "a very large number"
    written = storable(str(value))
    return repr(written if len(written) <= 40 else written[:40] + "...")


def _is_short(value: Any) -> bool:
    """Tell whether a number has at most 19 digits, or a text few characters: writing out huge numbers is costly."""
    if type(value) is str:
        return len(value) <= _WHOLE_LENGTH
    return bool(-(10**19) < value < 10**19)


# The same prices, and zero above all, come again and again: remembering them makes reading amounts five times faster.
@lru_cache(maxsize=8192, typed=True)
def _amount(value: object) -> Decimal | None:
    if type(value) is not str:
        if value is None or type(value) not in (int, float) or not _is_short(value):
            return None
        value = str(value)
    if len(value) > _AMOUNT_TEXT_LENGTH:
        raise ValueError("too long to be an amount, and to be remembered")
    if value.isdecimal() and len(value) <= _WHOLE_DIGITS:
        return Decimal(value)
    return _fitting(Decimal(value.strip())) if _AMOUNT.fullmatch(value.strip()) else None


def _fitting(read: Decimal) -> Decimal | None:
    """Give an amount back if NUMERIC(18,4) holds it as it is."""
    if not read:
        return Decimal(0)
    if not _SMALLEST.adjusted() <= read.adjusted() < _WHOLE_DIGITS:
        return None
    exponent = read.as_tuple().exponent
    if isinstance(exponent, int) and _SMALLEST.adjusted() <= exponent <= 0:
        return read
    rounded = read.quantize(_SMALLEST)  # "1E+3", or zeros after the fourth decimal
    return rounded if rounded == read else None
