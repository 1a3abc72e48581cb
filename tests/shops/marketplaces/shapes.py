"""Looks at records from outside: is everything of the type that it says, storable, and which values stand where."""

import dataclasses
import math
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from shops.marketplaces import values

UNTYPED = frozenset({"payload", "attributes", "details"})  # the marketplace's own words, as they came
Place = tuple[str, ...]


_HINTS: dict[Any, Mapping[str, Any]] = {}


def hints_of(record: Any) -> Mapping[str, Any]:
    """Give the types of a record's fields."""
    kind = type(record)
    if kind not in _HINTS:
        _HINTS[kind] = typing.get_type_hints(kind)
    return _HINTS[kind]


def faults_of(record: Any, where: str = "") -> list[str]:
    """Name everything in a record that is not of its type, or that a database cannot hold."""
    faults = []
    for name, hint in hints_of(record).items():
        if name != "payload":
            faults += _faults_of_value(getattr(record, name), hint, f"{where}{name}")
    return faults


def _faults_of_value(value: Any, hint: Any, where: str) -> list[str]:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return [] if type(None) in inner else [f"{where} is None"]
        return _faults_of_value(value, next(kind for kind in inner if kind is not type(None)), where)
    if origin is tuple:
        if type(value) is not tuple:
            return [f"{where} is {value!r}, no tuple"]
        return [fault for at, item in enumerate(value) for fault in _faults_of_value(item, inner[0], f"{where}[{at}]")]
    if origin is not None:  # a mapping: parts of the payload, or what we made of them
        return [] if _is_json(value) else [f"{where} cannot be written as JSON: {value!r}"]
    if dataclasses.is_dataclass(hint):
        return faults_of(value, f"{where}.") if type(value) is hint else [f"{where} is {value!r}"]
    return [] if type(value) is hint and _is_storable(value) else [f"{where} is {value!r}"]


def _is_json(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(type(key) is str and _is_json(inner) for key, inner in value.items())
    return all(map(_is_json, value)) if type(value) is list else isinstance(value, str | int | float | None)


def _is_storable(value: Any) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite() and abs(value) < 10**14 and value == round(value, 4)
    if isinstance(value, datetime):
        return value.utcoffset() == timedelta(0)
    if type(value) is str:
        return values.storable(value) == value and len(value) <= values.TEXT_LENGTH
    return not isinstance(value, float) and (type(value) is not int or 0 <= value < 2**31)


def typed_values(record: Any, where: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Name the place and value of all fields. Rows within are told by their id, not by their position."""
    for name in hints_of(record):
        value = getattr(record, name)
        if name in UNTYPED or name == "problems":
            continue
        if dataclasses.is_dataclass(value):
            yield from typed_values(value, (*where, name))
        elif type(value) is tuple and value and dataclasses.is_dataclass(value[0]):
            for row in value:
                yield from typed_values(row, (*where, name, row.external_id))
        else:
            yield (*where, name), value


def is_empty(value: Any) -> bool:
    """Tell whether a field says nothing: None, no text, an unknown word, an empty list."""
    return value in (None, "", (), {}) or (isinstance(value, Enum) and value.value in ("unknown", 0))


def readings_of(value: Any) -> Iterator[Any]:
    """Give everything that a reader makes of one value of a payload: an amount, a time in either unit, a count."""
    yield values.amount(value)
    yield values.seconds(value)
    yield values.milliseconds(value)
    number = values.number(value)
    if number is not None:
        yield number
        yield values.amount(str(Decimal(number).scaleb(-2)))
    if type(value) is str:
        yield _iso_time(value)


def _iso_time(value: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read.astimezone(UTC) if read.tzinfo else None


def leaves_of(value: Any) -> Iterator[Any]:
    """Give every single value inside a payload."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves_of(inner)
    elif not (isinstance(value, float) and math.isnan(value)):
        yield value
