"""Reads the parameters of a call as strictly as Temu does: a number as text is refused, an unknown name ignored."""

from collections.abc import Mapping, Sequence
from typing import Any

from shops.sandbox.temu.replies import TemuRefusal

Body = Mapping[str, Any]
# Ten digits; thirteen are milliseconds.
_HIGHEST_SECONDS = 9_999_999_999


def integer(body: Body, name: str, default: int, least: int, most: int, refusal: str = "parameter") -> int:
    """Return a whole number within its bounds; which code a number out of bounds gets is unsure [?]."""
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise TemuRefusal("parameter", f"$.{name} must be a number")
    if not least <= value <= most:
        raise TemuRefusal(refusal, f"$.{name} must be between {least} and {most}")
    return value


def text(body: Body, name: str, refusal: str = "parameter") -> str:
    """Return a required text."""
    value = body.get(name)
    if value is None or value == "":
        raise TemuRefusal(refusal, f"$.{name} is required")
    if not isinstance(value, str):
        raise TemuRefusal("parameter", f"$.{name} must be a string")
    return value


def texts(body: Body, name: str, most: int, refusal: str = "parameter") -> list[str]:
    """Return a list of texts, empty if it was not sent."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TemuRefusal("parameter", f"$.{name} must be a list of strings")
    if len(value) > most:
        raise TemuRefusal(refusal, f"$.{name} must not have more than {most} entries")
    return list(dict.fromkeys(value))


def numbers(body: Body, name: str, most: int, refusal: str) -> list[int]:
    """Return a list of whole numbers, empty if it was not sent."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, int) and not isinstance(one, bool) for one in value):
        raise TemuRefusal("parameter", f"$.{name} must be a list of numbers")
    if len(value) > most:
        raise TemuRefusal(refusal, f"$.{name} must not have more than {most} entries")
    return list(dict.fromkeys(value))


def flag(body: Body, name: str) -> bool | None:
    """Return true, false, or None if it was not sent."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise TemuRefusal("parameter", f"$.{name} must be a boolean")
    return value


def word(body: Body, name: str, default: str, known: Sequence[str], refusal: str = "parameter") -> str:
    """Return one of the known words."""
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, str) or value not in known:
        raise TemuRefusal(refusal, f"$.{name} must be one of {', '.join(known)}")
    return value


def times(body: Body, start_name: str, end_name: str) -> tuple[int, int] | None:
    """Return a pair of Unix seconds, both inclusive, or None; half a pair is refused, and so are milliseconds."""
    start, end = body.get(start_name), body.get(end_name)
    if start is None and end is None:
        return None
    for name, value in ((start_name, start), (end_name, end)):
        if value is None:
            raise TemuRefusal("half_pair", f"{name} not passed in")
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise TemuRefusal("parameter", f"$.{name} must be a number")
        if value > _HIGHEST_SECONDS:
            raise TemuRefusal("not_seconds")
    return int(start), int(end)  # type: ignore[arg-type]
