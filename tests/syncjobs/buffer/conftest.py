"""A folder of the test's own for buffered batches."""

import pytest

from syncjobs.buffer.files import BatchStore
from syncjobs.buffer.ledger import open_store
from syncjobs.models import Chunk
from tests.factories.buffered import make_buffered_run


@pytest.fixture(autouse=True)
def store(settings, tmp_path) -> BatchStore:
    settings.SYNC_BUFFER_DIR = tmp_path / "buffer"
    return open_store()


@pytest.fixture
def chunk(db) -> Chunk:
    return make_buffered_run().chunks.get()
