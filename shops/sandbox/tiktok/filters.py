"""Checks the values of search filters."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from shops.sandbox.listener import Request
from shops.sandbox.tiktok.replies import RefusalError

# Gets the filter's name and its value; returns the value or refuses.
Check = Callable[[str, object], Any]
_HIGHEST_TEXT_COUNT = 100


def read_body(request: Request) -> Mapping[str, Any]:
    """Return the JSON object of a POST; none is as good as an empty one."""
    if not request.body:
        return {}
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise RefusalError("body") from None
    if not isinstance(body, dict):
        raise RefusalError("body")
    return body


def word(*known: str) -> Check:
    """One of the known words."""
    return lambda name, value: one_of(name, value, known)


def one_of(name: str, value: object, known: Sequence[str]) -> str:
    """Return the value, if it is one of the known words."""
    if isinstance(value, str) and value in known:
        return value
    raise RefusalError("parameter", f"The value of '{name}' must be one of {', '.join(known)}.")


def moment(name: str, value: object) -> int:
    """Unix seconds as a number."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 40:
        return value
    raise RefusalError("parameter", f"The value of '{name}' must be an integer of Unix seconds.")


def moment_text(name: str, value: object) -> int:
    """Unix seconds as text, in a query."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 12:
        return int(value)
    raise RefusalError("parameter", f"The value of '{name}' must be Unix seconds.")


def flag(name: str, value: object) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise RefusalError("parameter", f"The value of '{name}' must be true or false.")


def text(name: str, value: object) -> str:
    """A text."""
    if isinstance(value, str):
        return value
    raise RefusalError("parameter", f"The value of '{name}' must be a string.")


def texts(highest: int = _HIGHEST_TEXT_COUNT, refusal: str = "parameter") -> Check:
    """At most so many texts; some limits have an error code of their own."""

    def check(name: str, value: object) -> list[str]:
        if isinstance(value, list) and len(value) <= highest:
            return [text(name, one) for one in value]
        raise RefusalError(refusal, f"The value of '{name}' must be at most {highest} strings.")

    return check


def times(*names: str) -> dict[str, Check]:
    """Bounds of times in a body."""
    return dict.fromkeys(names, moment)


def between(row_time: int, filters: Mapping[str, Any], field: str) -> bool:
    """Whether a time lies within the half-open bounds that a search gave for it."""
    start, end = filters.get(f"{field}_ge"), filters.get(f"{field}_lt")
    return (start is None or row_time >= start) and (end is None or row_time < end)
