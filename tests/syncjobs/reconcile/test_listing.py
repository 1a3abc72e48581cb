"""How a list becomes stretches of time that are told completely, whatever happens to it while it is read."""

from datetime import timedelta
from itertools import pairwise

import pytest

from shops.marketplaces.records import UnreadableRecord, Window
from syncjobs.reconcile.listing import ListShifted, read_stretches
from tests.factories.records import UPDATED_AT, make_order
from tests.syncjobs.scripted import page

WINDOW = Window(UPDATED_AT, UPDATED_AT + timedelta(days=1))


def order(number, at=None):
    return make_order(f"{number}", later_by=number if at is None else at)


class Script:
    """Answers each call with the next page, and remembers from when and with which token it was asked."""

    def __init__(self, *pages):
        self.pages = list(pages)
        self.asked = []

    def __call__(self, window, token):
        self.asked.append((int((window.start - UPDATED_AT).total_seconds()), token))
        return self.pages.pop(0)


def read(*pages):
    script = Script(*pages)
    stretches = list(read_stretches(script, WINDOW))
    assert script.pages == []
    assert stretches[0].told.start == WINDOW.start and stretches[-1].told.end == WINDOW.end
    assert all(one.told.end == next_one.told.start for one, next_one in pairwise(stretches))
    assert [stretch.is_last for stretch in stretches].count(True) == 1
    return [sorted(stretch.rows, key=int) for stretch in stretches], script.asked


def test_one_page_is_one_stretch_of_the_whole_window():
    assert read(page(order(1), order(2))) == ([["1", "2"]], [(0, "")])


def test_an_empty_list_tells_that_there_is_nothing():
    assert read(page()) == ([[]], [(0, "")])


def test_a_stretch_ends_before_the_last_time_of_its_page_which_may_go_on():
    rows, _ = read(
        page(order(1), order(2, at=5), next_token="b", total=4), page(order(3, at=5), order(4, at=9), total=4)
    )
    assert rows == [["1"], ["2", "3", "4"]]


def test_pages_full_of_one_second_make_one_stretch():
    pages = [page(order(n, at=5), next_token=f"{n}" if n < 3 else "", total=3) for n in (1, 2, 3)]
    assert read(*pages) == ([[], ["1", "2", "3"]], [(0, ""), (0, "1"), (0, "2")])


def test_repeated_rows_are_told_once():
    rows, _ = read(
        page(order(1), order(2), order(3), next_token="b", total=4), page(order(2), order(3), order(4), total=4)
    )
    assert rows == [["1", "2"], ["3", "4"]]


def test_a_row_that_changed_since_the_list_was_made_moves_no_border():
    late = 90_000
    rows, _ = read(
        page(order(1), order(2, at=late), next_token="b", total=4), page(order(3), order(4, at=late), total=4)
    )
    assert rows == [["2"], ["1", "3", "4"]]


def test_a_fallen_total_lets_the_list_be_read_anew_from_the_last_stretch():
    rows, asked = read(
        page(order(1), order(2), next_token="b", total=5),
        page(order(4), order(5), total=4),  # 3 slipped past, as 1 has left
        page(order(2), order(3), order(4), order(5), total=4),
    )
    assert rows == [["1"], ["2", "3", "4", "5"]]
    assert asked == [(0, ""), (0, "b"), (2, "")]


def test_a_list_that_keeps_falling_without_getting_on_is_given_up():
    falling = [page(order(n, at=5), next_token=f"{n}", total=9 - n) for n in range(6)]
    with pytest.raises(ListShifted, match="keeps changing"):
        list(read_stretches(Script(*falling), WINDOW))


def test_a_list_that_shows_fewer_than_it_counts_tells_nothing_of_its_end():
    stretches = read_stretches(
        Script(page(order(1), order(2), next_token="b", total=4), page(order(4), total=4)), WINDOW
    )
    assert list(next(stretches).rows) == ["1"]
    with pytest.raises(ListShifted, match="counts 4 rows and showed 3"):
        next(stretches)


def test_counts_that_are_known_to_be_wrong_are_not_compared(settings):
    settings.SYNC_VERIFY_TOTALS = False
    assert read(page(order(1), total=7)) == ([["1"]], [(0, "")])


def test_rows_that_cannot_be_read_count_as_shown():
    script = Script(page(order(1), UnreadableRecord({}, "no id"), total=2))
    assert [stretch.found_count for stretch in read_stretches(script, WINDOW)] == [2]


def test_a_list_that_leads_back_to_a_page_is_no_list():
    pages = [page(order(n), next_token="a", total=9) for n in (1, 2, 3)]
    with pytest.raises(ListShifted, match="never end"):
        list(read_stretches(Script(*pages), WINDOW))
