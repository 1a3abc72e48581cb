"""The management command runs the same sandbox, without a database."""

import threading
from io import StringIO

import pytest
from django.core.management.base import CommandError

from shops.management.commands import run_sandbox
from tests.shops.sandbox.calling import control


def test_it_says_where_it_answers_and_stops(monkeypatch):
    seen = []

    def look(running, announce):
        announce()
        seen.append(control(running.control_url, "GET", "/world").json["seed"])
        running.stop()

    monkeypatch.setattr(run_sandbox, "serve_forever", look)
    out = StringIO()
    command = run_sandbox.Command(stdout=out)
    options = {"port": 0, "seed": 9, "orders": 5, "shops": 1, "now": None, "days": 6}
    command.handle(**options)
    assert seen == [9]
    assert "control  http://127.0.0.1:" in out.getvalue()
    assert command.requires_system_checks == []


def test_a_bad_world_is_a_command_error():
    options = {"port": 0, "seed": 9, "orders": 5, "shops": 0, "now": None, "days": 6}
    with pytest.raises(CommandError, match="number of shops"):
        run_sandbox.Command().handle(**options)
    assert threading.main_thread().is_alive()
