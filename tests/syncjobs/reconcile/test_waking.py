"""The tasks of gap reports are wake-ups like any other: a lost one costs a minute."""

from datetime import timedelta

import pytest

from backoffice.celery import app
from backoffice.common import clock
from backoffice.common.queues import QUEUES
from backoffice.periodic_tasks import ENTRIES
from syncjobs import tasks
from syncjobs.models import GapReport
from tests.factories.gaps import make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch):
    """Collect the queues of the wake-ups instead of sending them."""
    sent: list[str] = []
    monkeypatch.setattr(tasks.work_on_gap_reports, "apply_async", lambda args, *, queue: sent.append(queue))
    monkeypatch.setattr(tasks, "count_messages", lambda: dict.fromkeys(QUEUES, 0))
    return sent


def test_the_night_plans_and_wakes_some_workers_only(woken, shop, settings):
    settings.SYNC_GAP_REPORT_DAYS = 7
    tasks.report_gaps()
    assert GapReport.objects.count() == 7
    assert woken == ["backfill"] * tasks.RECONCILERS_AT_MOST


def test_the_sweep_returns_what_dead_workers_held_and_wakes_the_queue_of_each(woken):
    ended_at = clock.now() - timedelta(seconds=1)
    make_report(state="running", attempt_count=1, lease_owner="gone:1:a", lease_expires_at=ended_at)
    make_report(trigger="person")
    make_report(due_at=clock.now() + timedelta(minutes=5))
    tasks.wake_due_chunks()
    assert woken == ["high", "backfill"]


def test_they_do_not_pile_up_before_the_work_of_others(woken, monkeypatch):
    monkeypatch.setattr(tasks, "count_messages", lambda: {**dict.fromkeys(QUEUES, 0), "backfill": 2})
    [make_report() for _ in range(4)]
    tasks.wake_reconcilers()
    assert woken == ["backfill"] * 2


def test_nothing_is_sent_where_nothing_is_due(woken):
    tasks.wake_reconcilers()
    assert woken == []


def test_it_is_on_the_schedule_every_night():
    entry = next(entry for entry in ENTRIES if entry.task == "syncjobs.tasks.report_gaps")
    assert (entry.hour, entry.minute) == ("4", "0")
    app.loader.import_default_modules()
    assert {"syncjobs.tasks.report_gaps", "syncjobs.tasks.work_on_gap_reports"} <= set(app.tasks)
