"""Files go back into the tables: in order for each shop, whatever dies in between, and never at the cost of a batch."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from backoffice.common.errors import NotPossible
from orders.models import Order, OrderPayload
from shops.marketplaces.records import Stub
from syncjobs.buffer import ledger, replay
from syncjobs.buffer.files import Folder
from syncjobs.intake import as_listed_only
from syncjobs.models import (
    BatchFileState,
    BufferedBatch,
    Chunk,
    ChunkState,
    FailedRecord,
    Run,
    RunState,
    Watermark,
)
from syncjobs.services import retry_run
from syncjobs.services.buffered import ask_for_replay, replay_buffer
from tests.factories.buffered import make_buffered_run, make_payload, put_batch
from tests.factories.outages import no_database, read_only_database
from tests.factories.sync import WINDOW_END, make_chunk
from tests.syncjobs.buffer.replaying import folders, row
from tests.syncjobs.scripted import stored

pytestmark = pytest.mark.django_db


def test_the_last_batch_of_a_run_makes_it_done_and_moves_its_watermark(chunk, store):
    put_batch(chunk, make_payload("1"), make_payload("2"))
    put_batch(chunk, make_payload("3"))
    outcomes = replay_buffer().outcomes
    assert [outcome.folder for outcome in outcomes] == [None, None]
    assert (stored(), folders(store)) == (["1", "2", "3"], {})
    chunk.refresh_from_db()
    assert (chunk.state, chunk.inserted_count, chunk.buffered_count) == (ChunkState.DONE, 3, 0)
    run = Run.objects.get()
    assert (run.state, run.inserted_count) == (RunState.DONE, 3)
    assert Watermark.objects.get().position_at == WINDOW_END
    assert set(BufferedBatch.objects.values_list("state", flat=True)) == {BatchFileState.STORED}


def test_before_the_last_batch_nothing_is_done(chunk):
    put_batch(chunk, make_payload("1"))
    put_batch(chunk, make_payload("2"))
    replay_buffer(limit=1)
    chunk.refresh_from_db()
    assert (stored(), chunk.state, chunk.buffered_count) == (["1"], ChunkState.BUFFERED, 1)
    assert Run.objects.get().state == RunState.BUFFERED
    assert not Watermark.objects.exists()


def test_orders_say_that_they_came_through_a_replay_and_of_which_run(chunk):
    put_batch(chunk, make_payload("1"))
    replay_buffer()
    assert OrderPayload.objects.get().source == "replay"
    assert Order.objects.get().last_run_id == chunk.run_id


def test_what_was_stored_since_stays(chunk, store):
    """The file is an older reading of an order with the same update time."""
    put_batch(chunk, make_payload("1", buyer_message="read in between"), buffered_at=WINDOW_END + timedelta(hours=1))
    put_batch(chunk, make_payload("1", buyer_message="read first"), buffered_at=WINDOW_END)
    first, _ = store.list_files()
    waiting = store.move(first, Folder.DAMAGED)
    replay_buffer()
    store.move(waiting, Folder.WAITING)
    replay_buffer()
    assert Order.objects.get().buyer_message == "read in between"


def test_what_cannot_be_read_becomes_a_failed_record_with_its_whole_payload(chunk):
    put_batch(chunk, make_payload("1"), {"no": "id"}, None)
    replay_buffer()
    assert stored() == ["1"]
    assert FailedRecord.objects.count() == 2
    chunk.refresh_from_db()
    assert (chunk.state, chunk.unreadable_count) == (ChunkState.DONE, 2)


def test_what_only_a_list_named_does_not_come_out_of_a_file_as_an_order(chunk):
    stub = Stub("1", "detail", make_payload("1"), WINDOW_END)
    put_batch(chunk, as_listed_only(stub, "The call for its details does not give it.").payload)
    replay_buffer()
    kept = FailedRecord.objects.get()
    assert (stored(), kept.external_id, kept.source_updated_at) == ([], "1", WINDOW_END)


def test_each_shops_batches_are_stored_in_the_order_in_which_they_were_read(chunk):
    """Later ones wait for an earlier one that cannot be stored now; other shops' do not."""
    other = make_buffered_run().chunks.get()
    put_batch(chunk, make_payload("1"), mapping="temu.orders")
    put_batch(chunk, make_payload("2"))
    put_batch(other, make_payload("3"))
    replay_buffer()
    assert stored() == ["3"]
    replay_buffer()
    assert stored() == ["3"]
    replay_buffer()  # the third try is the last one; then it stands in nobody's way
    assert stored() == ["2", "3"]


