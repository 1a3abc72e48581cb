"""What counts as a gap."""

from datetime import UTC, datetime, timedelta

import pytest

from shops.marketplaces.records import Window
from syncjobs.reconcile.verdicts import Verdict, judge_listed, judge_unlisted

START = datetime(2026, 8, 1, tzinfo=UTC)
EARLIER, LATER, END = (START + timedelta(hours=hours) for hours in (1, 2, 24))
AFTERWARDS = END + timedelta(hours=1)
TOLD = Window(START, LATER)


@pytest.mark.parametrize(("is_here", "here_at", "there_at", "verdict"), [
    (False, None, LATER, Verdict.MISSING),
    (False, None, None, Verdict.MISSING),
    (True, EARLIER, LATER, Verdict.STALE),
    (True, None, LATER, Verdict.STALE),
    (True, LATER, LATER, Verdict.FINE),
    (True, LATER, EARLIER, Verdict.FINE),
    (True, LATER, None, Verdict.FINE),
])  # fmt: skip
def test_a_listed_row(is_here, here_at, there_at, verdict):
    assert judge_listed(is_here, here_at, there_at, None) is verdict
    assert judge_listed(is_here, here_at, there_at, AFTERWARDS) is verdict


@pytest.mark.parametrize("is_here", [True, False])
def test_what_the_next_run_reads_is_no_gap(is_here):
    assert judge_listed(is_here, EARLIER, LATER, watermark=LATER) is Verdict.FINE


@pytest.mark.parametrize(("there_at", "watermark", "verdict"), [
    (EARLIER, None, Verdict.HIDDEN),
    (START - timedelta(seconds=1), None, Verdict.FINE),
    (LATER, None, Verdict.FINE),
    (END, None, Verdict.STALE),
    (AFTERWARDS, None, Verdict.STALE),
    (AFTERWARDS, AFTERWARDS, Verdict.FINE),
    (None, None, Verdict.FINE),
])  # fmt: skip
def test_a_row_that_the_list_did_not_show_but_is_known_there(there_at, watermark, verdict):
    assert judge_unlisted(EARLIER, True, there_at, TOLD, END, watermark) is verdict


def test_a_row_that_is_not_known_there_is_extra():
    assert judge_unlisted(EARLIER, False, None, TOLD, END, None) is Verdict.EXTRA
