"""Tasks are wake-ups: how many, when, and that a lost one costs nothing but time."""

from datetime import datetime, timedelta

import pytest
from kombu import Connection

from backoffice.celery import app
from backoffice.common import clock
from syncjobs import tasks
from syncjobs.engine import runner
from syncjobs.models import Chunk, ChunkState, Run, RunState
from tests.factories.records import make_order
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk, make_run
from tests.syncjobs.scripted import ScriptedConnector, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch):
    """Collect the run ids of the wake-ups instead of sending them."""
    run_ids: list[int] = []
    monkeypatch.setattr(tasks.work_on, "delay", run_ids.append)
    return run_ids


def test_a_wake_up_that_lay_about_is_dropped():
    with Connection("memory://") as connection:
        tasks.work_on.apply_async((1,), producer=app.amqp.Producer(connection))
        message = app.amqp.queues["default"](connection.default_channel).get(no_ack=True)
    assert message is not None
    assert datetime.fromisoformat(message.headers["expires"]) < clock.now() + timedelta(minutes=11)


def test_a_run_is_woken_once_for_each_chunk_that_may_be_worked_on_at_once(woken, settings):
    settings.SYNC_MAX_PARALLEL_TASKS = 2
    small, large = make_run(), make_run()
    make_chunk(run=small)
    for _ in range(3):
        make_chunk(run=large)
    tasks.wake_workers([small.pk, large.pk])
    assert woken == [small.pk, large.pk, large.pk]


def test_nothing_is_woken_for_a_run_without_due_chunks(woken):
    tasks.wake_workers([make_chunk(state=ChunkState.DONE).run_id])
    assert woken == []


@pytest.mark.parametrize(("is_more_due", "wakes"), [(True, 1), (False, 0)])
def test_a_job_whose_time_is_over_hands_its_run_on(woken, monkeypatch, is_more_due, wakes):
    worked = []

    def work(run_id, *, seconds):
        worked.append((run_id, seconds))
        return is_more_due

    monkeypatch.setattr(tasks, "work_on_run", work)
    tasks.work_on(7)
    assert (worked, woken) == ([(7, 300)], [7] * wakes)


def test_the_schedule_starts_runs_and_wakes_workers(shop, woken):
    tasks.sync_orders_incremental()
    assert woken == [Run.objects.get().pk] * 5
    assert Run.objects.get().trigger == "beat"


def test_a_second_beat_within_the_minute_starts_no_second_run(woken, monkeypatch):
    moment = clock.now().replace(second=5)
    monkeypatch.setattr(clock, "now", lambda: moment)
    shops = [make_shop(), make_shop()]
    tasks.sync_orders_incremental()
    Run.objects.update(state=RunState.DONE)
    monkeypatch.setattr(clock, "now", lambda: moment + timedelta(seconds=50))
    tasks.sync_orders_incremental()
    assert Run.objects.count() == len(shops)


def test_the_sweep_wakes_what_nobody_was_told_of(woken):
    chunk = make_chunk()
    make_chunk(due_at=clock.now() + timedelta(minutes=5))
    tasks.wake_due_chunks()
    assert woken == [chunk.run_id]


def test_the_sweep_returns_what_dead_workers_held(woken):
    held = {"state": ChunkState.RUNNING, "attempt_count": 1, "lease_owner": "gone:1:a"}
    run_id = make_chunk(**held, lease_expires_at=clock.now() - timedelta(seconds=1)).run_id
    tasks.wake_due_chunks()
    assert (Chunk.objects.get().state, woken) == (ChunkState.DUE, [run_id])


def test_the_sweep_closes_runs_that_ended(woken):
    make_chunk(state=ChunkState.DONE)
    tasks.wake_due_chunks()
    assert (Run.objects.get().state, woken) == (RunState.DONE, [])


def test_every_task_is_known_to_the_workers():
    app.loader.import_default_modules()
    names = {"work_on", "sync_orders_incremental", "wake_due_chunks"}
    assert {f"syncjobs.tasks.{name}" for name in names} <= set(app.tasks)


@pytest.fixture
def eager():
    """Celery runs the tasks here and now."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def test_from_the_schedule_to_rows_in_the_table(shop, settings, monkeypatch, eager):
    settings.FULL_SYNC_DAYS = 1
    monkeypatch.setattr(runner, "open_connection", ScriptedConnector(page(make_order())).connect)
    tasks.sync_orders_incremental.delay()
    run = Run.objects.get()
    assert (run.state, run.inserted_count) == (RunState.DONE, 1)