def test_after_three_tries_a_person_must_look_and_nothing_is_lost(chunk, store, monkeypatch):
    put_batch(chunk, make_payload("1"))
    with monkeypatch.context() as broken:
        broken.setattr(replay, "store_batch", lambda *_: 1 / 0)
        for tries in (1, 2, 3):
            assert replay_buffer().outcomes[0].note == "ZeroDivisionError: division by zero"
            assert row().try_count == tries
        assert replay_buffer().outcomes == []
    assert (row().state, row().error) == (BatchFileState.FAILED, "ZeroDivisionError: division by zero")
    assert folders(store) == {"failed": 1}
    assert Run.objects.get().state == RunState.BUFFERED
    ask_for_replay(row())
    replay_buffer()
    assert (stored(), folders(store), row().state) == (["1"], {}, BatchFileState.STORED)
    assert Run.objects.get().state == RunState.DONE


def test_by_hand_what_was_given_up_is_tried_again(chunk, store):
    file = put_batch(chunk, make_payload("1"))
    store.move(file, Folder.FAILED, try_count=3)
    assert replay_buffer().outcomes == []
    assert replay_buffer(failed_too=True, shop_id=chunk.run.shop_id + 1).outcomes == []
    assert len(replay_buffer(failed_too=True, shop_id=chunk.run.shop_id).outcomes) == 1
    assert stored() == ["1"]


def test_a_damaged_file_is_set_aside_and_its_window_can_be_read_again(chunk, store):
    file = put_batch(chunk, make_payload("1"))
    put_batch(chunk, make_payload("2"))
    file.path.write_bytes(file.path.read_bytes()[:-40])
    outcome, _ = replay_buffer().outcomes
    assert (outcome.folder, folders(store), stored()) == (Folder.DAMAGED, {"damaged": 1}, ["2"])
    damaged = BufferedBatch.objects.get(file_name=file.name)
    assert (damaged.state, damaged.shop_id) == (BatchFileState.DAMAGED, chunk.run.shop_id)
    assert "checksum" in damaged.error
    chunk.refresh_from_db()
    run = Run.objects.get()
    assert (chunk.state, run.state) == (ChunkState.FAILED, RunState.FAILED)
    assert "Retry reads the window again" in run.reason
    assert not Watermark.objects.exists()
    assert retry_run(run, "Retried.") == 1
    chunk.refresh_from_db()
    assert ledger.judge(chunk).state == ChunkState.DONE  # once read again, the lost file matters no more


def test_a_damage_found_while_the_chunk_is_still_read_fails_it_at_its_end(chunk):
    Chunk.objects.update(state=ChunkState.DUE)
    file = put_batch(chunk, make_payload("1"))
    file.path.write_bytes(b"")
    replay_buffer()
    chunk.refresh_from_db()
    assert chunk.state == ChunkState.DUE
    assert ledger.judge(chunk).state == ChunkState.FAILED


def test_a_damaged_file_of_nobody_known_is_kept_and_shown(chunk, store):
    file = put_batch(chunk, make_payload("1"), shop_id=10**9, chunk_id=10**9)
    file.path.write_bytes(b"\x00" * 100)
    replay_buffer()
    assert (row().state, row().shop_id, folders(store)) == (BatchFileState.DAMAGED, None, {"damaged": 1})


