"""Reads the parameters of calls, and refuses them with the words of the real service."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from shops.sandbox.listener import Request
from shops.sandbox.shopee.replies import RefusalError

DAY_SECONDS = 86_400
LONGEST_WINDOW_SECONDS = 15 * DAY_SECONDS


class Window(NamedTuple):
    """Two moments in Unix seconds, both included [C]; None leaves a side open."""

    start: int | None
    end: int | None

    def holds(self, moment: int) -> bool:
        """Whether the moment lies in the window."""
        return (self.start is None or moment >= self.start) and (self.end is None or moment <= self.end)

    @property
    def first(self) -> int:
        """The first second."""
        return self.start or 0

    @property
    def before(self) -> int:
        """The first second after it."""
        return (1 << 40) if self.end is None else self.end + 1


def invalid(detail: str) -> RefusalError:
    """Return the refusal of a parameter."""
    return RefusalError("parameter", detail)


def whole(request: Request, name: str, default: int | None, least: int, most: int) -> int:
    """Return a whole number within its bounds; without a default it is required."""
    text = request.parameter(name)
    if not text:
        if default is None:
            raise invalid(f"{name}: is required")
        return default
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 12:
        raise invalid(f"{name}: Invalid type. Expected: integer, given: string")
    if not least <= int(text) <= most:
        raise invalid(f"{name}: Must be between {least} and {most}")
    return int(text)


def moment(request: Request, name: str, *, required: bool) -> int | None:
    """Return a time in Unix seconds."""
    if not request.parameter(name) and not required:
        return None
    return whole(request, name, None, 0, 1 << 39)


def window(request: Request, start: str, end: str, *, required: bool = True) -> Window:
    """Return a window whose ends have these names."""
    return Window(moment(request, start, required=required), moment(request, end, required=required))


def short_window(request: Request, start: str, end: str) -> Window:
    """Return an optional window, refused if it is reversed or longer than fifteen days."""
    found = window(request, start, end, required=False)
    if found.start is not None and found.end is not None:
        if found.start > found.end:
            raise RefusalError("reversed_window")
        if found.end - found.start > LONGEST_WINDOW_SECONDS:
            raise RefusalError("window")
    return found


def words(request: Request, name: str) -> list[str]:
    """Return a list as clients send it: joined by commas, as a repeated key, or in brackets [A/B]."""
    texts = [value for key, value in request.query if key.removesuffix("[]") == name]
    joined = ",".join(text.strip().removeprefix("[").removesuffix("]") for text in texts)
    return [word.strip().strip("\"'") for word in joined.split(",") if word.strip()]


def numbers_of(request: Request, name: str, most: int) -> list[str]:
    """Return the distinct ids of a required list, at most so many."""
    found = list(dict.fromkeys(words(request, name)))
    if not found:
        raise invalid(f"{name}: is required")
    if len(found) > most:
        raise invalid(f"{name}: the number of ids must not exceed {most}")
    return found


def one_word(request: Request, name: str, known: Sequence[str], *, required: bool = False) -> str:
    """Return one of the known words; "" for none."""
    text = request.parameter(name) or ""
    if text in known or (not text and not required):
        return text
    raise invalid(f"{name}: must be one of {', '.join(known)}")


def flag(request: Request, name: str) -> bool:
    """Return a yes or no."""
    return (request.parameter(name) or "").lower() in ("true", "1")


def body_of(request: Request) -> dict[str, object]:
    """Return the JSON object that was sent."""
    try:
        body = orjson.loads(request.body or b"{}")
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise RefusalError("body")
    return body
