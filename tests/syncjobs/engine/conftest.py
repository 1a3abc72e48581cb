"""A chunk in hand and a script to read it from."""

import pytest

from syncjobs import leases
from syncjobs.engine import runner
from syncjobs.engine.runner import work_on_chunk
from tests.factories.sync import make_chunk
from tests.syncjobs.scripted import ScriptedConnector


@pytest.fixture
def chunk(db):
    return make_chunk()


@pytest.fixture(autouse=True)
def no_jitter(monkeypatch):
    monkeypatch.setattr("random.random", lambda: 0.0)


@pytest.fixture
def work(monkeypatch):
    """Claim the chunk and work on it with a connector that answers from the script; return the connector."""

    def run(chunk, *script):
        connector = ScriptedConnector(*script)
        monkeypatch.setattr(runner, "open_connection", connector.connect)
        claimed = leases.claim_next_chunk("here:1:a", run_id=chunk.run_id)
        assert claimed is not None and claimed.pk == chunk.pk
        work_on_chunk(claimed, "here:1:a")
        chunk.refresh_from_db()
        return connector

    return run
