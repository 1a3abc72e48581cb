"""When a run is over, what it says, and what moves with it."""

from datetime import timedelta

import pytest

from shops.models import Shop
from syncjobs.engine.closing import close_if_ended
from syncjobs.engine.watermarks import move_watermark
from syncjobs.models import ChunkState, Run, RunState, Watermark
from tests.factories.sync import WINDOW_END, make_chunk, make_run

pytestmark = pytest.mark.django_db


def run_with(*states, **facts):
    run = make_run(**facts)
    for number, state in enumerate(states, start=1):
        lease = {"lease_expires_at": WINDOW_END} if state == ChunkState.RUNNING else {}
        make_chunk(
            run=run, number=number, state=state, error=f"error {number}", fetched_count=10, call_seconds=0.5, **lease
        )
    return run


@pytest.mark.parametrize("unfinished", [ChunkState.DUE, ChunkState.RUNNING])
def test_it_stays_open_while_work_is_left(unfinished):
    run = run_with(ChunkState.DONE, unfinished)
    assert close_if_ended(run.pk) is None
    assert Run.objects.get().state == RunState.OPEN
    assert not Watermark.objects.exists()


def test_it_sums_up_moves_the_watermark_and_stamps_the_shop():
    run = run_with(ChunkState.DONE, ChunkState.DONE)
    closed = close_if_ended(run.pk)
    assert closed is not None
    assert (closed.state, closed.reason) == (RunState.DONE, "Every chunk is stored.")
    assert (closed.fetched_count, closed.call_seconds) == (20, 1.0)
    mark = Watermark.objects.get()
    assert (mark.shop, mark.position_at, mark.run_id) == (run.shop, WINDOW_END, run.pk)
    shop = Shop.objects.get()
    assert (shop.sync_status, shop.last_sync_at, shop.last_full_sync_at) == ("ok", closed.finished_at, None)


def test_one_failed_chunk_fails_the_run_and_moves_nothing():
    run = run_with(ChunkState.DONE, ChunkState.FAILED, ChunkState.FAILED)
    closed = close_if_ended(run.pk)
    assert closed is not None
    assert (closed.state, closed.reason, closed.fetched_count) == (RunState.FAILED, "Chunk 2: error 2", 30)
    assert not Watermark.objects.exists()
    shop = Shop.objects.get()
    assert (shop.sync_status, shop.last_sync_at) == ("failed", None)


@pytest.mark.parametrize("facts", [{"kind": "window"}, {"kind": "full"}, {"status_filter": "in_transit"}])
def test_only_the_unfiltered_incremental_kind_moves_the_watermark(facts):
    closed = close_if_ended(run_with(ChunkState.DONE, **facts).pk)
    assert closed is not None and closed.state == RunState.DONE
    assert not Watermark.objects.exists()


@pytest.mark.parametrize(("facts", "is_sync", "is_full"), [
    ({"kind": "full"}, True, True), ({"kind": "full", "status_filter": "in_transit"}, False, False),
    ({"kind": "window"}, True, False), ({"kind": "window", "status_filter": "in_transit"}, False, False),
    ({"kind": "backfill"}, False, False),
])  # fmt: skip
def test_a_shop_is_stamped_by_what_reads_all_of_its_present(facts, is_sync, is_full):
    close_if_ended(run_with(ChunkState.DONE, **facts).pk)
    shop = Shop.objects.get()
    assert (shop.last_sync_at is not None, shop.last_full_sync_at is not None) == (is_sync, is_full)


def test_a_failed_day_of_a_backfill_says_nothing_about_the_shops_sync():
    close_if_ended(run_with(ChunkState.FAILED, kind="backfill", shop__sync_status="ok").pk)
    assert Shop.objects.get().sync_status == "ok"


def test_closing_twice_changes_nothing():
    run = run_with(ChunkState.DONE)
    close_if_ended(run.pk)
    finished = Run.objects.get().finished_at
    assert close_if_ended(run.pk) is None
    assert Run.objects.get().finished_at == finished


def test_a_cancelled_run_is_not_closed():
    run = run_with(ChunkState.DONE, state=RunState.CANCELLED)
    assert close_if_ended(run.pk) is None
    assert not Watermark.objects.exists()


def test_a_watermark_moves_forward():
    move_watermark(make_run(state=RunState.DONE))
    later = make_run(shop=Shop.objects.get(), window_end=WINDOW_END + timedelta(hours=1))
    move_watermark(later)
    mark = Watermark.objects.get()
    assert (mark.position_at, mark.run_id) == (later.window_end, later.pk)


def test_a_watermark_never_moves_back():
    first = make_run(state=RunState.DONE)
    move_watermark(first)
    move_watermark(make_run(shop=first.shop, window_end=WINDOW_END - timedelta(hours=1)))
    mark = Watermark.objects.get()
    assert (mark.position_at, mark.run_id) == (WINDOW_END, first.pk)


def test_each_shop_has_its_own_watermark():
    first, second = make_run(), make_run(window_end=WINDOW_END + timedelta(hours=1))
    move_watermark(first)
    move_watermark(second)
    assert set(Watermark.objects.values_list("shop_id", "position_at")) == {
        (first.shop_id, first.window_end), (second.shop_id, second.window_end)
    }  # fmt: skip
