"""Reads several fields of an object at once: one look at each by itself takes twice the time.

The values are those that `Fields` reads one by one, in the order of the keys; whatever is not quite as it should be
goes that way, which finds the words for the problem.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import repeat
from operator import is_

from shops.marketplaces import values
from shops.marketplaces.reading import Fields

_LIMITS = (values.TEXT_LENGTH,) * 16
_NONES = repeat(None)


def read_texts(source: Fields, keys: Sequence[str]) -> list[str]:
    """Read texts; "" where there is none."""
    listed = [*map(source.source.get, keys, repeat(""))]
    return values.texts(listed, _LIMITS) or [source.text(key) for key in keys]


def read_ids(source: Fields, keys: Sequence[str]) -> list[str]:
    """Read ids; "" where there is none."""
    return [
        values.identifier(value) or source.identifier(key)
        for key, value in zip(keys, map(source.source.get, keys), strict=False)
    ]


def read_times(source: Fields, keys: Sequence[str]) -> list[datetime | None]:
    """Read moments in Unix seconds."""
    return [
        None if value is None else values.seconds(value) or source.seconds(key)
        for key, value in zip(keys, map(source.source.get, keys), strict=False)
    ]


def read_amounts(source: Fields, keys: Sequence[str]) -> list[Decimal | None]:
    """Read amounts in major units."""
    read = values.amounts([*map(source.source.get, keys)])
    return [*map(source.amount, keys)] if any(map(is_, read, _NONES)) else read


def read_rows(source: Fields, key: str, *, required: bool = False) -> list[Fields]:
    """Read a list of objects."""
    place, problems = f"{source.place}{key}", source.problems
    rows = source.rows(key, required=required)
    return [Fields(row, f"{place}[{number}].", problems) for number, row in enumerate(rows)]
