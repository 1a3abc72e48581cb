"""The command that asks for package numbers, and the tasks of the schedule that do the same."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from backoffice.common import clock, stopping
from orders.models import Shipment
from syncjobs import tasks
from syncjobs.enrichment import queue, worker
from syncjobs.models import EnrichmentTally, EnrichmentTask
from tests.syncjobs.enrichment.packages import PackageConnector, make_package, make_tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def connector(monkeypatch):
    connector = PackageConnector({number: [make_package(f"p{number}", number)] for number in "1234"})
    monkeypatch.setattr(worker, "open_connection", connector.connect)
    return connector


@pytest.fixture
def sent(monkeypatch):
    sent: list[str] = []
    for task in (tasks.enrich, tasks.find_enrichment):
        monkeypatch.setattr(task, "apply_async", lambda *_, queue, **__: sent.append(queue))
    monkeypatch.setattr(tasks, "count_messages", lambda: {"enrichment": 0})
    return sent


def run(*arguments):
    out = StringIO()
    call_command("run_enrichment_worker", *arguments, stdout=out)
    return out.getvalue()


def test_once_it_asks_for_what_is_due_and_ends(shop, connector):
    make_tasks(shop, "1", "2", "5")
    shown = run("--once")
    assert "Done: package numbers found for 2 of 3 orders, 1 waits for another try." in shown
    assert set(Shipment.objects.values_list("external_id", flat=True)) == {"p1", "p2"}
    assert "No order is due for a package number." in run("--once")


def test_it_ends_after_so_many_orders(shop, connector, settings):
    settings.ENRICHMENT_BATCH_SIZE = 1
    make_tasks(shop, "1", "2", "3")
    assert "2 of 2 orders" in run("--max-tasks", "2")
    assert EnrichmentTask.objects.filter(status="pending").count() == 1


def test_it_waits_for_more_until_it_is_asked_to_end(shop, connector, monkeypatch):
    waits = []

    def wait(owner, seconds):
        waits.append(seconds)
        if len(waits) == 1:
            make_tasks(shop, "1")
        else:
            stopping.request_stop()
        return []

    monkeypatch.setattr(queue, "wait_for_hint", wait)
    shown = run()
    assert "Waiting for orders without package number" in shown
    assert "Stopped: package numbers found for 1 of 1 order." in shown


@pytest.mark.parametrize("most", ["0", "-3"])
def test_nonsense_is_refused(most):
    with pytest.raises(CommandError, match="leaves nothing to do"):
        run("--max-tasks", most)


def test_a_stop_between_two_calls_gives_the_rest_back_at_once(shop, connector, monkeypatch):
    make_tasks(shop, *"123456789")
    fetch = PackageConnector.fetch_details

    def fetch_and_stop(self, resource, stubs):
        stopping.request_stop()
        return fetch(self, resource, stubs)

    monkeypatch.setattr(PackageConnector, "fetch_details", fetch_and_stop)
    assert "Stopped" in run("--once")
    left = EnrichmentTask.objects.filter(status="pending", retry_count=0, lease_owner="", next_try_at__lte=clock.now())
    assert left.filter(looks=0).count() == 4


def test_the_minutes_sweep_wakes_workers_for_what_is_due(shop, connector, sent):
    tasks.sweep_enrichment()
    assert sent == []
    make_tasks(shop, "1", "2")
    tasks.sweep_enrichment()
    assert sent == ["enrichment"]
    assert tasks.enrich() == 2
    assert set(EnrichmentTask.objects.values_list("status", flat=True)) == {"completed"}
    tasks.sweep_enrichment()
    assert sent == ["enrichment"]
    assert dict(EnrichmentTally.objects.values_list("status", "count")) == {"completed": 2}


def test_messages_do_not_pile_up(shop, sent, monkeypatch):
    make_tasks(shop, "1")
    monkeypatch.setattr(tasks, "count_messages", lambda: {"enrichment": 7})
    tasks.wake_enrichers()
    assert sent == []


def test_an_order_that_a_door_forgot_is_found_by_the_sweep(shop, sent):
    make_tasks(shop, "1")
    EnrichmentTask.objects.all().delete()
    tasks.sweep_enrichment()
    assert EnrichmentTask.objects.get().parent_order_sn == "1"


def test_a_database_that_is_away_is_left_to_the_next_sweep(monkeypatch):
    from django.db import OperationalError

    def fail(self, **_):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(worker.EnrichmentWorker, "work", fail)
    assert tasks.enrich() == 0
