"""A host that kept batches in files stores them as soon as one of its workers starts, whatever queues it serves."""

import time

import pytest

from orders.models import Order
from syncjobs.buffer.files import BatchStore
from syncjobs.models import Run, RunState
from syncjobs.tasks import wake_replay
from tests.end_to_end.workers import running_worker
from tests.factories.buffered import make_buffered_run, make_payload, put_batch

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 30


def wait_for_orders(*external_ids: str) -> bool:
    for _ in range(SECONDS * 10):
        if set(Order.objects.values_list("external_id", flat=True)) == set(external_ids):
            return True
        time.sleep(0.1)
    return False


def test_a_worker_replays_at_its_start_and_whenever_every_host_is_asked(settings, tmp_path, monkeypatch):
    settings.SYNC_BUFFER_DIR = tmp_path / "buffer"
    monkeypatch.setenv("SYNC_BUFFER_DIR", str(settings.SYNC_BUFFER_DIR))
    put_batch(make_buffered_run().chunks.get(), make_payload("1"))
    with running_worker("--queues", "webhooks"):
        assert wait_for_orders("1")
        put_batch(make_buffered_run().chunks.get(), make_payload("2"))
        wake_replay()
        assert wait_for_orders("1", "2")
        for _ in range(SECONDS * 10):  # the files go last
            if not BatchStore(settings.SYNC_BUFFER_DIR).list_files():
                break
            time.sleep(0.1)
    assert BatchStore(settings.SYNC_BUFFER_DIR).list_files() == []
    assert set(Run.objects.values_list("state", flat=True)) == {RunState.DONE}
