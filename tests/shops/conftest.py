"""A sandbox for those who want real HTTP, and a way not to wait."""

import pytest

from backoffice.common import clock
from tests.factories.sandboxes import sandbox, started_sandbox  # noqa: F401  fixtures


@pytest.fixture
def waits(monkeypatch):
    """Collect the seconds that the code would sleep."""
    asked: list[float] = []
    monkeypatch.setattr(clock, "sleep", asked.append)
    return asked
