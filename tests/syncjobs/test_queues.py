"""The command: what waits, since when, who works; and what it says without a broker."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from kombu.exceptions import OperationalError

from backoffice.celery import app
from backoffice.common import clock
from backoffice.common.queues import QUEUES
from syncjobs.management.commands import queues
from syncjobs.models import ChunkState, Lane
from syncjobs.tasks import work
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    monkeypatch.setattr(queues, "ANSWER_SECONDS", 0.1)
    app.control.purge()  # what a test before left behind
    yield
    app.control.purge()


def show():
    out = StringIO()
    call_command("queues", stdout=out)
    return out.getvalue()


def cells(shown, first):
    row = next(line for line in shown.splitlines() if line.startswith(f"│ {first}"))
    return [cell.strip() for cell in row.strip("│").split("│")]


def test_it_shows_the_work_of_each_lane():
    now = clock.now()
    run = make_run(lane=Lane.HIGH)
    make_chunk(run=run, due_at=now - timedelta(seconds=90))
    make_chunk(run=run, due_at=now - timedelta(seconds=30))
    make_chunk(run=run, due_at=now + timedelta(hours=1))
    make_chunk(run=run, state=ChunkState.RUNNING, lease_expires_at=now)
    make_chunk(run=run, state=ChunkState.DONE)
    make_chunk(run=make_run(shop=make_shop(state="paused"), lane=Lane.HIGH))
    make_chunk(run=make_run(kind="full", state="stopped", lane=Lane.BACKFILL))
    shown = show()
    assert cells(shown, "High priority") == ["High priority", "high", "2", "90 s ago", "1", "1", "1"]
    assert cells(shown, "Backfill") == ["Backfill", "backfill", "0", "–", "0", "0", "0"]


def test_it_shows_every_queue_with_its_messages_and_that_nobody_answers():
    for _ in range(2):
        work.apply_async(("default",), queue="default")
    shown = show()
    for queue, purpose in QUEUES.items():
        assert cells(shown, f"{queue} ")[:3] == [queue, "2" if queue == "default" else "0", "none"]
        assert purpose in shown
    assert "No worker answered within 0.1 s. Start one" in shown


def test_it_shows_who_works_and_what_for(monkeypatch):
    answer = {
        "sync@here": [{"name": "default"}, {"name": "enrichment"}],
        "all@there": [{"name": name} for name in QUEUES],
    }
    monkeypatch.setattr(type(app.control.inspect()), "active_queues", lambda self: answer)
    shown = show()
    assert cells(shown, "default ")[2] == "2"
    assert cells(shown, "high ")[2] == "1"
    assert "Worker sync@here serves default, enrichment." in shown


def test_without_a_broker_it_shows_the_work_and_says_that_nothing_is_lost(monkeypatch):
    def fail():
        raise OperationalError("connection refused")

    monkeypatch.setattr(queues, "count_messages", fail)
    out = StringIO()
    with pytest.raises(CommandError, match="does not answer, so queues and workers cannot be seen: connection refused"):
        call_command("queues", stdout=out)
    assert "Chunks of open runs" in out.getvalue()
