"""Reads the fields of a payload for a mapping: what cannot be read becomes a problem in words, and never an exception.

A field that is missing, null or an empty text is not told: it gives the empty value and no problem, unless it is
required. Anything else that cannot be read as what it should be is a problem.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import filterfalse
from typing import Any, TypeVar

from shops.marketplaces import values

ValueT = TypeVar("ValueT")
MOST_PROBLEMS = 20  # a thousand bad lines are told well enough by the first of them
_NOT_TOLD = (None, "")


class Fields:
    """One object of a payload. `place` is where it stands in the record, for the words of problems."""

    __slots__ = ("place", "problems", "source")

    def __init__(self, source: object, place: str = "", problems: list[str] | None = None) -> None:
        self.source: dict[str, Any] = source if type(source) is dict else {}
        self.place = place
        self.problems: list[str] = [] if problems is None else problems
        if type(source) is not dict and source is not None:
            self.complain(place.rstrip(".") or "The record", source, "an object")

    def identifier(self, key: str, *, required: bool = False) -> str:
        """Read an id; "" where there is none."""
        return self._read(key, values.identifier, "an id", required) or ""

    def text(self, key: str, *, required: bool = False) -> str:
        """Read text; "" where there is none."""
        value = self.source.get(key)
        if type(value) is str and len(value) <= values.TEXT_LENGTH and value.isprintable() and (value or not required):
            return value  # as nearly all texts: half the time of the long way
        return self._read(key, values.text, "text", required) or ""

    def amount(self, key: str, *, required: bool = False) -> Decimal | None:
        """Read an exact amount in major units."""
        return self._read(key, values.amount, "an amount", required)

    def minor_amount(self, key: str, digits: int, *, required: bool = False) -> Decimal | None:
        """Read an amount in minor units: whole, `digits` of them after the point."""
        return self._read(key, partial(_as_minor, digits=digits), "a whole amount in minor units", required)

    def count(self, key: str, *, required: bool = False) -> int | None:
        """Read a count of pieces: whole, not below zero, and such that a column holds it."""
        return self._read(key, _as_count, "a count", required)

    def number(self, key: str, *, required: bool = False) -> int | None:
        """Read a whole number."""
        return self._read(key, values.number, "a whole number", required)

    def flag(self, key: str) -> bool | None:
        """Read true or false."""
        return self._read(key, values.boolean, "true or false", False)

    def seconds(self, key: str, *, required: bool = False) -> datetime | None:
        """Read a moment in Unix seconds. Zero means that it has not come."""
        return self._read(key, values.seconds, "a time in seconds", required, zero_is_untold=True)

    def milliseconds(self, key: str, *, required: bool = False) -> datetime | None:
        """Read a moment in Unix milliseconds. Zero means that it has not come."""
        return self._read(key, values.milliseconds, "a time in milliseconds", required, zero_is_untold=True)

    def read(
        self,
        key: str,
        reader: Callable[[object], ValueT | None],
        what: str,
        *,
        required: bool = False,
        zero_is_untold: bool = False,
    ) -> ValueT | None:
        """Read a value with a reader of the mapping's own; `what` names what it should be, for the problem."""
        return self._read(key, reader, what, required, zero_is_untold=zero_is_untold)

    def currency(self, key: str, *, required: bool = False) -> str:
        """Read a currency's code of three letters; "" where there is none."""
        return self._read(key, values.currency, "a currency code", required) or ""

    def part(self, key: str, place: str = "") -> "Fields":
        """Read an object within; an empty one where it is not told."""
        return Fields(self.source.get(key), place or f"{self.place}{key}.", self.problems)

    def rows(self, key: str, *, required: bool = False) -> list[Any]:
        """Read a list; an empty one where it is not told."""
        value = self.source.get(key)
        if type(value) is list:
            return value
        if required or value not in _NOT_TOLD:
            self.complain(f"{self.place}{key}", value, "a list")
        return []

    def parts(self, key: str, *, required: bool = False) -> "Iterator[Fields]":
        """Read a list of objects."""
        for number, row in enumerate(self.rows(key, required=required)):
            yield Fields(row, f"{self.place}{key}[{number}].", self.problems)

    def unplaced(self, placed: frozenset[str]) -> dict[str, Any]:
        """Return what has no place of its own in the record, unless it is empty."""
        source = self.source
        names = filterfalse(placed.__contains__, source)  # half the time of asking for each name in turn
        return {name: value for name in names if (value := source[name]) or value == 0}

    def complain(self, place: str, value: object, wanted: str) -> None:
        """Note that something could not be read."""
        self.problems.append(f"{place} is {values.shown(value)} instead of {wanted}.")

    def _read(
        self,
        key: str,
        reader: Callable[[object], ValueT | None],
        what: str,
        required: bool,
        *,
        zero_is_untold: bool = False,
    ) -> ValueT | None:
        value = self.source.get(key)
        if value is None or value == "" or (zero_is_untold and value in (0, "0")):
            if required:
                self.problems.append(f"{self.place}{key} is missing.")
            return None
        read = reader(value)
        if read is None:
            self.complain(f"{self.place}{key}", value, what)
        return read


def identified(rows: Iterable[Fields], key: str, word: str) -> Iterator[tuple[str, Fields]]:
    """Name rows by their ids; one without an id, or with that of another, is left out, and is a problem."""
    seen: set[str] = set()
    for row in rows:
        row_id = values.identifier(row.source.get(key))
        if row_id is None:
            row.problems.append(f"{row.place}{key} is missing or cannot be read: the {word} is left out.")
        elif row_id in seen:
            row.problems.append(f"{row.place}{key} {row_id} appears twice: the second {word} is left out.")
        else:
            seen.add(row_id)
            yield row_id, row


def bounded(problems: list[str]) -> tuple[str, ...]:
    """Return the problems, the first of them where there are very many."""
    more = len(problems) - MOST_PROBLEMS
    return tuple(problems) if more <= 0 else (*problems[:MOST_PROBLEMS], f"And {more} more.")


def digest(*parts: object) -> str:
    """Make a short id, always the same for the same parts, for what a marketplace gives no id."""
    return hashlib.sha256("\n".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:24]


def _as_count(value: object) -> int | None:
    whole = values.number(value)
    return whole if whole is not None and 0 <= whole < 2**31 else None


def _as_minor(value: object, digits: int) -> Decimal | None:
    whole = values.number(value)
    return None if whole is None else values.amount(str(Decimal(whole).scaleb(-digits)))
