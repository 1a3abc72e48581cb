"""Whatever dies while files go back into the tables, no batch is lost or stored twice, and no run waits for ever."""

import pytest

from orders.models import OrderPayload
from syncjobs.buffer import ledger, replay
from syncjobs.buffer.files import BatchStore, Folder
from syncjobs.models import (
    BatchFileState,
    ChunkState,
    Run,
    RunState,
)
from syncjobs.services import close_ended_runs
from syncjobs.services.buffered import replay_buffer
from tests.factories.buffered import make_payload, put_batch
from tests.syncjobs.buffer.replaying import folders, row
from tests.syncjobs.scripted import stored

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """What no handler of the product catches: the process is gone at this line."""


def kill(*_, **__):
    raise Killed


@pytest.mark.parametrize(("module", "name", "is_stored"), [
    (replay, "store_batch", False),  # the file was moved, nothing is written
    (ledger, "mark_stored", False),  # the rows are written, but not the file's row: nothing is committed
    (replay, "_finish", True),  # all is committed, the chunk is not settled
    (ledger, "settle_chunk", True),
    (BatchStore, "remove", True),  # all is done, the file is still there
])  # fmt: skip
def test_dying_at_any_step_loses_and_doubles_nothing(chunk, store, monkeypatch, module, name, is_stored):
    put_batch(chunk, make_payload("1"))
    with monkeypatch.context() as dying, pytest.raises(Killed):
        dying.setattr(module, name, kill)
        replay_buffer()
    assert folders(store) == {"replaying": 1}
    assert stored() == (["1"] if is_stored else [])
    replay_buffer()
    assert (stored(), folders(store), row().state) == (["1"], {}, BatchFileState.STORED)
    chunk.refresh_from_db()
    assert (chunk.state, chunk.inserted_count, Run.objects.get().state) == (ChunkState.DONE, 1, RunState.DONE)
    assert OrderPayload.objects.count() == 1


@pytest.mark.parametrize(("is_gone", "module", "name"), [
    (False, ledger, "mirror"), (False, ledger, "settle_chunk"), (True, ledger, "settle_chunk"),
])  # fmt: skip
def test_dying_while_a_lost_batch_is_reported_leaves_no_run_waiting_for_ever(
    chunk, store, monkeypatch, is_gone, module, name
):
    file = put_batch(chunk, make_payload("1"))
    ledger.mirror(file, store.read(file)[0])
    if is_gone:
        file.path.unlink()
    else:
        file.path.write_bytes(b"")

    def dies(subject, *_, **__):
        if name != "mirror" or subject.folder is Folder.DAMAGED:
            raise Killed

    with monkeypatch.context() as dying, pytest.raises(Killed):
        dying.setattr(module, name, dies)
        replay_buffer()
    replay_buffer()
    close_ended_runs()
    chunk.refresh_from_db()
    assert (chunk.state, Run.objects.get().state) == (ChunkState.FAILED, RunState.FAILED)


def test_dying_between_the_end_of_a_chunk_and_of_its_run_leaves_no_run_waiting_for_ever(chunk, store):
    ledger.settle_chunk(chunk.pk)
    assert Run.objects.get().state == RunState.BUFFERED
    assert close_ended_runs() == 1
    assert Run.objects.get().state == RunState.DONE


def test_the_sweep_leaves_alone_what_waits_in_files(chunk, store):
    file = put_batch(chunk, make_payload("1"))
    ledger.mirror(file, store.read(file)[0])
    assert close_ended_runs() == 0
    chunk.refresh_from_db()
    assert (chunk.state, Run.objects.get().state) == (ChunkState.BUFFERED, RunState.BUFFERED)


def test_whoever_dies_at_a_batch_three_times_dies_at_it_no_more(chunk, store, monkeypatch):
    put_batch(chunk, make_payload("1"))
    monkeypatch.setattr(replay, "store_batch", kill)
    for _ in range(3):
        with pytest.raises(Killed):
            replay_buffer()
    assert replay_buffer().outcomes == []
    assert (row().state, row().try_count, folders(store)) == (BatchFileState.FAILED, 3, {"failed": 1})
