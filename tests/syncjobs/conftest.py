"""No waiting; and a sandbox for those who want real HTTP."""

import pytest

from backoffice.common import clock
from orders.models import Order
from syncjobs.engine.worker import work_on_run
from syncjobs.models import Run, RunState
from syncjobs.services import start_run
from tests.factories.sandboxes import ORDERS, sandbox, started_sandbox  # noqa: F401  fixtures


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """Collect the seconds that the code would sleep."""
    asked: list[float] = []
    monkeypatch.setattr(clock, "sleep", asked.append)
    return asked


@pytest.fixture
def stored_shop(sandbox, settings):  # noqa: F811  the fixture of that name
    """A shop of the sandbox with every order here."""
    settings.REQUEST_BACKOFF_SECONDS = 0
    settings.SYNC_CHUNK_DAYS = 30
    connected = sandbox.connect()[0]
    run = start_run(connected, kind="incremental", trigger="command")
    assert run is not None
    work_on_run(run.pk, seconds=60)
    assert (Run.objects.get().state, Order.objects.count()) == (RunState.DONE, ORDERS // 2)
    return connected
