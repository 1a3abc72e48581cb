"""Who may work on a chunk, and what happens to the chunks of workers that are gone."""

import os
import socket
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction

from backoffice.common import clock
from backoffice.common import leases as common_leases
from shops.models import Shop
from syncjobs import leases
from syncjobs.models import Chunk, ChunkState, Lane, Run, RunEvent, RunState
from tests.factories.sync import make_chunk, make_run

HERE = leases.new_owner().rsplit(":", 2)[0]

pytestmark = pytest.mark.django_db
ELSEWHERE = "another-host:1:a"


@pytest.fixture
def dead_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def claim(run_id, owner=ELSEWHERE):
    chunk = leases.claim_next_chunk(owner, run_id=run_id)
    assert chunk is not None
    return chunk


def claim_any():
    chunk = leases.claim_next_chunk(ELSEWHERE)
    assert chunk is not None
    return chunk


def test_a_claim_holds_the_chunk_for_a_while_and_counts_a_try():
    chunk = claim(make_chunk(error="before").run_id)
    assert (chunk.state, chunk.lease_owner, chunk.attempt_count, chunk.error) == (ChunkState.RUNNING, ELSEWHERE, 1, "")
    lasts = timedelta(seconds=settings.SYNC_LEASE_SECONDS)
    assert lasts / 2 < chunk.lease_expires_at - clock.now() <= lasts


def test_a_claimed_chunk_cannot_be_claimed_again():
    chunk = make_chunk()
    claim(chunk.run_id)
    assert leases.claim_next_chunk("other", run_id=chunk.run_id) is None


@pytest.mark.parametrize("facts", [
    {"due_at": clock.now() + timedelta(hours=1)},
    {"state": ChunkState.DONE},
    {"state": ChunkState.FAILED},
    {"state": ChunkState.CANCELLED},
    {"run__state": RunState.CANCELLED},
    {"run__state": RunState.FAILED},
])  # fmt: skip
def test_only_due_chunks_of_open_runs_are_claimed(facts):
    chunk = make_chunk(**facts)
    assert leases.claim_next_chunk(ELSEWHERE, run_id=chunk.run_id) is None
    assert leases.claim_next_chunk(ELSEWHERE) is None
    assert leases.count_due_chunks() == {}
    assert not leases.has_due_chunks(run_id=chunk.run_id)


def test_a_chunk_that_is_cancelled_between_look_and_claim_is_not_claimed(monkeypatch):
    chunk = make_chunk()
    take = common_leases.take

    def cancel_first(rows, *args, **changes):
        Chunk.objects.update(state=ChunkState.CANCELLED)
        return take(rows, *args, **changes)

    monkeypatch.setattr(common_leases, "take", cancel_first)
    assert leases.claim_next_chunk(ELSEWHERE, run_id=chunk.run_id) is None
    assert Chunk.objects.get().state == ChunkState.CANCELLED


def test_the_run_that_was_served_longest_ago_comes_first():
    """A shop with years of days to read does not keep another one's single window waiting."""
    long, short = make_run(), make_run()
    [make_chunk(run=long) for _ in range(3)]
    make_chunk(run=short)
    assert [claim_any().run_id for _ in range(4)] == [long.pk, short.pk, long.pk, long.pk]


def test_lanes_go_in_their_order():
    runs = [make_run(lane=lane) for lane in (Lane.BACKFILL, Lane.INCREMENTAL, Lane.INTERACTIVE, Lane.HIGH)]
    [make_chunk(run=run) for run in runs]
    assert [claim_any().run.lane for _ in runs] == sorted(Lane)


def test_only_the_lanes_asked_for_are_looked_into():
    make_chunk(run__lane=Lane.BACKFILL)
    assert leases.claim_next_chunk(ELSEWHERE, lanes=[Lane.HIGH, Lane.INCREMENTAL]) is None
    assert leases.claim_next_chunk(ELSEWHERE, lanes=[Lane.BACKFILL]) is not None


@pytest.mark.parametrize("state", ["paused", "needs_reauthorisation", "disconnected"])
def test_chunks_of_a_shop_that_is_off_the_schedule_wait_until_it_is_back(state):
    chunk = make_chunk()
    Shop.objects.update(state=state)
    assert leases.claim_next_chunk(ELSEWHERE) is None
    assert (leases.count_due_chunks(), leases.has_due_chunks(run_id=chunk.run_id)) == ({}, False)
    Shop.objects.update(state="active")
    assert claim_any() == chunk


