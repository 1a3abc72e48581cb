"""How times are put into words, at the borders where the words change."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from backoffice.common import clock
from backoffice.common.admin.times import (
    describe_deadline,
    describe_distance,
    describe_span,
    show_deadline,
    show_distance,
    show_next,
)

NOW = datetime(2026, 8, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(seconds=119), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=47, minutes=59), "47 h"),
        (timedelta(hours=48), "2 d"),
        (timedelta(days=400), "400 d"),
        (-timedelta(hours=3), "3 h"),
    ],
)
def test_a_span_is_one_number_rounded_down(span, words):
    assert describe_span(span) == words


def test_a_moment_lies_behind_or_ahead():
    assert describe_distance(NOW - timedelta(minutes=5), NOW) == "5 min ago"
    assert describe_distance(NOW, NOW) == "0 s ago"
    assert describe_distance(NOW + timedelta(hours=5), NOW) == "in 5 h"


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (-timedelta(hours=3), ("overdue", "overdue by 3 h")),
        (-timedelta(seconds=1), ("overdue", "overdue by 1 s")),
        (timedelta(0), ("due", "due in 0 s")),
        (timedelta(hours=23, minutes=59), ("due", "due in 23 h")),
        (timedelta(hours=24), ("ahead", "in 24 h")),
        (timedelta(days=2), ("ahead", "in 2 d")),
    ],
)
def test_a_deadline_is_overdue_due_within_a_day_or_ahead(ahead, said):
    assert describe_deadline(NOW + ahead, NOW) == said


def test_the_time_itself_is_in_the_present_zone_and_ticks(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with timezone.override("Asia/Ho_Chi_Minh"):
        shown = show_deadline(NOW - timedelta(hours=3))
        ago = show_distance(NOW - timedelta(hours=3))
    assert 'data-urgency="overdue"' in shown
    assert 'datetime="2026-08-01T05:00:00+00:00"' in shown
    assert 'title="2026-08-01 12:00 +07"' in shown
    assert ">overdue by 3 h<" in shown
    assert ">3 h ago<" in ago


def test_what_comes_next_is_ahead_or_due(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    assert ">in 5 min<" in show_next(NOW + timedelta(minutes=5))
    assert ">due now<" in show_next(NOW)
    assert ">due now<" in show_next(NOW - timedelta(seconds=9))
