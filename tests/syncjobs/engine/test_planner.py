"""Which windows are read, and how they are cut."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shops.marketplaces.records import Window
from syncjobs.engine.planner import (
    Known,
    PlanRules,
    Reading,
    Selection,
    cut_into_chunks,
    is_turn_due,
    name_backfill,
    plan_day,
    plan_incremental,
    plan_recent,
    plan_run,
)

NOW = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)
RULES = PlanRules(
    overlap=timedelta(seconds=300),
    end_guard=timedelta(seconds=60),
    chunk=timedelta(days=1),
    first_depth=timedelta(days=7),
    full_depth=timedelta(days=7),
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


@pytest.mark.parametrize(("now", "start"), [
    ("2026-08-01T10:00", "2026-07-31T17:00"),  # 17:00 there: the first of August from its midnight on
    ("2026-07-31T23:01", "2026-07-31T17:00"),  # 6:01 there, and the end guard is a minute
    ("2026-07-31T23:00", "2026-07-30T17:00"),  # in the first six hours the day before is read along
    ("2026-07-31T17:00", "2026-07-30T17:00"),  # its midnight
])  # fmt: skip
def test_a_day_is_the_shops_and_is_read_until_well_after_its_end(now, start):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    window = plan_day(ZoneInfo("Asia/Ho_Chi_Minh"), moment, RULES)
    assert window == Window(datetime.fromisoformat(start).replace(tzinfo=UTC), moment - RULES.end_guard)


def test_a_day_begins_at_midnight_where_clocks_are_changed():
    """On 29 March 2026 London goes from +0 to +1."""
    now = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
    assert plan_day(ZoneInfo("Europe/London"), now, RULES).start == datetime(2026, 3, 29, 0, 0, tzinfo=UTC)


@given(now=moments, zone=st.sampled_from(["Asia/Kolkata", "America/New_York", "Pacific/Apia", "UTC"]))
def test_turns_of_a_day_every_six_hours_leave_nothing_out(now, zone):
    earlier, later = (plan_day(ZoneInfo(zone), moment, RULES) for moment in (now, now + timedelta(hours=6)))
    assert later.start <= earlier.end
    assert timedelta(hours=6) <= earlier.end - earlier.start <= timedelta(hours=32)


@pytest.mark.parametrize(("selection", "identity"), [
    (Selection(), "incremental"), (Selection(kind="full"), "full"),
    (Selection(kind="full", status_filter="unpaid"), "full:unpaid"),
    (Selection(kind="window", hours=24, status_filter="in_transit"), "window:24h:in_transit"),
    (Selection(kind="window", is_day=True), "window:day"),
])  # fmt: skip
def test_what_slides_with_time_keeps_its_name(selection, identity):
    assert selection.identity == identity


def test_a_backfill_is_named_by_its_exact_window():
    assert name_backfill(Window(END - timedelta(days=1), END)) == "backfill:20260731T115900-20260801T115900"


PERIOD = timedelta(minutes=30)
LAST_DAY = Selection(kind="window", hours=24, status_filter="unpaid")
READ = Reading(7, Window(END - timedelta(days=2), NOW - timedelta(minutes=20)), "", NOW - timedelta(minutes=15))


def test_what_was_read_within_the_period_is_skipped():
    plan = plan_run(LAST_DAY, Known(readings=[READ]), NOW, RULES, period=PERIOD)
    assert plan is not None and plan.is_skipped
    assert plan.reason == "Covered by run 7, which read all of it and was done at 11:45:00 UTC."


@pytest.mark.parametrize(("minutes_ago", "is_skipped"), [(29, True), (30, False)])
def test_a_reading_covers_for_one_period(minutes_ago, is_skipped):
    ended_at = NOW - timedelta(minutes=minutes_ago)
    reading = Reading(7, Window(END - timedelta(days=2), ended_at), "unpaid", ended_at)
    plan = plan_run(LAST_DAY, Known(readings=[reading]), NOW, RULES, period=PERIOD)
    assert plan is not None and plan.is_skipped is is_skipped


def test_without_a_period_nothing_is_covered():
    plan = plan_run(LAST_DAY, Known(readings=[READ]), NOW, RULES)
    assert plan is not None and not plan.is_skipped


def test_what_is_open_is_skipped_whatever_was_read():
    plan = plan_run(LAST_DAY, Known(open_run_id=9, readings=[READ]), NOW, RULES, period=PERIOD)
    assert plan is not None and plan.is_skipped
    assert plan.reason == "Run 9 reads the same and is still open."


SPACED = Known(last_finished_at=NOW - timedelta(seconds=10), spacing=timedelta(seconds=30))


@pytest.mark.parametrize(("known", "offset", "seconds", "is_postponed"), [
    (Known(), 0, 0, False), (Known(), 8, 8, False), (SPACED, 0, 20, True), (SPACED, 8, 20, True),
    (SPACED, 25, 25, False),
])  # fmt: skip
def test_a_run_begins_after_its_place_in_the_batch_and_the_spacing(known, offset, seconds, is_postponed):
    plan = plan_run(Selection(), known, NOW, RULES, offset=timedelta(seconds=offset))
    assert plan is not None and plan.due_at == NOW + timedelta(seconds=seconds)
    assert bool(plan.reason) is is_postponed
    assert plan.window == Window(END - timedelta(days=7), END)


def test_where_nothing_is_new_nothing_is_planned():
    assert plan_run(Selection(), Known(watermark=END, open_run_id=9), NOW, RULES) is None


@pytest.mark.parametrize(("minutes_ago", "is_due"), [(None, True), (20, True), (19.5, True), (15, False), (10, False)])
def test_a_stretched_turn_is_due_after_the_longer_time(minutes_ago, is_due):
    last = None if minutes_ago is None else NOW - timedelta(minutes=minutes_ago)
    assert is_turn_due(last, NOW, timedelta(minutes=10), 2.0) is is_due
