"""No waiting."""

import pytest

from backoffice.common import clock


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """Collect the seconds that the code would sleep."""
    asked: list[float] = []
    monkeypatch.setattr(clock, "sleep", asked.append)
    return asked
