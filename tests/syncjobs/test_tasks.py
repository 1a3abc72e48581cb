"""Tasks are wake-ups: how many, when, and that a lost one costs nothing but time."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from django.db import OperationalError, ProgrammingError
from django_celery_beat.models import PeriodicTask

from backoffice.celery import app
from backoffice.common import clock
from backoffice.common.queues import QUEUES
from backoffice.periodic_tasks import ENTRIES, install
from syncjobs import reconcile, tasks
from syncjobs.engine import runner
from syncjobs.models import Chunk, ChunkState, Lane, Run, RunState, Watermark
from tests.factories.brokers import empty_memory
from tests.factories.records import make_order
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk, make_run
from tests.syncjobs.scripted import ScriptedConnector, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch):
    """Collect queue and countdown of the wake-ups instead of sending them."""
    sent: list[tuple[str, float]] = []

    def send(args, *, queue, countdown=0):
        assert args == (queue,)
        sent.append((queue, countdown))

    monkeypatch.setattr(tasks.work, "apply_async", send)
    monkeypatch.setattr(tasks, "count_messages", lambda: dict.fromkeys(QUEUES, 0))
    return sent


def test_a_wake_up_that_lay_about_is_dropped():
    with empty_memory() as connection:
        tasks.work.apply_async(("default",), producer=app.amqp.Producer(connection))
        message = app.amqp.queues["default"](connection.default_channel).get(no_ack=True)
    assert message is not None
    assert datetime.fromisoformat(message.headers["expires"]) < clock.now() + timedelta(minutes=11)


def test_each_lane_wakes_the_workers_of_its_queue_once_for_each_due_chunk(woken):
    lanes = (Lane.INTERACTIVE, Lane.HIGH, Lane.INCREMENTAL, Lane.BACKFILL, Lane.BACKFILL)
    runs = [make_chunk(run__lane=lane).run_id for lane in lanes]
    tasks.wake_workers(runs)
    assert sorted(woken) == [("backfill", 0)] * 2 + [("default", 0)] + [("high", 0)] * 2


def test_years_of_days_wake_no_more_workers_than_there_can_be(woken, monkeypatch):
    monkeypatch.setattr(tasks, "WAKE_UPS_AT_MOST", 3)
    run = make_run()
    [make_chunk(run=run) for _ in range(5)]
    tasks.wake_workers()
    assert woken == [("default", 0)] * 3


def test_wake_ups_do_not_pile_up_in_a_queue_that_nobody_serves(woken, monkeypatch):
    monkeypatch.setattr(tasks, "count_messages", lambda: {**dict.fromkeys(QUEUES, 0), "default": 2})
    run = make_run()
    [make_chunk(run=run) for _ in range(3)]
    tasks.wake_workers()
    assert woken == [("default", 0)]


def test_other_messages_in_a_queue_do_not_stand_for_wake_ups(woken, monkeypatch):
    """Gap reports share these queues: while they wait there, a person's run must not wait for their end."""
    monkeypatch.setattr(tasks, "count_messages", lambda: {**dict.fromkeys(QUEUES, 0), "high": 4})
    tasks.wake_workers([make_chunk(run__lane=Lane.INTERACTIVE).run_id])
    assert woken == [("high", 0)]


def test_a_full_queue_gets_no_more(woken, monkeypatch):
    monkeypatch.setattr(tasks, "count_messages", lambda: dict.fromkeys(QUEUES, tasks.WAKE_UPS_AT_MOST))
    make_chunk()
    tasks.wake_workers()
    assert woken == []


def test_nothing_is_woken_for_a_run_without_due_chunks(woken):
    tasks.wake_workers([make_chunk(state=ChunkState.DONE).run_id])
    assert woken == []


@pytest.fixture
def worked(monkeypatch):
    """Stand in for the work; return what a job was asked for, and let a test say how many chunks it had."""
    jobs: list[tuple[tuple[int, ...], float]] = []

    def work(lanes, *, seconds):
        jobs.append((lanes, seconds))
        return 1

    monkeypatch.setattr(tasks, "work_on_lanes", work)
    return jobs


def test_a_job_looks_into_the_lanes_of_its_queue(woken, worked):
    tasks.work("high")
    assert worked == [((Lane.INTERACTIVE, Lane.HIGH), 20)]


def test_a_job_whose_time_is_over_sends_for_another_one(woken, worked):
    make_chunk()
    tasks.work("default")
    assert woken == [("default", 0)]


def test_a_job_sends_for_another_one_when_the_next_chunk_is_due(woken, worked):
    make_chunk(due_at=clock.now() + timedelta(seconds=40))
    tasks.work("default")
    [(queue, countdown)] = woken
    assert (queue, round(countdown)) == ("default", 40)


def test_a_database_that_is_away_costs_a_wake_up_and_one_line_of_the_log(woken, monkeypatch):
    def refuse(*_, **__):
        raise OperationalError("connection refused\nIs the server running?")

    monkeypatch.setattr(tasks, "work_on_lanes", refuse)
    monkeypatch.setattr(reconcile, "work_on_reports", refuse)
    with structlog.testing.capture_logs() as lines:
        assert (tasks.work("default"), tasks.work_on_gap_reports("high")) == (0, 0)
    assert [line["error"] for line in lines] == ["connection refused"] * 2
    assert woken == []


