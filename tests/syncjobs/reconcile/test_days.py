"""A shop's days are those of its own zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from syncjobs.reconcile.days import list_days, list_recent_days, window_of_day

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
BERLIN = ZoneInfo("Europe/Berlin")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_last_days_are_whole_touch_and_end_at_the_shops_midnight():
    days = list_recent_days(SAIGON, at("2026-08-10T20:00"), 3)  # already the 11th there
    assert [(day.start, day.end) for day in days] == [
        (at("2026-08-09T17:00"), at("2026-08-10T17:00")),
        (at("2026-08-08T17:00"), at("2026-08-09T17:00")),
        (at("2026-08-07T17:00"), at("2026-08-08T17:00")),
    ]


def test_a_day_has_the_hours_that_the_clocks_give_it():
    lengths = [window_of_day(BERLIN, date(2026, *day)) for day in ((3, 29), (10, 25), (7, 1))]
    assert [(day.end - day.start) / timedelta(hours=1) for day in lengths] == [23, 25, 24]


def test_both_ends_are_part_of_a_range_and_the_newest_day_comes_first():
    days = list_days(UTC, date(2026, 8, 1), date(2026, 8, 3), at("2026-09-01T00:00"))
    assert [day.start for day in days] == [at("2026-08-03"), at("2026-08-02"), at("2026-08-01")]


def test_nothing_is_compared_after_the_latest_moment():
    days = list_days(UTC, date(2026, 8, 1), date(2026, 8, 3), datetime(2026, 8, 2, 10, 0, 0, 500, tzinfo=UTC))
    assert [(day.start, day.end) for day in days] == [
        (at("2026-08-02"), at("2026-08-02T10:00")), (at("2026-08-01"), at("2026-08-02")),
    ]  # fmt: skip


def test_a_range_the_wrong_way_round_holds_no_day():
    assert list_days(UTC, date(2026, 8, 3), date(2026, 8, 1), at("2026-09-01")) == []
