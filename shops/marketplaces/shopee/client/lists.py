"""Reads lists that say by a flag whether they go on, and takes nothing for the end of a list that is not one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from shops.marketplaces import values
from shops.marketplaces.errors import UnreadableAnswer
from shops.marketplaces.records import Window


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list, and whether there is another."""

    rows: list[Any]
    has_more: bool


def look(answer: Mapping[str, Any], rows_field: str, more_field: str = "more") -> ListPage:
    """Read one page; raises UnreadableAnswer where the rows or the flag are missing."""
    rows = answer.get(rows_field)
    has_more = values.boolean(answer.get(more_field))
    if has_more is None:
        raise UnreadableAnswer(f"The answer does not say in {more_field} whether the list goes on.")
    if rows is None and not has_more:
        rows = []  # an empty list may come as null
    if not isinstance(rows, list):
        raise UnreadableAnswer(f"The answer has no list of {rows_field}.")
    if has_more and not rows:
        raise UnreadableAnswer("The answer has no rows and says that the list goes on.")
    return ListPage(rows, has_more)


def window_of(window: Window, first: str, last: str) -> Sequence[tuple[str, str]]:
    """Name the window in seconds.

    Shopee does not say whether the end is part of it: asking for our open end itself loses nothing either way, and
    what changed in that very second is read again in the next window.
    """
    return ((first, str(int(window.start.timestamp()))), (last, str(int(window.end.timestamp()))))


def asked_for(rows: Sequence[Any], key: str, ids: Sequence[str]) -> list[Any]:
    """Leave out rows of an answer that name another id than those asked for; what names none is told by its mapping."""
    named = [(row, values.identifier(values.fields(row).get(key))) for row in rows]
    return [row for row, told in named if told is None or told in ids]


def halves(window: Window) -> tuple[Window, ...]:
    """Cut a window in two; nothing where it cannot be cut."""
    seconds = int((window.end - window.start).total_seconds())
    if seconds < 2:
        return ()
    middle = datetime.fromtimestamp(int(window.start.timestamp()) + seconds // 2, UTC)
    return (Window(window.start, middle), Window(middle, window.end))


def write_place(windows: Sequence[Window], *place: int | None) -> str:
    """Write a token of our own: the windows that are left, and where the first of them goes on."""
    spans = [[int(window.start.timestamp()), int(window.end.timestamp())] for window in windows]
    return orjson.dumps([spans, *place]).decode()


def read_place(token: str) -> tuple[tuple[Window, ...], list[Any]]:
    """Read a token of our own."""
    spans, *place = orjson.loads(token)
    moments = [[datetime.fromtimestamp(moment, UTC) for moment in span] for span in spans]
    return tuple(Window(*span) for span in moments), place


def page_number(token: str, first: int) -> int:
    """Read the number of a page out of our own token; the first page has none."""
    return int(token) if token else first