def test_an_error_of_ours_is_no_outage(monkeypatch):
    def fail(*_, **__):
        raise ProgrammingError("no such column")

    monkeypatch.setattr(tasks, "work_on_lanes", fail)
    with pytest.raises(ProgrammingError):
        tasks.work("default")


def test_what_is_due_much_later_is_left_to_the_sweep(woken, worked):
    """Redis gives messages that wait for long to a second worker."""
    make_chunk(due_at=clock.now() + timedelta(seconds=400))
    tasks.work("default")
    assert woken == []


def test_a_job_that_found_nothing_sends_for_nobody(woken):
    make_chunk(due_at=clock.now() + timedelta(seconds=40))
    assert tasks.work("default") == 0
    assert woken == []


def test_the_schedule_starts_runs_and_wakes_workers(shop, woken):
    tasks.sync_incremental()
    assert woken == [("default", 0)] * Chunk.objects.count() != []
    assert Run.objects.get().trigger == "beat"


@pytest.fixture
def send(woken):
    """Carry out an entry of the schedule as beat sends it."""
    install()

    def carry_out(name):
        entry = PeriodicTask.objects.get(name=name)
        headers = {"periodic_task_name": entry.name}
        app.tasks[entry.task].apply(kwargs=json.loads(entry.kwargs), headers=headers, throw=True)

    return carry_out


SYNCING = [entry.name for entry in ENTRIES if ".sync_orders_" in entry.task]


@pytest.mark.parametrize("name", SYNCING)
def test_a_second_beat_starts_no_second_run_although_the_first_one_is_done(send, monkeypatch, name):
    moment = datetime(2026, 8, 1, 5, 0, 2, tzinfo=UTC)
    shops = [make_shop(), make_shop()]
    for seconds in (0, 50):
        monkeypatch.setattr(clock, "now", lambda seconds=seconds: moment + timedelta(seconds=seconds))
        send(name)
        Run.objects.update(state=RunState.DONE)
    assert {run.shop for run in Run.objects.all()} == set(shops)
    assert Run.objects.count() == len(shops)


def test_what_a_person_sends_between_two_turns_is_carried_out(send, woken):
    make_shop()
    send("orders: incremental")
    Run.objects.update(state=RunState.DONE)
    tasks.sync_incremental()
    assert Run.objects.count() == 2


@pytest.mark.parametrize(("name", "identity"), [
    ("orders: incremental", "incremental"), ("orders: last 24 hours", "window:24h"),
    ("orders: last hour", "window:1h"), ("orders: awaiting shipment", "window:48h:awaiting_shipment"),
    ("orders: in transit", "window:72h:in_transit"), ("orders: full", "full"),
    ("orders: current day again", "window:day"),
])  # fmt: skip
def test_each_entry_reads_what_it_says(send, shop, name, identity):
    send(name)
    run = Run.objects.get()
    assert (run.identity, run.trigger, run.lane) == (identity, "beat", Lane.INCREMENTAL)


def test_the_priority_dispatch_sends_shops_that_are_behind_ahead_of_the_others(send, woken):
    behind, read = make_shop(), make_shop()
    now = clock.now()
    Watermark.objects.create(shop=read, resource="orders", position_at=now - timedelta(minutes=10), moved_at=now)
    Watermark.objects.create(shop=behind, resource="orders", position_at=now - timedelta(minutes=20), moved_at=now)
    send("orders: high-priority dispatch")
    run = Run.objects.get()
    assert (run.shop, run.lane, run.identity) == (behind, Lane.HIGH, "incremental")
    assert woken == [("high", 0)]


def test_the_sweep_wakes_what_nobody_was_told_of(woken):
    make_chunk()
    make_chunk(due_at=clock.now() + timedelta(minutes=5))
    tasks.wake_due_chunks()
    assert woken == [("default", 0)]


def test_the_sweep_returns_what_dead_workers_held(woken):
    held = {"state": ChunkState.RUNNING, "attempt_count": 1, "lease_owner": "gone:1:a"}
    make_chunk(**held, lease_expires_at=clock.now() - timedelta(seconds=1))
    tasks.wake_due_chunks()
    assert (Chunk.objects.get().state, woken) == (ChunkState.DUE, [("default", 0)])


def test_the_sweep_closes_runs_that_ended(woken):
    make_chunk(state=ChunkState.DONE)
    tasks.wake_due_chunks()
    assert (Run.objects.get().state, woken) == (RunState.DONE, [])


def test_every_task_is_known_to_the_workers():
    app.loader.import_default_modules()
    names = {"work", "sync_incremental", "wake_due_chunks"}
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
    tasks.sync_incremental.delay()
    run = Run.objects.get()
    assert (run.state, run.inserted_count) == (RunState.DONE, 1)
