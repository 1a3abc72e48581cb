"""Filters take what makes sense, and refuse the rest instead of showing everything."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from backoffice.common.filters import MomentField, TruthField

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "Asia/Kolkata", "America/New_York", "UTC"])
def test_a_day_begins_and_ends_in_the_present_zone(zone):
    with timezone.override(zone):
        begin, end = MomentField().clean("2026-08-01"), MomentField(is_end=True).clean("2026-08-01")
    assert begin == datetime(2026, 8, 1, tzinfo=ZoneInfo(zone))
    assert end == datetime(2026, 8, 2, tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-08-01", 24)])
def test_a_day_of_a_change_to_summer_time_has_its_own_length(day, hours):
    with timezone.override("Europe/London"):
        begin, end = MomentField().clean(day), MomentField(is_end=True).clean(day)
    assert end.timestamp() - begin.timestamp() == hours * 3600


@pytest.mark.parametrize(
    "said",
    ["2026-08-01T15:00:00+07:00", "2026-08-01T15:00:00 07:00", "2026-08-01T15:00:00+0700", "2026-08-01T08:00:00Z"],
)
@pytest.mark.parametrize("is_end", [False, True])
def test_a_time_says_its_zone_also_where_an_address_made_a_blank_of_the_plus(said, is_end):
    assert MomentField(is_end=is_end).clean(said) == datetime(2026, 8, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "said",
    [
        "yesterday", "2026-13-01", "2026-02-30", "2026-8-1", "0001-01-01", "9999-12-31", "2026-08-01T15:00:00",
        "2026-08-01 15:00", "2026-08-01T25:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
        "1753945200", "2026-08-01\x00", "٢٠٢٦-٠٨-٠١T00:00", "x" * 10_000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_end", [False, True])
def test_what_is_no_time_is_refused(said, is_end):
    with pytest.raises(ValidationError):
        MomentField(is_end=is_end).clean(said)


@pytest.mark.parametrize(("said", "meant"), [("true", True), ("False", False), ("", None), (None, None)])
def test_true_and_false_are_said_in_words(said, meant):
    assert TruthField(required=False).clean(said) is meant


@pytest.mark.parametrize("said", ["1", "yes", "null", "on", "\x00"])
def test_neither_true_nor_false_is_refused(said):
    with pytest.raises(ValidationError):
        TruthField(required=False).clean(said)
