"""Spans of time in words."""

from datetime import timedelta

import pytest

from backoffice.common import clock
from backoffice.common.durations import from_now, in_words


@pytest.mark.parametrize(("seconds", "words"), [
    (0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3_599, "59 min"), (3_600, "1 h"), (47 * 3_600, "47 h"),
    (48 * 3_600, "2 d"), (400 * 86_400, "400 d"), (-90, "1 min"),
])  # fmt: skip
def test_the_largest_unit_that_fits_is_said_rounded_down(seconds, words):
    assert in_words(timedelta(seconds=seconds)) == words


def test_what_comes_and_what_is_over_differ(monkeypatch):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    assert from_now(now + timedelta(hours=5)) == "in 5 h"
    assert from_now(now - timedelta(hours=5)) == "5 h ago"
