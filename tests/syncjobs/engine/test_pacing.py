"""How a schedule is fitted into a quota."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.engine.pacing import Demand, Stretch, list_too_dear, plan_stretch

STREAM = Demand("stream", 144, 1, is_stream=True)
FULL = Demand("full", 1, 7)
NET = Demand("net", 48, 2)


@pytest.mark.parametrize("calls", [0, 247, 10_000])
def test_what_fits_or_has_no_limit_is_not_stretched(calls):
    assert plan_stretch([STREAM, FULL, NET], 1, calls) == Stretch()


def test_the_stream_goes_first():
    assert plan_stretch([STREAM, NET], 1, 200) == Stretch(stream=1.0, others=96 / 56)


def test_other_readings_keep_a_share_where_the_stream_alone_is_too_much():
    assert plan_stretch([STREAM, NET], 10, 1_000) == Stretch(stream=1.8, others=4.8)


def test_the_stream_alone_has_everything():
    assert plan_stretch([STREAM], 10, 1_000) == Stretch(stream=1.44)


demands = st.lists(
    st.builds(Demand, st.text(), st.floats(0.1, 1_440), st.integers(1, 30), is_stream=st.booleans()), max_size=8
)


@given(demands=demands, shop_count=st.integers(1, 10_000), calls=st.integers(1, 1_000_000))
def test_what_is_stretched_fits(demands, shop_count, calls):
    stretch = plan_stretch(demands, shop_count, calls)
    made = sum(
        demand.calls_a_day(shop_count) / (stretch.stream if demand.is_stream else stretch.others) for demand in demands
    )
    assert made <= calls * 1.000001
    assert min(stretch.stream, stretch.others) >= 1


def test_those_that_come_first_are_served_first():
    assert list_too_dear([STREAM, FULL, NET], 1, 247) == []
    assert list_too_dear([STREAM, NET, FULL], 1, 200) == ["net"]
    assert list_too_dear([STREAM, FULL, NET], 2, 289) == ["full", "net"]
    assert list_too_dear([FULL, NET], 1, -5) == ["full", "net"]
