"""A place in a window survives its way through the row, and what was seen with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.engine.positions import Position, load_position
from syncjobs.models import Chunk


@given(ids=st.lists(st.text()), token=st.text(min_size=1), query=st.integers(0, 5), unreadable=st.integers(0, 100))
def test_a_position_comes_back_as_it_was_kept(ids, token, query, unreadable):
    position = Position(query=query, token=token, unreadable=unreadable, counted=7, most_counted=9)
    position.see(ids)
    assert load_position(Chunk(**position.as_columns())) == position
    assert position.seen_count == len(set(ids)) + unreadable


@pytest.mark.parametrize(("position", "is_start"), [
    (Position(), True), (Position(token="b"), False), (Position(reading=2), False), (Position(query=1), False),
])  # fmt: skip
def test_nothing_is_kept_of_a_start(position, is_start):
    assert position.is_start is is_start
    assert (position.as_columns()["position"] is None) is is_start


def test_a_new_reading_forgets_what_the_last_one_saw():
    position = Position(query=1, token="b", unreadable=2, counted=3, most_counted=4)
    position.see(["order-1"])
    position.begin_reading(2)
    assert position == Position(query=1, reading=2)
