"""Page tokens for Lazada's lists by offset, which end at a depth. The tokens are our own text."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

from shops.marketplaces.errors import BadRequest, UnreadableAnswer
from shops.marketplaces.records import Window
from shops.marketplaces.values import number

PlaceT = TypeVar("PlaceT", "Place", "Spans")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list in ascending order of time goes on; times are Unix seconds.

    At the depth the list starts again at the newest time that was seen. `before` counts the rows before the start,
    so that the total can be told of the whole; `newest_count` the rows of the newest time, which will come again.
    """

    start: int
    offset: int = 0
    before: int = 0
    newest: int = 0
    newest_count: int = 0

    def next(self, times: Sequence[datetime | None], total: int, deepest: int) -> "Place | None":
        """Give the next place after a page with rows of these times; None at the end."""
        offset = self.offset + len(times)
        if offset == total or (offset > total and not times):
            return None  # a total that is less than what came so far is wrong, and ends nothing
        if not times:
            raise UnreadableAnswer(f"The list counts {total} rows and shows none from {self.offset} on.")
        seconds = [int(time.timestamp()) for time in times if time is not None]
        newest = max(seconds, default=0)
        count = seconds.count(newest) + (self.newest_count if newest == self.newest else 0)
        if offset <= deepest:
            return replace(self, offset=offset, newest=newest, newest_count=count)
        if seconds != sorted(seconds) or newest <= self.start:
            raise UnreadableAnswer(f"The list does not go beyond {deepest} rows, and its times show no way around.")
        return Place(newest, before=self.before + offset - count)


@dataclass(frozen=True, slots=True)
class Spans:
    """What is left of a list in no order of time: one that is longer than its depth is read in halves of its window.

    `ends` are the ends of the spans left, the next one first, in Unix seconds; `total` is that of the whole list.
    """

    start: int
    ends: tuple[int, ...]
    offset: int = 0
    total: int | None = None

    def next(self, row_count: int, counted: int, deepest: int) -> "Spans | None":
        """Give what is left after a page; None at the end. `counted` is the total of the span just asked for."""
        offset, end = self.offset + row_count, self.ends[0]
        total = counted if self.total is None and len(self.ends) == 1 else self.total
        if offset == counted or (offset > counted and not row_count):
            rest = self.ends[1:]
            return Spans(end, rest, total=total) if rest else None
        if not row_count:
            raise UnreadableAnswer(f"The list counts {counted} rows and shows none from {self.offset} on.")
        if counted > deepest + row_count and end - self.start > 1:
            return Spans(self.start, ((self.start + end) // 2, *self.ends), total=total)
        if offset > deepest:
            raise UnreadableAnswer(f"More than {deepest} rows changed in one second: the list shows no more of them.")
        return replace(self, offset=offset, total=total)


def spans_of(window: Window) -> Spans:
    """Begin a list in no order of time."""
    return Spans(int(window.start.timestamp()), (int(window.end.timestamp()),))


def place_of(window: Window) -> Place:
    """Begin a list in ascending order of time."""
    return Place(int(window.start.timestamp()))


def write_token(place: Place | Spans | None) -> str:
    """Write a place as a page token; "" for the end."""
    return "" if place is None else orjson.dumps(asdict(place)).decode()


def read_place(token: str, window: Window) -> Place:
    """Read a page token; the list's beginning for an empty one."""
    return _read(Place, token) if token else place_of(window)


def read_spans(token: str, window: Window) -> Spans:
    """Read a page token; the list's beginning for an empty one."""
    if not token:
        return spans_of(window)
    read = _read(Spans, token)
    return replace(read, ends=tuple(read.ends))


def _read(kind: type[PlaceT], token: str) -> PlaceT:
    try:
        return kind(**orjson.loads(token))
    except (orjson.JSONDecodeError, TypeError):
        raise BadRequest("The page token is none of this list.") from None


def read_total(answer: dict[str, Any], key: str) -> int:
    """Read how many rows a list has; without it its end would be a guess."""
    total = number(answer.get(key))
    if total is None or total < 0:
        raise UnreadableAnswer(f"The answer has no {key}.")
    return total


def read_rows(answer: object, key: str, total: int) -> list[Any]:
    """Read a list's rows; a missing list is an error unless the total is zero."""
    rows = answer.get(key) if isinstance(answer, dict) else None
    if isinstance(rows, list):
        return rows
    if rows is None and total == 0:
        return []
    raise UnreadableAnswer(f"The answer has no list of {key}.")


def as_object(answer: object) -> dict[str, Any]:
    """Give an answer's part that must be an object."""
    if isinstance(answer, dict):
        return answer
    raise UnreadableAnswer("The answer is no object.")


def as_list(answer: object) -> list[Any]:
    """Give an answer's part that must be a list."""
    if isinstance(answer, list):
        return answer
    raise UnreadableAnswer("The answer is no list.")


def written(seconds: int) -> str:
    """Write a moment as orders are asked for: ISO 8601 with an offset."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()
