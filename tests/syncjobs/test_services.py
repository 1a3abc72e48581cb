"""Starting, cancelling and closing runs."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from backoffice.common import clock
from shops.models import Shop
from syncjobs import leases, services
from syncjobs.models import Chunk, ChunkState, Run, RunState, Watermark
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


def test_other_kinds_and_other_shops_may_be_open_beside_it(shop):
    assert len({start(shop), start(shop, "window"), start(shop, "window"), start(make_shop())}) == 4


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


def test_two_beats_start_one_run_for_one_slot(shop):
    assert services.start_incremental_runs(slot="12:10") == services.start_incremental_runs(slot="12:10")
    assert Run.objects.get().slot_key == f"orders:incremental:{shop.pk}:12:10"


def test_a_slot_that_was_worked_off_starts_no_other_run(shop):
    services.start_incremental_runs(slot="12:10")
    Run.objects.update(state=RunState.DONE)
    assert services.start_incremental_runs(slot="12:10") == []
    assert len(services.start_incremental_runs(slot="12:20")) == 1
    assert Run.objects.count() == 2


def test_the_schedule_takes_active_shops_with_a_credential(shop):
    for state in ("paused", "needs_reauthorisation", "disconnected"):
        make_shop(state=state)
    make_shop().credential.delete()
    services.start_incremental_runs(slot="12:10")
    assert [run.shop for run in Run.objects.all()] == [shop]


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
