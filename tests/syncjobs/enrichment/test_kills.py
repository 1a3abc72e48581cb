"""A worker is killed with -9 at every step; the next one goes on, and every order ends with its own packages."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connections

from backoffice.common import clock
from orders.models import Shipment, ShipmentPayload
from shops.models import Shop
from syncjobs.enrichment import EnrichmentWorker, queue, sweep, worker
from syncjobs.enrichment.asking import ask_for_packages
from syncjobs.intake import QUEUE, name_order
from syncjobs.models import EnrichmentTask, FailedRecord
from tests.syncjobs.enrichment.packages import PackageConnector, make_package, make_tasks

pytestmark = pytest.mark.django_db(transaction=True)
NUMBERS = [str(number) for number in range(12)]
ANSWERS = {
    number: [make_package(f"p{number}-{part}", number, lines=[f"line-{part}"]) for part in (1, 2)] for number in NUMBERS
}


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def after(module: object, name: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Die when this function has done its work."""

    def plan(monkeypatch):
        whole = getattr(module, name)

        def work_and_die(*arguments, **named):
            whole(*arguments, **named)
            die()

        monkeypatch.setattr(module, name, work_and_die)

    return plan


def before(module: object, name: str) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda monkeypatch: monkeypatch.setattr(module, name, die)


STEPS = {
    "after the pop": after(queue, "take_hinted"),
    "after the lock": after(QUEUE, "lock"),
    "after the claim": after(queue, "claim_batch"),
    "in the midst of the calls": after(PackageConnector, "fetch_details"),
    "after the calls": after(worker, "ask_for_packages"),
    "before the commit": after(queue, "settle"),
    "after the commit": before(queue, "let_go"),
}


def work_in_a_process_that_dies(monkeypatch, step):
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            STEPS[step](monkeypatch)
            EnrichmentWorker().work()
        finally:
            os._exit(1)  # not killed: the step was never reached
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"it was never {step}"
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize("step", STEPS)
def test_every_order_ends_with_its_own_packages_wherever_a_worker_is_killed(shop, monkeypatch, step, settings):
    settings.ENRICHMENT_BATCH_SIZE = 7
    connector = PackageConnector(ANSWERS)
    monkeypatch.setattr(worker, "open_connection", connector.connect)
    make_tasks(shop, *NUMBERS)
    for _ in range(2):
        work_in_a_process_that_dies(monkeypatch, step)
        sweep()
    EnrichmentWorker().work()
    assert set(EnrichmentTask.objects.values_list("status", flat=True)) == {"completed"}
    for number in NUMBERS:
        own = {f"p{number}-1", f"p{number}-2"}
        parcels = Shipment.objects.filter(order_external_ids__contains=[number])
        assert {parcel.external_id for parcel in parcels} == own
        assert set(EnrichmentTask.objects.get(parent_order_sn=number).package_sns) == own
    assert ShipmentPayload.objects.count() == Shipment.objects.count() == 2 * len(NUMBERS)
    assert not FailedRecord.objects.exists()


def test_a_worker_of_another_host_that_went_away_is_waited_for_no_longer_than_its_lease(shop, monkeypatch):
    (task,) = make_tasks(shop, "1")
    queue.claim_batch("elsewhere/0/0:1:gone")
    sweep()
    assert queue.claim_batch("a") == []
    EnrichmentTask.objects.update(lease_expires_at=clock.now() - timedelta(seconds=1))
    sweep()
    QUEUE.unlock([name_order(shop.pk, "1")], "elsewhere/0/0:1:gone")  # Redis forgets it at the same time
    assert [one.pk for one in queue.claim_batch("a")] == [task.pk]


def test_a_slow_worker_whose_tasks_were_handed_on_writes_nothing(shop, monkeypatch):
    make_tasks(shop, "1")
    connector = PackageConnector({"1": [make_package("p1", "1")]})
    monkeypatch.setattr(worker, "open_connection", connector.connect)

    def hand_on(connection, tasks):
        answers = ask_for_packages(connection, tasks)
        EnrichmentTask.objects.update(lease_owner="somebody else")
        return answers

    monkeypatch.setattr(worker, "ask_for_packages", hand_on)
    EnrichmentWorker().work()
    assert (EnrichmentTask.objects.get().status, Shipment.objects.count()) == ("processing", 0)
    assert Shop.objects.get().state == "active"
