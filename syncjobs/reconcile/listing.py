"""Reads the marketplace's list of a window, and says of which times it has told completely.

In a list in ascending update time everything before the last time on a page has been told. A stretch ends there: memory
holds a page, whatever the size of the day, and whoever goes on later needs one moment and no page token. Lists in any
other order tell nothing before their ends: they are read whole.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from backoffice.common.errors import BackofficeError
from shops.marketplaces.contract import ListQuery
from shops.marketplaces.records import Page, Window

FALLS_WITHOUT_PROGRESS = 3


class ListShifted(BackofficeError):
    """The list did not show all that it counts, so that nothing can be said of what it did not show."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What the list tells of a span of update times: rows by id, and how many that could not be read."""

    told: Window
    rows: dict[str, Any]
    unreadable_count: int
    is_last: bool

    @property
    def found_count(self) -> int:
        """How many rows the marketplace has in it."""
        return len(self.rows) + self.unreadable_count


@dataclass
class _Reading:
    """One way through the list from `until`, which moves with each stretch."""

    until: datetime
    most_counted: int = 0
    seen_count: int = 0
    unreadable_count: int = 0
    waiting: dict[str, Any] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)

    def take_in(self, page: Page[Any], end: datetime) -> None:
        """Keep a page's rows until their stretch is complete.

        A row changed since the list was made shows a time beyond the window; a page may repeat rows of the one before.
        """
        self.unreadable_count += len(page.unreadable)
        for record in page.records:
            at = record.source_updated_at
            if at is None or at >= end:
                if record.external_id in self.moved:
                    continue
                self.moved.add(record.external_id)
            elif at < self.until:
                continue
            self.waiting[record.external_id] = record

    def cut(self, end: datetime, is_last: bool) -> Stretch:
        """Return what is told of the times before `end`; equal times may go on with the next page."""
        rest = {} if is_last else {key: row for key, row in self.waiting.items() if row.source_updated_at == end}
        rows = {key: row for key, row in self.waiting.items() if key not in rest}
        stretch = Stretch(Window(self.until, end), rows, self.unreadable_count, is_last)
        self.seen_count += stretch.found_count
        self.until, self.waiting, self.unreadable_count = end, rest, 0
        return stretch


def read_stretches(fetch: Callable[[Window, str], Page[Any]], window: Window) -> Iterator[Stretch]:
    """Read a window's list stretch by stretch; raises ListShifted where it showed less than it counts.

    A total that falls between two pages says that a row has left the list, and another may have slipped past between
    them. Then the list is read anew from the end of the last stretch: what slipped past lies behind it.
    """
    until, falls = window.start, 0
    while True:
        reading = _Reading(until)
        for stretch in _read_until_fall(fetch, reading, window.end):
            falls = 0
            yield stretch
            if stretch.is_last:
                return
        until, falls = reading.until, falls + 1
        if falls >= FALLS_WITHOUT_PROGRESS:
            raise ListShifted("The marketplace's list keeps changing while it is read.")


def _read_until_fall(
    fetch: Callable[[Window, str], Page[Any]], reading: _Reading, window_end: datetime
) -> Iterator[Stretch]:
    rest, token = Window(reading.until, window_end), ""
    while True:
        page = fetch(rest, token)
        counted = page.total_count or 0
        if settings.SYNC_VERIFY_TOTALS and counted < reading.most_counted:
            return
        reading.most_counted = max(reading.most_counted, counted)
        reading.take_in(page, window_end)
        token = page.next_token
        if not token:
            _check_all_seen(reading)
            yield reading.cut(window_end, is_last=True)
            return
        _refuse_token_again(token, reading.tokens)
        last = max((_time_of(row, window_end) for row in reading.waiting.values()), default=reading.until)
        if last > reading.until:
            yield reading.cut(last, is_last=False)


def _time_of(row: Any, window_end: datetime) -> datetime:
    """Return where a row stands in the list; nothing can be told from one that changed since."""
    at: datetime | None = row.source_updated_at
    return datetime.min.replace(tzinfo=window_end.tzinfo) if at is None or at >= window_end else at


def _check_all_seen(reading: _Reading) -> None:
    _check_count(reading.seen_count + len(reading.waiting) + reading.unreadable_count, reading.most_counted)


def read_whole(fetch: Callable[[ListQuery, str], Page[Any]], query: ListQuery) -> Page[Any]:
    """Read a list to its end, as one page; raises ListShifted where it showed less than it counted at any time."""
    pages: list[Page[Any]] = []
    seen_ids: set[str] = set()
    tokens: set[str] = set()
    token = ""
    while True:
        page = fetch(query, token)
        pages.append(page)
        seen_ids.update(row.external_id for row in (*page.records, *page.stubs))
        seen_ids.update(page.passed_ids)
        token = page.next_token
        if not token:
            break
        _refuse_token_again(token, tokens)
    unreadable = tuple(record for page in pages for record in page.unreadable)
    _check_count(len(seen_ids) + len(unreadable), max(page.total_count or 0 for page in pages))
    return Page(
        tuple(record for page in pages for record in page.records),
        unreadable,
        stubs=tuple(stub for page in pages for stub in page.stubs),
    )


def _refuse_token_again(token: str, tokens: set[str]) -> None:
    if token in tokens:
        raise ListShifted("The list leads back to a page that was read already; it would never end.")
    tokens.add(token)


def _check_count(seen_count: int, most_counted: int) -> None:
    if settings.SYNC_VERIFY_TOTALS and seen_count < most_counted:
        raise ListShifted(f"The marketplace counts {most_counted} rows and showed {seen_count}.")
