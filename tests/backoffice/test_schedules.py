"""The command: what is scheduled, how it reads, and sending an entry now."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_celery_beat.models import PeriodicTask
from kombu.exceptions import OperationalError as BrokerError

from backoffice.management.commands import schedules
from backoffice.periodic_tasks import ENTRIES, install
from tests.factories.shops import make_app, make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch):
    names: list[str] = []
    monkeypatch.setattr(schedules, "send_now", lambda task: names.append(task.name))
    return names


def show(*arguments):
    out = StringIO()
    call_command("schedules", *arguments, stdout=out)
    return out.getvalue()


def test_it_shows_every_entry_with_its_times():
    install()
    PeriodicTask.objects.filter(name="orders: full").update(enabled=False)
    shown = show()
    assert "Asia/Ho_Chi_Minh (and UTC)" in shown
    for entry in ENTRIES:
        row = next(line for line in shown.splitlines() if f"│ {entry.name} " in line)
        is_off = entry.name == "orders: full" or bool(entry.off)
        assert ("│ off │" in row) == is_off
        assert entry.queue in row and "never" in row
        assert (" UTC)" in row) != is_off


def test_where_nothing_is_scheduled_it_says_what_to_do():
    assert "install_periodic_tasks" in show()


def test_it_says_where_a_quota_stretches_the_schedule():
    install()
    make_shop(app=make_app(name="Tiny", calls_per_day=100))
    make_shop()
    shown = show()
    assert "Tiny (TikTok Shop): for 1 shop the schedule needs" in shown and "90 are allowed" in shown
    assert "Test app" not in shown


def test_it_sends_an_entry_now(sent):
    install()
    assert "Sent 'orders: full' to the workers of queue sweeps." in show("--run", "orders: full")
    assert sent == ["orders: full"]


def test_without_a_broker_nothing_was_sent_and_it_says_so(monkeypatch):
    """Unlike a run, which stands in the database, an entry that was not sent is gone."""
    install()

    def refuse(entry):
        raise BrokerError("refused")

    monkeypatch.setattr(schedules, "send_now", refuse)
    with pytest.raises(CommandError, match="'orders: full' was not sent"):
        show("--run", "orders: full")


def test_an_unknown_name_is_answered_with_the_known_ones(sent):
    install()
    with pytest.raises(CommandError, match=r"Nothing scheduled is called 'full'\. There is: .*orders: full"):
        show("--run", "full")
    assert sent == []
