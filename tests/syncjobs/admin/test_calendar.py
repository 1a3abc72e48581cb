"""The calendar: whole months, each day with a sign, a word and a way to its run."""

from collections import Counter
from datetime import date

import pytest

from syncjobs.admin.calendar import LEGEND, LOOKS, lay_out
from syncjobs.models import ChunkState
from syncjobs.queries import Day


def day(state, orders=0, **chunks):
    return Day(state, 7, Counter(chunks or {state: 1}), orders)


def cells_of(days):
    return {
        cell.number: cell for month in lay_out(days, lambda day: f"/{day.run_id}/") for _, cell in month.cells if cell
    }


def test_months_are_whole_and_begin_under_their_weekday():
    months = lay_out({date(2026, 2, 27): day("done"), date(2026, 3, 2): day("due")}, lambda day: "")
    assert [month.title for month in months] == ["February 2026", "March 2026"]
    assert [len(month.cells) for month in months] == [28, 31]
    assert [len(month.blank_count) for month in months] == [6, 6]  # both begin on a Sunday
    assert [number for number, cell in months[0].cells if cell] == [27]


def test_a_year_ends_and_another_begins():
    months = lay_out({date(2025, 12, 31): day("done"), date(2026, 1, 1): day("done")}, lambda day: "")
    assert [month.title for month in months] == ["December 2025", "January 2026"]


def test_without_days_there_are_no_months():
    assert lay_out({}, lambda day: "") == []


@pytest.mark.parametrize("state", list(ChunkState))
def test_every_state_has_a_look_of_its_own(state):
    assert LOOKS[state] in LEGEND
    for part in ("kind", "sign", "word"):
        assert len({getattr(look, part) for look in LEGEND}) == len(LEGEND)


def test_a_day_says_in_words_what_it_is_and_leads_to_its_run():
    cells = cells_of(
        {date(2026, 3, 5): day("done", 1200), date(2026, 3, 6): day("done"), date(2026, 3, 7): day("failed")}
    )
    assert cells[5].title == "Thursday, 05 March 2026: Done, 1,200 read"
    assert (cells[5].address, cells[5].look.sign) == ("/7/", "✓")
    assert (cells[6].look.kind, cells[6].title) == ("empty", "Friday, 06 March 2026: No orders")
    assert (cells[7].look.kind, cells[7].look.sign) == ("failed", "!")


def test_a_day_of_several_shops_says_how_many_are_what():
    cells = cells_of({date(2026, 3, 5): day("failed", 30, failed=1, done=2)})
    assert cells[5].title == "Thursday, 05 March 2026: done 2, failed 1, 30 read"
