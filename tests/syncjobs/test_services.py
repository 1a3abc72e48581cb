"""Starting, cancelling and closing runs."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from backoffice.common import clock
from shops.models import Shop
from syncjobs import leases, services
from syncjobs.models import Chunk, ChunkState, Lane, Run, RunState, Watermark
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk, make_run

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 8, 1, 12, 0, 30, 500, tzinfo=UTC)
END = datetime(2026, 8, 1, 11, 59, 30, tzinfo=UTC)


@pytest.fixture
def frozen(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def start(shop, kind="incremental", **options):
    run = services.start_run(shop, kind=kind, trigger="command", **options)
    assert run is not None
    return run


@pytest.mark.parametrize(("asked", "kept"), [
    ({"kind": "window", "hours": 48}, {"hours": 48}), ({"kind": "full"}, {}), ({"kind": "incremental"}, {}),
])  # fmt: skip
def test_a_run_keeps_what_its_dates_do_not_say(asked, kept):
    assert start(make_shop(), **asked).parameters == kept


def mark(shop, position_at):
    return Watermark.objects.create(shop=shop, resource="orders", position_at=position_at, moved_at=position_at)


def test_a_first_incremental_run_reads_the_full_depth_in_chunks_of_a_day(shop, frozen):
    run = start(shop)
    assert (run.window_start, run.window_end) == (END - timedelta(days=7), END)
    pieces = list(run.chunks.order_by("number").values_list("number", "window_start", "window_end", "state", "due_at"))
    days = [END - timedelta(days=7 - n) for n in range(8)]
    assert pieces == [(n + 1, days[n], days[n + 1], ChunkState.DUE, NOW) for n in range(7)]
    assert Shop.objects.get().sync_status == "running"


def test_until_a_first_run_succeeds_the_next_begins_where_the_first_one_did(shop, frozen, monkeypatch):
    """Else what changed in the first days of its window would never be read."""
    first = start(shop)
    Run.objects.update(state=RunState.FAILED)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=3))
    second = start(shop)
    assert (second.window_start, second.window_end) == (first.window_start, END + timedelta(days=3))


def test_a_first_run_of_one_status_or_of_another_kind_says_nothing_about_the_next(shop, frozen, monkeypatch):
    for options in ({"status_filter": "unpaid"}, {"kind": "full"}):
        start(shop, **options)
        Run.objects.update(state=RunState.FAILED)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=3))
    assert start(shop).window_start == END - timedelta(days=4)


def test_the_next_incremental_run_begins_at_the_watermark_less_the_overlap(shop, frozen):
    mark(shop, END - timedelta(hours=1))
    run = start(shop)
    assert (run.window_start, run.window_end) == (END - timedelta(hours=1, minutes=5), END)
    assert run.chunks.count() == 1


def test_another_resources_watermark_does_not_count(shop, frozen):
    Watermark.objects.create(shop=shop, resource="products", position_at=END, moved_at=END)
    assert start(shop).window_start == END - timedelta(days=7)


def test_nothing_new_starts_nothing(shop, frozen):
    mark(shop, END)
    assert services.start_run(shop, kind="incremental", trigger="command") is None
    assert (Run.objects.count(), Shop.objects.get().sync_status) == (0, "never")


@pytest.mark.parametrize(("kind", "options", "depth"), [
    ("window", {}, timedelta(hours=24)), ("window", {"hours": 3}, timedelta(hours=3)), ("full", {}, timedelta(days=7)),
])  # fmt: skip
def test_other_kinds_read_the_last_hours_or_the_full_depth_whatever_the_watermark(shop, frozen, kind, options, depth):
    mark(shop, END)
    run = start(shop, kind, **options)
    assert (run.window_start, run.window_end) == (END - depth, END)


def test_the_settings_rule_the_plan(shop, frozen, settings):
    settings.SYNC_OVERLAP_SECONDS, settings.SYNC_END_GUARD_SECONDS = 10, 3600
    settings.SYNC_CHUNK_DAYS, settings.FULL_SYNC_DAYS = 2, 3
    run = start(shop)
    end = datetime(2026, 8, 1, 11, 0, 30, tzinfo=UTC)
    assert (run.window_start, run.window_end, run.chunks.count()) == (end - timedelta(days=3), end, 2)
    Run.objects.update(state=RunState.DONE)
    mark(shop, end - timedelta(hours=1))
    assert start(shop).window_start == end - timedelta(hours=1, seconds=10)


def test_a_shop_has_one_open_incremental_run(shop):
    first = start(shop)
    assert start(shop) == first
    assert (Run.objects.count(), Chunk.objects.count()) == (1, 7)
    Run.objects.update(state=RunState.DONE)
    assert start(shop) != first


def test_other_readings_and_other_shops_may_be_open_beside_it(shop):
    readings: list[tuple[str, dict[str, Any]]] = [
        ("window", {}),
        ("window", {"hours": 2}),
        ("window", {"status_filter": "in_transit"}),
        ("full", {}),
    ]
    others = {start(shop, kind, **options) for kind, options in readings}
    assert len({start(shop), start(make_shop()), *others}) == 6


@pytest.mark.parametrize(("kind", "options", "identity"), [
    ("full", {}, "full"), ("window", {"hours": 3}, "window:3h"),
    ("window", {"status_filter": "in_transit"}, "window:24h:in_transit"),
])  # fmt: skip
def test_the_same_is_open_once_although_its_window_moves_with_time(shop, frozen, monkeypatch, kind, options, identity):
    first = start(shop, kind, **options)
    assert first.identity == identity
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=20))
    assert start(shop, kind, **options) == first
    Run.objects.update(state=RunState.STOPPED)
    assert start(shop, kind, **options) == first
    Run.objects.update(state=RunState.DONE)
    assert start(shop, kind, **options) != first


def test_a_person_speeds_up_the_open_run_that_they_get(shop):
    run = services.start_run(shop, kind="incremental", trigger="beat")
    assert run is not None and run.lane == Lane.INCREMENTAL
    start(shop, is_forced=True)
    run.refresh_from_db()
    assert (run.lane, run.is_forced) == (Lane.INTERACTIVE, True)
    services.start_run(shop, kind="incremental", trigger="beat")
    run.refresh_from_db()
    assert (run.lane, run.is_forced) == (Lane.INTERACTIVE, True)


def test_a_run_too_close_to_the_shops_last_one_is_postponed_and_says_so(frozen):
    shop = make_shop(app__sync_spacing_seconds=30)
    ended = {"started_at": NOW - timedelta(minutes=1), "state": RunState.FAILED}
    make_run(shop=shop, kind="full", finished_at=NOW - timedelta(seconds=10), **ended)
    run = start(shop)
    due_at = NOW + timedelta(seconds=20)
    assert set(run.chunks.values_list("due_at", flat=True)) == {due_at}
    assert run.reason == f"Postponed to {due_at:%H:%M:%S} UTC: two runs of a shop lie 30 s apart."
    assert run.events.get().text == run.reason


@pytest.mark.parametrize(("seconds_ago", "resource", "state"), [
    (30, "orders", "done"), (10, "products", "done"), (10, "orders", "skipped"),
])  # fmt: skip
def test_what_ended_long_ago_read_something_else_or_never_began_postpones_nothing(frozen, seconds_ago, resource, state):
    shop = make_shop(app__sync_spacing_seconds=30)
    began_at = None if state == "skipped" else NOW - timedelta(minutes=1)
    ended_at = NOW - timedelta(seconds=seconds_ago)
    make_run(shop=shop, resource=resource, state=state, started_at=began_at, finished_at=ended_at)
    assert (start(shop).reason, set(Chunk.objects.values_list("due_at", flat=True))) == ("", {NOW})


@pytest.mark.django_db(transaction=True)
def test_of_many_that_start_at_once_all_get_the_same_run():
    shop = make_shop()
    gate, runs = threading.Barrier(5), []

    def begin():
        try:
            gate.wait()
            runs.append(start(shop))
        finally:
            connection.close()

    threads = [threading.Thread(target=begin) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(runs), len(set(runs)), Chunk.objects.count()) == (5, 1, 7)


def test_a_cancelled_run_is_worked_on_no_more():
    run = make_run()
    done, due = make_chunk(run=run, state=ChunkState.DONE), make_chunk(run=run)
    services.cancel_run(run, "Not needed.")
    states = dict(Chunk.objects.values_list("pk", "state"))
    assert states == {done.pk: ChunkState.DONE, due.pk: ChunkState.CANCELLED}
    run.refresh_from_db()
    assert (run.state, run.reason) == (RunState.CANCELLED, "Not needed.")
    assert run.finished_at is not None
    assert leases.claim_next_chunk("a:1:b", run_id=run.pk) is None


def test_a_chunk_in_hand_may_finish_when_its_run_is_cancelled():
    chunk = make_chunk()
    claimed = leases.claim_next_chunk("a:1:b", run_id=chunk.run_id)
    assert claimed is not None
    services.cancel_run(chunk.run, "Not needed.")
    leases.end(claimed, "a:1:b", ChunkState.DONE)
    assert (services.close_ended_runs(), Run.objects.get().state) == (0, RunState.CANCELLED)


def test_a_cancelled_run_does_not_leave_its_shop_running(shop):
    services.cancel_run(start(shop), "Not needed.")
    assert Shop.objects.get().sync_status == "failed"


def test_cancelling_what_has_ended_changes_nothing(shop):
    run = make_run(shop=shop, state=RunState.DONE, reason="Every chunk is stored.")
    services.cancel_run(run, "Too late.")
    assert (Run.objects.get().state, Run.objects.get().reason) == (RunState.DONE, "Every chunk is stored.")


def test_a_run_whose_worker_died_before_closing_it_is_closed():
    ended, running = make_run(), make_run()
    make_chunk(run=ended, state=ChunkState.DONE)
    make_chunk(run=running, state=ChunkState.DONE)
    make_chunk(run=running)
    assert services.close_ended_runs() == 1
    assert Run.objects.get(state=RunState.DONE) == ended
    assert Watermark.objects.get().position_at == ended.window_end


def test_a_chunk_given_back_after_its_run_was_cancelled_does_not_wait_for_ever(shop):
    chunk = make_chunk(run=make_run(shop=shop))
    claimed = leases.claim_next_chunk("a:1:b", run_id=chunk.run_id)
    assert claimed is not None
    services.cancel_run(chunk.run, "Not needed.")
    leases.give_back(claimed, "a:1:b", due_at=clock.now(), counts_as_try=False)
    services.close_ended_runs()
    chunk.refresh_from_db()
    assert (chunk.state, chunk.finished_at is not None) == (ChunkState.CANCELLED, True)
