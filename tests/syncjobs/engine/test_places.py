"""A chunk that was set aside goes on where it was, and still knows whether its list was whole."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from backoffice.common import clock
from orders.models import Order
from shops.connections import Postponed
from shops.marketplaces import errors
from shops.marketplaces.records import UnreadableRecord
from syncjobs import leases
from syncjobs.engine import reader, writer
from syncjobs.intake import store_batch
from syncjobs.models import BufferedBatch, Chunk, ChunkState, Run
from tests.syncjobs.scripted import orders, page, stored

pytestmark = pytest.mark.django_db


def test_a_long_chunk_makes_room_for_others_and_goes_on_where_it_was(chunk, work, settings, monkeypatch):
    settings.SYNC_JOB_SECONDS = 300
    moments = iter(range(0, 100_000, 200))
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: float(next(moments)))
    work(chunk, page(*orders(1, 2), next_token="b", total=5))
    assert (chunk.state, chunk.attempt_count, chunk.error, stored()) == (ChunkState.DUE, 0, "", ["order-1", "order-2"])
    connector = work(chunk, page(*orders(3, 4), next_token="c", total=5))
    assert [token for _, token in connector.asked] == ["b"]
    connector = work(chunk, page(*orders(5), total=5))
    assert [token for _, token in connector.asked] == ["c"]
    assert (chunk.state, chunk.attempt_count, chunk.position, chunk.seen_ids) == (ChunkState.DONE, 1, None, None)
    assert (Order.objects.count(), chunk.fetched_count) == (5, 5)
    assert chunk.worked_seconds > 300


def test_a_list_that_showed_too_few_over_several_jobs_is_read_again(chunk, work):
    """What was seen before the pause counts: a pause must not make a list look whole, nor one that is whole broken."""
    work(chunk, page(*orders(1, 2), next_token="b", total=4), Postponed(600, "Too many calls."))
    Chunk.objects.update(due_at=clock.now())
    again = page(*orders(1, 2), next_token="b", total=4), page(*orders(3, 4), total=4)
    connector = work(chunk, page(*orders(3), total=4), *again)
    assert [token for _, token in connector.asked] == ["b", "", "b"]
    assert (chunk.state, len(stored())) == (ChunkState.DONE, 4)


@pytest.mark.parametrize("error", [
    errors.BadRequest("page_token is not valid"), errors.UnreadableAnswer("The list counts 2 rows and shows none."),
])  # fmt: skip
def test_a_kept_page_that_is_not_there_any_more_is_read_from_the_start(chunk, work, settings, error):
    settings.MAX_REQUEST_RETRIES = 0
    work(chunk, page(*orders(1), next_token="b", total=2), Postponed(600, "Too many calls."))
    Chunk.objects.update(due_at=clock.now())
    connector = work(chunk, error, page(*orders(1), next_token="c", total=2), page(*orders(2)))
    assert [token for _, token in connector.asked] == ["b", "", "c"]
    assert (chunk.state, chunk.attempt_count, stored()) == (ChunkState.DONE, 1, ["order-1", "order-2"])


class Killed(BaseException):
    """The process is gone at once: nothing of it is told to anybody."""


def test_a_killed_worker_costs_the_pages_since_its_place_was_last_kept(chunk, work, settings, monkeypatch):
    """Else a window of many pages would begin anew with each kill, until its tries are used up."""
    settings.SYNC_BATCH_SIZE_ORDERS = 1
    moments = iter(range(0, 100_000, 2))
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: float(next(moments)))

    def die():
        raise Killed

    with pytest.raises(Killed):
        work(chunk, page(*orders(1), next_token="b", total=3), page(*orders(2), next_token="c", total=3), die)
    Chunk.objects.update(lease_expires_at=clock.now())
    assert leases.reap_lost_chunks() == 1
    connector = work(chunk, page(*orders(3), total=3))
    assert [token for _, token in connector.asked] == ["c"]
    assert (chunk.state, chunk.attempt_count, stored()) == (ChunkState.DONE, 2, ["order-1", "order-2", "order-3"])


def test_whoever_goes_on_after_a_kill_waits_for_the_files_before_its_place(
    chunk, work, settings, monkeypatch, tmp_path
):
    settings.SYNC_BUFFER_DIR, settings.SYNC_BATCH_SIZE_ORDERS = tmp_path, 1
    moments = iter(range(0, 100_000, 2))
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: float(next(moments)))
    store, outages = store_batch, [OperationalError("gone"), OperationalError("gone")]

    def store_after_outages(*args):
        if outages:
            raise outages.pop()
        return store(*args)

    def die():
        raise Killed

    monkeypatch.setattr(writer, "store_batch", store_after_outages)
    monkeypatch.setattr(writer, "is_outage", lambda error: True)
    monkeypatch.setattr(writer, "drop_broken_connection", lambda: None)
    with pytest.raises(Killed):
        work(chunk, page(*orders(1), next_token="b", total=3), page(*orders(2), next_token="c", total=3), die)
    Chunk.objects.update(lease_expires_at=clock.now())
    leases.reap_lost_chunks()
    work(chunk, page(*orders(3), total=3))
    assert (chunk.state, stored()) == (ChunkState.BUFFERED, ["order-2", "order-3"])
    assert BufferedBatch.objects.get().chunk_id == chunk.pk


def test_a_stop_keeps_what_was_read_and_the_place(chunk, work, monkeypatch):
    """Less than a batch was read: it is written before the place is noted, else it would be passed over."""
    asked_to_stop = iter([False, True])
    monkeypatch.setattr(reader, "is_stopping", lambda: next(asked_to_stop, False))
    work(chunk, page(*orders(1), next_token="b", total=2))
    assert (chunk.state, stored(), chunk.position["token"]) == (ChunkState.DUE, ["order-1"], "b")
    connector = work(chunk, page(*orders(2), total=2))
    assert [token for _, token in connector.asked] == ["b"]
    assert chunk.state == ChunkState.DONE


def test_after_an_error_of_our_own_the_window_is_read_from_its_start(chunk, work):
    work(chunk, page(*orders(1), next_token="b", total=2), Postponed(600, "Too many calls."))
    Chunk.objects.update(due_at=clock.now())
    work(chunk, ValueError("the page makes no sense"))
    assert (chunk.position, chunk.seen_ids) == (None, None)


def test_a_list_that_is_read_from_its_start_again_counts_its_unreadable_records_anew(chunk, work):
    """Set aside behind the last page of a second reading: counted twice, they would stand in for a missing order."""
    position = {"query": 0, "reading": 2, "token": "", "unreadable": 1, "counted": 3, "most_counted": 3}
    Chunk.objects.update(position=position, seen_ids=b"")
    broken = UnreadableRecord({"no": "id"}, "no id")
    work(chunk, *[page(*orders(1), broken, total=3)] * 3)
    assert chunk.state == ChunkState.DUE
    assert "counts 3 orders in this window but showed 2" in chunk.error


def test_a_window_that_is_not_over_by_this_workers_clock_is_not_read_yet(chunk, work, settings):
    """The clock of whoever planned it is ahead: read now, it would lack what changes until its end."""
    settings.SYNC_END_GUARD_SECONDS = 60
    end = clock.now() + timedelta(minutes=10)
    Run.objects.update(window_end=end)
    Chunk.objects.update(window_end=end)
    connector = work(chunk)
    assert (connector.asked, chunk.state, chunk.attempt_count) == ([], ChunkState.DUE, 0)
    assert end <= chunk.due_at <= end + timedelta(seconds=61)
    assert "clock" in chunk.error
