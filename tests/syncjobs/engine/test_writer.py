"""What the reader does while the database is away: batches go to files, and the chunk closes as the files allow."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.db import connection

from backoffice.common import clock
from orders.models import Order
from shops.marketplaces.records import UnreadableRecord
from syncjobs import leases
from syncjobs.buffer.files import BatchStore, Folder
from syncjobs.engine.runner import work_on_chunk
from syncjobs.engine.worker import work_on_run
from syncjobs.engine.writer import BatchWriter
from syncjobs.models import BatchFileState, BufferedBatch, Chunk, ChunkState, Run, RunState, Watermark
from syncjobs.services import start_run
from syncjobs.services.buffered import replay_buffer
from tests.factories.outages import cut_connections, no_database, read_only_database
from tests.factories.records import make_order
from tests.factories.sync import make_chunk
from tests.syncjobs.scripted import page, stored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.SYNC_BUFFER_DIR = tmp_path / "buffer"
    settings.SYNC_BATCH_SIZE_ORDERS = 1
    return BatchStore(settings.SYNC_BUFFER_DIR)


@pytest.fixture
def chunk(db):
    return make_chunk()


@pytest.fixture
def outage() -> Iterator[ExitStack]:
    """Holds an outage that begins and ends between two answers of the marketplace."""
    with ExitStack() as stack:
        yield stack


def orders(*numbers):
    return [make_order(f"order-{number}", payload={"id": f"order-{number}"}) for number in numbers]


def begin(outage, how, answer):
    """A step of the script: the database goes away while the marketplace answers."""

    def step():
        outage.enter_context(how())
        return answer

    return step


def end(outage, answer):
    def step():
        outage.close()
        return answer

    return step


def bad_page():
    return page(*orders(3), UnreadableRecord({"odd": 1}, "no id"), next_token="d")


@pytest.mark.parametrize("how", [no_database, read_only_database])
def test_batches_go_to_files_and_back_to_the_tables_as_the_database_goes_and_comes(chunk, work, store, outage, how):
    work(
        chunk,
        page(*orders(1), next_token="b"),
        begin(outage, how, page(*orders(2), next_token="c")),
        *(bad_page() for _ in range(2)),  # it is asked for again
        end(outage, page(*orders(4), total=5)),
    )
    assert stored() == ["order-1", "order-4"]
    files = store.list_files(Folder.WAITING)
    assert [store.read(file)[1] for file in files] == [
        [{"id": "order-2"}], [{"id": "order-3"}, {"id": "order-3"}, {"odd": 1}]  # both readings
    ]  # fmt: skip
    facts, _ = store.read(files[0])
    assert (facts.shop_id, facts.run_id, facts.chunk_id) == (chunk.run.shop_id, chunk.run_id, chunk.pk)
    assert (facts.mapping, facts.source) == ("tiktok.orders", "poll")
    assert facts.error
    assert (chunk.state, chunk.buffered_count, chunk.fetched_count) == (ChunkState.BUFFERED, 4, 6)
    assert (chunk.call_count, chunk.inserted_count, chunk.lease_owner) == (5, 2, "")
    assert set(BufferedBatch.objects.values_list("file_name", "state", "chunk_id", "record_count")) == {
        (files[0].name, BatchFileState.WAITING, chunk.pk, 1), (files[1].name, BatchFileState.WAITING, chunk.pk, 3)
    }  # fmt: skip


def test_a_blip_is_outlived_without_a_file(chunk, work, store, waits):
    def blip():
        cut_connections()
        return page(*orders(1))

    work(chunk, blip)
    assert (stored(), store.list_files(), chunk.state) == (["order-1"], [], ChunkState.DONE)
    assert waits == [1]


def test_the_watermark_waits_for_the_files(chunk, work, outage):
    work(
        chunk,
        begin(outage, no_database, page(*orders(1), next_token="b")),
        end(outage, page(*orders(2))),
    )
    work_on_run(chunk.run_id, seconds=0)
    assert Run.objects.get().state == RunState.BUFFERED
    assert not Watermark.objects.exists()


def test_where_there_is_no_room_the_chunk_waits_without_a_try(chunk, work, store, outage, settings, monkeypatch):
    settings.SYNC_BUFFER_MIN_FREE_MB = 10**9
    waits_until_it_is_back(monkeypatch, outage)
    work(chunk, begin(outage, no_database, page(*orders(1), next_token="b")))
    assert (chunk.state, chunk.attempt_count, chunk.position, store.list_files()) == (ChunkState.DUE, 0, None, [])
    assert "SYNC_BUFFER_MIN_FREE_MB" in chunk.error
    assert chunk.due_at > clock.now()


def test_switched_off_it_keeps_nothing_in_files(chunk, work, store, outage, settings, monkeypatch):
    settings.SYNC_BUFFER_ENABLED = False
    waits_until_it_is_back(monkeypatch, outage)
    work(chunk, begin(outage, no_database, page(*orders(1), next_token="b")))
    assert (chunk.state, chunk.attempt_count, store.list_files()) == (ChunkState.DUE, 0, [])


def waits_until_it_is_back(monkeypatch, outage):
    """The database comes back while the worker waits for it to tell what became of the chunk."""
    asked: list[float] = []

    def sleep(seconds):
        asked.append(seconds)
        if len([one for one in asked if one]) == 3:
            outage.close()

    monkeypatch.setattr(clock, "sleep", sleep)


def test_it_reads_on_without_heartbeats_only_as_long_as_the_lease_lasts(chunk, work, store, outage, monkeypatch):
    waits_until_it_is_back(monkeypatch, outage)
    began = clock.monotonic_seconds()

    def later():
        monkeypatch.setattr(clock, "monotonic_seconds", lambda: began + 10_000)
        return page(*orders(3), next_token="d")

    work(
        chunk,
        page(*orders(1), next_token="b"),
        begin(outage, no_database, page(*orders(2), next_token="c")),
        later,
    )
    assert (chunk.state, chunk.attempt_count, chunk.position) == (ChunkState.DUE, 0, None)
    assert len(store.list_files()) == 1
    assert BufferedBatch.objects.get().chunk_id == chunk.pk


def test_whoever_lost_the_chunk_meanwhile_closes_nothing(chunk, work, store, outage):
    def taken():
        outage.close()
        Chunk.objects.update(lease_owner="there:2:b")
        return page(*orders(2))

    work(chunk, begin(outage, no_database, page(*orders(1), next_token="b")), taken)
    assert (chunk.state, chunk.lease_owner, stored()) == (ChunkState.RUNNING, "there:2:b", [])
    assert len(store.list_files()) == 1


def test_a_chunk_that_goes_on_elsewhere_waits_for_the_files_of_the_first_worker(
    chunk, work, outage, settings, monkeypatch
):
    """The database is back as soon as the batch is in its file; then the chunk has had its share of time."""
    put = BatchWriter._put

    def put_and_end(*arguments):
        put(*arguments)
        outage.close()

    monkeypatch.setattr(BatchWriter, "_put", put_and_end)
    settings.SYNC_JOB_SECONDS = 0
    work(chunk, begin(outage, no_database, page(*orders(1), next_token="b")))
    assert (chunk.state, chunk.position["token"], stored()) == (ChunkState.DUE, "b", [])
    assert BufferedBatch.objects.get().state == BatchFileState.WAITING
    work(chunk, page(*orders(2), total=2))
    assert (chunk.state, chunk.buffered_count, stored()) == (ChunkState.BUFFERED, 1, ["order-2"])


def test_files_that_a_replay_stored_before_the_end_hold_nothing_up(chunk, work, store, outage, monkeypatch):
    def replayed():
        outage.close()
        (file,) = store.list_files(Folder.WAITING)
        replay_buffer()
        assert BufferedBatch.objects.get(file_name=file.name).state == BatchFileState.STORED
        return page(*orders(2))

    work(chunk, begin(outage, no_database, page(*orders(1), next_token="b")), replayed)
    assert (chunk.state, chunk.buffered_count, store.list_files()) == (ChunkState.DONE, 0, [])


@pytest.mark.parametrize("how", [no_database, read_only_database])
def test_after_an_outage_in_the_middle_of_a_sync_everything_is_here_as_it_is_there(
    sandbox, settings, outage, how, monkeypatch
):
    settings.SYNC_CHUNK_DAYS = 30
    settings.SYNC_BATCH_SIZE_ORDERS = 50
    shop = sandbox.connect()[0]
    run = start_run(shop, kind="incremental", trigger="command")
    assert run is not None
    chunk = leases.claim_next_chunk("here:1:a", run_id=run.pk)
    assert chunk is not None
    calls = iter(range(100))
    keep_lease = BatchWriter.keep_lease

    def strike(self):
        keep_lease(self)
        call = next(calls)
        if call == 1:
            outage.enter_context(how())
        if call == 3:
            outage.close()

    monkeypatch.setattr(BatchWriter, "keep_lease", strike)
    work_on_chunk(chunk, "here:1:a")
    chunk.refresh_from_db()
    assert (chunk.state, chunk.buffered_count > 0) == (ChunkState.BUFFERED, True)
    work_on_run(run.pk, seconds=60)
    assert not sandbox.compare(shop).is_equal
    replay_buffer()
    assert sandbox.compare(shop).is_equal
    run.refresh_from_db()
    assert (run.state, run.buffered_count) == (RunState.DONE, 0)
    assert run.inserted_count == Order.objects.count()
    assert Watermark.objects.get().position_at == run.window_end


def test_nothing_of_this_leaves_the_database_closed():
    with connection.cursor() as cursor:
        cursor.execute("SHOW default_transaction_read_only")
        assert cursor.fetchone() == ("off",)
