"""Retrying a failed run: what becomes due, when it is refused, and that nothing is lost or moved back by it."""

from datetime import timedelta

import pytest

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from backoffice.common.schedules import Turn
from shops.models import Shop
from syncjobs import leases, services
from syncjobs.engine.closing import close_if_ended
from syncjobs.engine.planner import Selection
from syncjobs.models import Chunk, ChunkState, Run, RunState, Watermark
from tests.factories.races import at_once
from tests.factories.shops import make_shop
from tests.factories.sync import WINDOW_END, make_chunk, make_run

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def make_failed_run(shop, **facts):
    """A run of which one chunk is stored and one failed after all its tries."""
    facts = {"reason": "Chunk 2: no.", "finished_at": clock.now(), **facts}
    run = make_run(shop=shop, state=RunState.FAILED, **facts)
    make_chunk(run=run, number=1, state=ChunkState.DONE, attempt_count=1, fetched_count=5)
    make_chunk(
        run=run,
        number=2,
        state=ChunkState.FAILED,
        attempt_count=3,
        unexpected_count=2,
        worked_seconds=9.0,
        error="no",
        finished_at=clock.now(),
    )
    Shop.objects.filter(pk=shop.pk).update(sync_status="failed")
    return run


def mark(shop, position_at, run_id=99):
    return Watermark.objects.create(
        shop=shop, resource="orders", position_at=position_at, moved_at=position_at, run_id=run_id
    )


def work_off(run):
    """Store every chunk that is due, as a worker would, and close the run."""
    while (chunk := leases.claim_next_chunk("a:1:b", run_id=run.pk)) is not None:
        leases.end(chunk, "a:1:b", ChunkState.DONE)
    close_if_ended(run.pk)
    run.refresh_from_db()


@pytest.fixture
def failed(shop):
    return make_failed_run(shop)


def everything():
    return list(Run.objects.order_by("pk").values()), list(Chunk.objects.order_by("pk").values())


def test_its_failed_chunks_are_due_with_fresh_tries_and_the_others_stay(failed):
    assert services.retry_run(failed, "Retried by mai.") == 1
    run, stored, due = Run.objects.get(), *Chunk.objects.order_by("number")
    assert (run.state, run.reason, run.finished_at) == (RunState.OPEN, "Retried by mai.", None)
    assert (stored.state, stored.attempt_count, stored.fetched_count) == (ChunkState.DONE, 1, 5)
    assert (due.state, due.attempt_count, due.error, due.finished_at) == (ChunkState.DUE, 0, "", None)
    assert (due.unexpected_count, due.worked_seconds) == (0, 0)
    assert due.due_at <= clock.now()
    assert Shop.objects.get().sync_status == "running"


def test_a_retried_run_that_ends_well_moves_the_watermark_to_its_end(failed, shop):
    mark(shop, WINDOW_END - HOUR)
    services.retry_run(failed, "")
    work_off(failed)
    assert failed.state == RunState.DONE
    assert (Watermark.objects.get().position_at, Watermark.objects.get().run_id) == (WINDOW_END, failed.pk)


def test_a_retried_run_that_fails_again_can_be_retried_again(failed):
    for _ in range(2):
        services.retry_run(failed, "")
        chunk = leases.claim_next_chunk("a:1:b", run_id=failed.pk)
        assert chunk is not None
        leases.end(chunk, "a:1:b", ChunkState.FAILED, error="still no")
        close_if_ended(failed.pk)
        failed.refresh_from_db()
        assert (failed.state, failed.reason) == (RunState.FAILED, "Chunk 2: still no")
    assert not Watermark.objects.exists()


@pytest.mark.parametrize("state", [RunState.OPEN, RunState.DONE, RunState.CANCELLED])
def test_only_failed_runs_are_retried(shop, state):
    run = make_run(shop=shop, state=state)
    make_chunk(run=run, state=ChunkState.CANCELLED)
    before = everything()
    with pytest.raises(NotPossible, match="only a failed run can be retried"):
        services.retry_run(run, "")
    assert everything() == before


def test_who_comes_second_is_refused_and_takes_back_no_try(failed):
    services.retry_run(failed, "first")
    leases.claim_next_chunk("a:1:b", run_id=failed.pk)
    before = everything()
    with pytest.raises(NotPossible, match="is open; only a failed run"):
        services.retry_run(failed, "second")
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_retries(shop):
    run = make_failed_run(shop)
    outcomes = at_once(lambda: services.retry_run(Run.objects.get(pk=run.pk), ""))
    assert sorted(map(str, outcomes))[0] == "1"
    assert [type(outcome) for outcome in outcomes].count(NotPossible) == 3


def test_while_another_incremental_run_is_open_it_is_refused_because_that_one_reads_the_same(failed, shop):
    other = make_run(shop=shop, window_end=WINDOW_END + HOUR)
    make_chunk(run=other)
    before = everything()
    with pytest.raises(NotPossible, match="it reads what run"):
        services.retry_run(failed, "")
    assert everything() == before
    assert Shop.objects.get().sync_status == "failed"


def test_an_open_run_of_another_kind_or_shop_does_not_stand_in_the_way(failed, shop):
    make_run(shop=shop, kind="full")
    make_run(shop=make_shop())
    assert services.retry_run(failed, "") == 1


@pytest.mark.parametrize("beyond", [timedelta(0), HOUR])
def test_what_a_newer_run_has_read_since_is_not_read_again(failed, shop, beyond):
    mark(shop, WINDOW_END + beyond, run_id=77)
    before = everything()
    with pytest.raises(NotPossible, match="run 77 has read its window since"):
        services.retry_run(failed, "")
    assert everything() == before


def test_a_watermark_of_another_shop_says_nothing(failed):
    mark(make_shop(), WINDOW_END + HOUR)
    assert services.retry_run(failed, "") == 1


def test_a_full_run_is_retried_wherever_the_watermark_stands_and_does_not_move_it(shop):
    run = make_failed_run(shop, kind="full")
    moved = mark(shop, WINDOW_END + HOUR)
    services.retry_run(run, "")
    work_off(run)
    assert run.state == RunState.DONE
    assert (Watermark.objects.get().position_at, Watermark.objects.get().run_id) == (moved.position_at, 99)


def test_a_watermark_that_moved_while_it_was_retried_is_not_moved_back(failed, shop):
    services.retry_run(failed, "")
    mark(shop, WINDOW_END + HOUR)
    work_off(failed)
    assert failed.state == RunState.DONE
    assert Watermark.objects.get().position_at == WINDOW_END + HOUR


def test_the_schedule_starts_nothing_beside_a_retried_run(failed, shop):
    services.retry_run(failed, "")
    started = services.start_turn(Selection(), Turn("12:10"))
    assert (started.run_ids, started.skipped_count) == ([], 1)
    assert f"Run {failed.pk} reads the same" in Run.objects.get(state=RunState.SKIPPED).reason


@pytest.mark.parametrize("state", ["paused", "needs_reauthorisation", "disconnected"])
def test_a_shop_that_is_not_synced_is_left_alone(failed, state):
    Shop.objects.update(state=state, state_reason="Because.")
    before = everything()
    with pytest.raises(NotPossible, match=r"so it would fail again\. Because\."):
        services.retry_run(failed, "")
    assert everything() == before


def test_a_window_that_is_being_read_again_is_not_retried_beside_it(shop):
    run = make_failed_run(shop, kind="window", identity="window:24h")
    make_run(shop=shop, kind="window", identity="window:24h")
    with pytest.raises(NotPossible, match=f"Another window run of .* is open. It reads what run {run.pk} could not"):
        services.retry_run(run, "")
