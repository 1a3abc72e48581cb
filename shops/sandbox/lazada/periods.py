"""Says for which week a row of an account counts, and when that week's statement is drawn up and paid."""

from dataclasses import dataclass
from datetime import date, timedelta

from shops.sandbox.dataset import DAY_SECONDS
from shops.sandbox.lazada.dates import Zone, day_text
from shops.sandbox.life import HOUR

_WEEK = 7
# Weeks begin on another day in each country; here one ends two days before the world's epoch, so that a world of a few
# days has a statement to show.
_LAST_DAY_BEFORE_EPOCH = 2
# On the day after the last of its week.
_DRAWN_UP = 2 * HOUR


@dataclass(frozen=True, slots=True)
class Statement:
    """The statement of one week."""

    number: str
    first: date
    last: date
    created: int

    def is_paid(self, as_of: int) -> bool:
        """Whether the money has been sent, which takes a day."""
        return as_of >= self.created + DAY_SECONDS


class Periods:
    """The weeks of one shop."""

    def __init__(self, zone: Zone, epoch: int, short_code: str) -> None:
        self._zone = zone
        self._short_code = short_code
        self._anchor = zone.day(epoch) - timedelta(days=_LAST_DAY_BEFORE_EPOCH - 1)

    def week_of(self, day: date) -> tuple[date, date]:
        """Return the first and last day of the week."""
        first = day - timedelta(days=(day - self._anchor).days % _WEEK)
        return first, first + timedelta(days=_WEEK - 1)

    def text(self, day: date) -> str:
        """Write the week as rows have it: 15 Jan 2024 - 21 Jan 2024."""
        first, last = self.week_of(day)
        return f"{day_text(first)} - {day_text(last)}"

    def statement_on(self, day: date, as_of: int) -> Statement | None:
        """Return the statement that a day stands on; None until it has been drawn up."""
        first, last = self.week_of(day)
        created = self._zone.midnight(last + timedelta(days=1)) + _DRAWN_UP
        if created > as_of:
            return None
        return Statement(f"{self._short_code}-{last:%Y-%m%d}", first, last, created)

    def statements(self, since: date, as_of: int) -> list[Statement]:
        """Return all statements of the weeks from the one in which a day lies."""
        found: list[Statement] = []
        day = since
        while (statement := self.statement_on(day, as_of)) is not None:
            found.append(statement)
            day = statement.last + timedelta(days=1)
        return found
