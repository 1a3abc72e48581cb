"""Counts in sentences agree with their words."""

import pytest

from backoffice.common.plurals import say_count


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 cases are due"), (1, "1 case is due"), (2, "2 cases are due"), (1200, "1,200 cases are due")],
)
def test_words_follow_their_count(count, said):
    assert say_count(count, "case is due", "cases are due") == said


def test_most_words_take_an_s():
    assert [say_count(count, "order") for count in (0, 1, 2, 10_000)] == [
        "0 orders",
        "1 order",
        "2 orders",
        "10,000 orders",
    ]
