"""How long the rest takes: at a speed, at a quota."""

import pytest

from syncjobs.queries.pace import Quota, estimate_calls, estimate_seconds_at_quota, estimate_seconds_at_speed


@pytest.mark.parametrize(("count", "done", "seconds", "expected"), [
    (0, 0, 0, 0), (0, 5, 60, 0), (10, 0, 60, None), (10, 5, 60, 120), (1, 3, 60, 20),
])  # fmt: skip
def test_at_a_speed(count, done, seconds, expected):
    assert estimate_seconds_at_speed(count, done, seconds) == expected


@pytest.mark.parametrize(("chunks", "ended", "calls", "expected"), [
    (10, 0, 0, 10), (10, 4, 8, 20), (10, 4, 2, 10), (0, 4, 8, 0), (3, 2, 3, 4),
])  # fmt: skip
def test_calls_are_judged_by_what_ended_chunks_needed(chunks, ended, calls, expected):
    assert estimate_calls(chunks, ended, calls) == expected


@pytest.mark.parametrize(("calls", "quotas", "seconds"), [
    (100, [], 0),
    (100, [Quota(0, 3600, 0)], 0),
    (100, [Quota(1000, 3600, 100)], 0),
    (100, [Quota(1000, 3600, 0)], 360),
    (1500, [Quota(1000, 3600, 500)], 3600),
    (1500, [Quota(1000, 3600, 500), Quota(1440, 86400, 60)], 86400),
])  # fmt: skip
def test_at_a_quota_the_narrowest_decides(calls, quotas, seconds):
    assert estimate_seconds_at_quota(calls, quotas) == seconds