def test_a_file_that_vanished_is_reported_and_its_window_can_be_read_again(chunk, store):
    file = put_batch(chunk, make_payload("1"))
    ledger.mirror(file, store.read(file)[0])
    file.path.unlink()
    replay_buffer()
    assert (row().state, row().error) == (BatchFileState.DAMAGED, replay.GONE)
    assert Run.objects.get().state == RunState.FAILED


def test_storing_the_same_file_twice_changes_nothing(chunk, store):
    put_batch(chunk, make_payload("1"))
    file = store.list_files()[0]
    kept = file.path.read_bytes()
    replay_buffer()
    file.path.write_bytes(kept)
    replay_buffer()
    assert (stored(), OrderPayload.objects.count(), folders(store)) == (["1"], 1, {})
    chunk.refresh_from_db()
    assert chunk.inserted_count == 1


def test_two_do_not_replay_one_folder_at_once(chunk, store):
    put_batch(chunk, make_payload("1"))
    with store.locked():
        outcome = replay_buffer()
    assert (outcome.is_locked_out, outcome.outcomes, stored()) == (True, [], [])


def test_an_old_chunk_that_is_gone_holds_nothing_up(chunk, store):
    put_batch(chunk, make_payload("1"))
    Run.objects.all().delete()
    replay_buffer()
    assert (stored(), folders(store)) == (["1"], {})


def test_a_cancelled_run_stays_cancelled(chunk):
    Run.objects.update(state=RunState.CANCELLED)
    put_batch(chunk, make_payload("1"))
    replay_buffer()
    assert (stored(), Run.objects.get().state) == (["1"], RunState.CANCELLED)


def test_a_statement_that_the_server_ends_is_a_try_as_the_database_itself_works(chunk, monkeypatch):
    put_batch(chunk, make_payload("1"))

    def time_out(*_):
        raise OperationalError("canceling statement due to statement timeout")

    monkeypatch.setattr(replay, "store_batch", time_out)
    replay_buffer()
    assert row().try_count == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", [no_database, read_only_database])
def test_while_the_database_cannot_be_written_everything_waits_without_a_try(store, how):
    chunk = make_buffered_run().chunks.get()
    put_batch(chunk, make_payload("1"))
    for _ in range(4):
        with how():
            outcome = replay_buffer()
        assert (outcome.is_database_away, outcome.outcomes) == (True, [])
    assert [file.try_count for file in store.list_files(Folder.WAITING)] == [0]
    replay_buffer()
    assert (stored(), folders(store)) == (["1"], {})


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_during_a_pass_costs_no_try(store, monkeypatch):
    chunk = make_buffered_run().chunks.get()
    put_batch(chunk, make_payload("1"))
    mirror = ledger.mirror
    outages = []

    def mirror_and_go(file, *arguments, **changes):
        mirror(file, *arguments, **changes)
        if file.folder is Folder.REPLAYING:
            outage = no_database()
            outage.__enter__()
            outages.append(outage)

    with monkeypatch.context() as going:
        going.setattr(ledger, "mirror", mirror_and_go)
        outcome = replay_buffer()
    outages[0].__exit__(None, None, None)
    assert outcome.is_database_away
    assert [file.try_count for file in store.list_files(Folder.WAITING)] == [0]
    replay_buffer()
    assert stored() == ["1"]


def test_only_what_may_be_tried_again_can_be_asked_for(chunk):
    put_batch(chunk, make_payload("1"))
    replay_buffer()
    with pytest.raises(NotPossible, match="stored"):
        ask_for_replay(row())


def test_it_stops_when_its_time_is_over(chunk):
    put_batch(chunk, make_payload("1"))
    put_batch(chunk, make_payload("2"))
    assert len(replay_buffer(seconds=0).outcomes) == 1
    assert stored() == ["1"]


def test_a_chunk_that_is_read_again_is_not_ended_by_a_replay():
    chunk = make_chunk(state=ChunkState.DUE)
    put_batch(chunk, make_payload("1"))
    replay_buffer()
    chunk.refresh_from_db()
    assert (stored(), chunk.state, Run.objects.get().state) == (["1"], ChunkState.DUE, RunState.OPEN)
