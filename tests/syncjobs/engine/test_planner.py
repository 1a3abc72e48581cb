"""Which windows are read, and how they are cut."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shops.marketplaces.records import Window
from syncjobs.engine.planner import PlanRules, cut_into_chunks, plan_incremental, plan_recent

NOW = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)
RULES = PlanRules(
    overlap=timedelta(seconds=300),
    end_guard=timedelta(seconds=60),
    chunk=timedelta(days=1),
    first_depth=timedelta(days=7),
)
END = NOW - timedelta(seconds=60)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
spans = st.timedeltas(timedelta(seconds=1), timedelta(days=60))


def test_it_reads_from_the_watermark_less_the_overlap_to_now_less_the_guard():
    mark = NOW - timedelta(minutes=10)
    assert plan_incremental(mark, NOW, RULES) == Window(mark - timedelta(seconds=300), END)


def test_it_reads_the_first_depth_where_there_is_no_watermark():
    assert plan_incremental(None, NOW, RULES) == Window(END - timedelta(days=7), END)


def test_the_first_depth_stays_where_the_first_try_began():
    assert plan_incremental(None, NOW, RULES, END - timedelta(days=2)) == Window(END - timedelta(days=9), END)


def test_a_first_try_that_ended_later_than_now_moves_nothing():
    assert plan_incremental(None, NOW, RULES, END + timedelta(days=2)) == Window(END - timedelta(days=7), END)


def test_it_reads_everything_since_a_watermark_older_than_the_first_depth():
    mark = NOW - timedelta(days=90)
    assert plan_incremental(mark, NOW, RULES) == Window(mark - timedelta(seconds=300), END)


@pytest.mark.parametrize("mark", [END, END + timedelta(seconds=1), NOW, NOW + timedelta(days=1)])
def test_it_plans_nothing_when_the_watermark_has_reached_the_guard(mark):
    assert plan_incremental(mark, NOW, RULES) is None


def test_it_plans_as_soon_as_there_is_one_new_second():
    window = plan_incremental(END - timedelta(seconds=1), NOW, RULES)
    assert window is not None and window.end == END


def test_it_reads_a_recent_span_up_to_the_guard():
    assert plan_recent(timedelta(hours=24), NOW, RULES) == Window(END - timedelta(hours=24), END)


@given(mark=st.none() | moments, now=moments)
def test_windows_have_whole_seconds_and_never_pass_the_guard(mark, now):
    window = plan_incremental(mark, now, RULES)
    if window is None:
        assert mark is not None
        return
    assert window.start < window.end <= now - RULES.end_guard
    assert (window.start.microsecond, window.end.microsecond) == (0, 0)


@given(now=moments, later=spans)
def test_the_next_window_overlaps_the_one_before(now, later):
    before = plan_incremental(None, now, RULES)
    assert before is not None
    after = plan_incremental(before.end, now + later, RULES)
    assert after is None or after.start == before.end - RULES.overlap


@given(start=moments, span=spans, chunk=st.timedeltas(timedelta(hours=1), timedelta(days=30)))
def test_chunks_touch_without_gap_or_overlap_and_none_is_longer_than_allowed(start, span, chunk):
    pieces = cut_into_chunks(Window(start, start + span), chunk)
    assert (pieces[0].start, pieces[-1].end) == (start, start + span)
    assert all(one.end == following.start for one, following in pairwise(pieces))
    assert all(timedelta(0) < piece.end - piece.start <= chunk for piece in pieces)


def test_an_empty_window_has_no_chunks():
    assert cut_into_chunks(Window(NOW, NOW), timedelta(days=1)) == []
