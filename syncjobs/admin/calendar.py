"""Lays days out as a calendar: a month as a block of weeks, each day with a colour and a sign. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from syncjobs.models import ChunkState
from syncjobs.queries import Day


@dataclass(frozen=True, slots=True)
class Look:
    """How a day of one kind looks: the sign says what the colour says."""

    kind: str
    sign: str
    word: str


EMPTY = Look("empty", "0", "No orders")
LOOKS: Mapping[str, Look] = {
    ChunkState.DONE: Look("done", "✓", "Done"),
    ChunkState.RUNNING: Look("running", "▸", "Being read"),
    ChunkState.FAILED: Look("failed", "!", "Failed"),
    ChunkState.BUFFERED: Look("buffered", "B", "Waits in files"),
    ChunkState.DUE: Look("due", "·", "Due"),
    ChunkState.CANCELLED: Look("cancelled", "–", "Cancelled"),
}
LEGEND = (
    LOOKS[ChunkState.DONE], EMPTY, LOOKS[ChunkState.RUNNING], LOOKS[ChunkState.FAILED], LOOKS[ChunkState.BUFFERED],
    LOOKS[ChunkState.DUE], LOOKS[ChunkState.CANCELLED],
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One day: `title` says in words what it stands for."""

    number: int
    look: Look
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Month:
    """One month. `blank_count` weekdays stand before its first day; a day that is not part of the backfill is None."""

    title: str
    blank_count: range
    cells: list[tuple[int, Cell | None]]


def lay_out(days: Mapping[date, Day], address_of: Callable[[Day], str]) -> list[Month]:
    """Return the months from the first day to the last."""
    if not days:
        return []
    months = groupby(_whole_months(min(days), max(days)), key=lambda day: (day.year, day.month))
    return [_lay_out_month(list(month), days, address_of) for _, month in months]


def _whole_months(first: date, last: date) -> Iterator[date]:
    day = first.replace(day=1)
    while (day.year, day.month) <= (last.year, last.month):
        yield day
        day += timedelta(days=1)


def _lay_out_month(month: list[date], days: Mapping[date, Day], address_of: Callable[[Day], str]) -> Month:
    cells = [(day.day, _cell_of(day, days[day], address_of) if day in days else None) for day in month]
    return Month(f"{month[0]:%B %Y}", range(month[0].weekday()), cells)


def _cell_of(when: date, day: Day, address_of: Callable[[Day], str]) -> Cell:
    look = EMPTY if day.is_empty else LOOKS[day.state]
    said = [look.word if day.chunks.total() == 1 else _count_in_words(day)]
    if day.order_count:
        said.append(f"{day.order_count:,} read")
    return Cell(when.day, look, f"{when:%A, %d %B %Y}: {', '.join(said)}", address_of(day))


def _count_in_words(day: Day) -> str:
    """Say of how many shops or resources it is what."""
    return ", ".join(f"{LOOKS[state].word.lower()} {day.chunks[state]}" for state in LOOKS if day.chunks[state])