def test_a_forced_run_goes_on_although_its_shop_is_paused():
    chunk = make_chunk(run__is_forced=True, run__shop__state="paused")
    assert claim_any() == chunk


def test_a_run_that_is_full_lets_the_next_one_go_first(settings):
    settings.SYNC_MAX_PARALLEL_TASKS = 1
    full, other = make_run(), make_run()
    [make_chunk(run=full) for _ in range(2)]
    make_chunk(run=other)
    assert [claim_any().run_id, claim_any().run_id] == [full.pk, other.pk]
    assert leases.claim_next_chunk(ELSEWHERE) is None


def test_no_more_chunks_of_a_run_are_held_at_once_than_allowed(settings):
    settings.SYNC_MAX_PARALLEL_TASKS = 2
    run = make_run()
    [make_chunk(run=run) for _ in range(3)]
    first = claim(run.pk)
    claim(run.pk)
    assert leases.claim_next_chunk(ELSEWHERE, run_id=run.pk) is None
    leases.end(first, ELSEWHERE, ChunkState.DONE)
    claim(run.pk)


@pytest.mark.django_db(transaction=True)
def test_of_many_claimers_one_wins():
    run_id = make_chunk().run_id
    gate, won = threading.Barrier(6), []

    def try_to_claim(number):
        try:
            gate.wait()
            won.append(leases.claim_next_chunk(f"owner-{number}", run_id=run_id))
        finally:
            connection.close()

    threads = [threading.Thread(target=try_to_claim, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [chunk for chunk in won if chunk]
    assert (len(won), len(winners)) == (6, 1)
    assert (Chunk.objects.get().lease_owner, Chunk.objects.get().attempt_count) == (winners[0].lease_owner, 1)


@pytest.mark.django_db(transaction=True)
def test_claimers_at_once_share_the_chunks_and_keep_to_the_limit(settings):
    settings.SYNC_MAX_PARALLEL_TASKS = 2
    run = make_run()
    [make_chunk(run=run) for _ in range(6)]
    gate, won = threading.Barrier(6), []

    def try_to_claim():
        try:
            gate.wait()
            won.append(leases.claim_next_chunk(leases.new_owner(), run_id=run.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=try_to_claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({chunk.pk for chunk in won if chunk}) == len([chunk for chunk in won if chunk]) == 2


@pytest.mark.django_db(transaction=True)
def test_a_chunk_that_is_committed_late_is_claimed_although_later_ones_are_done():
    """Numbers are given at insert and seen at commit: who read on from the last number would never see it."""
    inserted, later_one_is_done = threading.Event(), threading.Event()
    run = make_run()

    def insert_and_commit_late():
        try:
            with transaction.atomic():
                make_chunk(run=run)
                inserted.set()
                later_one_is_done.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=insert_and_commit_late)
    thread.start()
    inserted.wait(30)
    later = claim(make_chunk(run=make_run()).run_id)
    leases.end(later, ELSEWHERE, ChunkState.DONE)
    later_one_is_done.set()
    thread.join()
    late = claim_any()
    assert late.pk < later.pk


def test_a_heartbeat_extends_the_lease_and_adds_to_the_counts():
    chunk = claim(make_chunk(fetched_count=5).run_id)
    Chunk.objects.update(lease_expires_at=clock.now())
    leases.keep(chunk, ELSEWHERE, {"fetched_count": 10, "call_seconds": 0.5, "updated_count": 0})
    chunk.refresh_from_db()
    assert (chunk.fetched_count, chunk.call_seconds, chunk.updated_count) == (15, 0.5, 0)
    assert chunk.lease_expires_at > clock.now() + timedelta(seconds=170)


def test_nothing_can_be_done_with_a_lease_that_was_handed_on():
    chunk = claim(make_chunk().run_id)
    Chunk.objects.update(lease_owner="next:1:b")
    with pytest.raises(leases.LeaseLost):
        leases.keep(chunk, ELSEWHERE, {"fetched_count": 1})
    with pytest.raises(leases.LeaseLost):
        leases.end(chunk, ELSEWHERE, ChunkState.DONE)
    with pytest.raises(leases.LeaseLost):
        leases.end(chunk, ELSEWHERE, ChunkState.FAILED, error="broken")
    with pytest.raises(leases.LeaseLost):
        leases.give_back(chunk, ELSEWHERE, error="", due_at=clock.now())
    chunk.refresh_from_db()
    assert (chunk.state, chunk.lease_owner, chunk.fetched_count) == (ChunkState.RUNNING, "next:1:b", 0)


def test_a_chunk_that_is_given_back_is_due_later_and_nobodys():
    chunk = claim(make_chunk().run_id)
    due_at = clock.now() + timedelta(minutes=5)
    leases.give_back(chunk, ELSEWHERE, error="It broke.", due_at=due_at)
    chunk.refresh_from_db()
    assert (chunk.state, chunk.due_at, chunk.error, chunk.attempt_count) == (ChunkState.DUE, due_at, "It broke.", 1)
    assert (chunk.lease_owner, chunk.lease_expires_at) == ("", None)


def test_a_lease_that_ran_out_is_returned_as_due_and_the_try_counts():
    chunk = claim(make_chunk().run_id)
    Chunk.objects.update(lease_expires_at=clock.now() - timedelta(seconds=1))
    assert leases.reap_lost_chunks() == 1
    chunk.refresh_from_db()
    assert (chunk.state, chunk.attempt_count, chunk.lease_owner) == (ChunkState.DUE, 1, "")
    assert "ended without a word" in chunk.error
    event = RunEvent.objects.get()
    assert (event.run_id, event.chunk_number, event.text) == (chunk.run_id, chunk.number, chunk.error)
    assert claim(chunk.run_id, "next").attempt_count == 2


def test_the_last_try_of_a_lost_worker_fails_the_chunk(settings):
    chunk = claim(make_chunk(attempt_count=settings.SYNC_MAX_ATTEMPTS - 1).run_id)
    Chunk.objects.update(lease_expires_at=clock.now() - timedelta(seconds=1))
    assert leases.reap_lost_chunks() == 1
    chunk.refresh_from_db()
    assert (chunk.state, chunk.lease_owner) == (ChunkState.FAILED, "")
    assert chunk.finished_at is not None


def test_a_chunk_of_a_dead_process_here_is_returned_before_its_lease_ends(dead_process):
    chunk = claim(make_chunk().run_id, f"{HERE}:{dead_process}:a")
    assert leases.reap_lost_chunks() == 1
    chunk.refresh_from_db()
    assert chunk.state == ChunkState.DUE


@pytest.mark.parametrize("process", [os.getpid(), 1], ids=["ours", "of another user"])
def test_a_chunk_of_a_living_process_here_is_left_alone(process):
    claim(make_chunk().run_id, f"{HERE}:{process}:a")
    assert leases.reap_lost_chunks() == 0


@pytest.mark.parametrize("place", ["another-host", f"{socket.gethostname()}/1"], ids=["host", "container"])
def test_a_dead_process_number_of_another_place_says_nothing(dead_process, place):
    claim(make_chunk().run_id, f"{place}:{dead_process}:a")
    assert leases.reap_lost_chunks() == 0


def test_a_chunk_that_is_lost_in_both_ways_is_returned_once(dead_process):
    claim(make_chunk().run_id, f"{HERE}:{dead_process}:a")
    Chunk.objects.update(lease_expires_at=clock.now() - timedelta(seconds=1))
    assert (leases.reap_lost_chunks(), leases.reap_lost_chunks()) == (1, 0)


def test_owners_are_named_by_host_and_process_and_never_equal():
    one, other = leases.new_owner(), leases.new_owner()
    assert one != other
    assert one.startswith(f"{HERE}:{os.getpid()}:")


def test_due_chunks_are_counted_by_lane():
    first, second = make_run(), make_run(lane=Lane.BACKFILL)
    [make_chunk(run=first) for _ in range(2)]
    [make_chunk(run=second) for _ in range(3)]
    make_chunk(run=second, due_at=clock.now() + timedelta(minutes=5))
    assert leases.count_due_chunks() == {Lane.INCREMENTAL: 2, Lane.BACKFILL: 3}
    assert leases.count_due_chunks([second.pk]) == {Lane.BACKFILL: 3}
    Run.objects.filter(pk=first.pk).update(state=RunState.STOPPED)
    assert leases.count_due_chunks() == {Lane.BACKFILL: 3}


def test_what_becomes_due_soon_is_known():
    now = clock.now()
    make_chunk(due_at=now + timedelta(seconds=90))
    soon = make_chunk(due_at=now + timedelta(seconds=40))
    assert leases.find_next_due([Lane.INCREMENTAL], before=now + timedelta(seconds=60)) == soon.due_at
    assert leases.find_next_due([Lane.INCREMENTAL], before=now + timedelta(seconds=30)) is None
    assert leases.find_next_due([Lane.BACKFILL], before=now + timedelta(seconds=60)) is None
