"""Package numbers that a person asks for, orders that nobody asked for, and tasks that are retried or cancelled."""

from datetime import timedelta

import pytest

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from shops.marketplaces.records import OrderStatus
from shops.models import Shop
from syncjobs import services, tasks
from syncjobs.enrichment import queue
from syncjobs.enrichment.verdicts import Verdict
from syncjobs.intake import QUEUE
from syncjobs.models import EnrichmentStatus, EnrichmentTask
from tests.factories.enrichment import make_task, store_unnumbered
from tests.factories.orders import store_order
from tests.factories.races import at_once
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def pushed(monkeypatch):
    """Collect what workers would hear of."""
    items: list[str] = []
    monkeypatch.setattr(QUEUE, "push", items.extend)
    return items


@pytest.fixture
def states(monkeypatch):
    """Collect the states that workers would believe."""
    noted: dict[str, str] = {}
    monkeypatch.setattr(QUEUE, "note_states", noted.update)
    return noted


def read(task):
    task.refresh_from_db()
    return task


def test_a_wish_makes_the_tasks_and_puts_them_before_all_others(shop, pushed, django_capture_on_commit_callbacks):
    orders = [store_unnumbered(shop, f"order-{n}") for n in range(3)]
    with django_capture_on_commit_callbacks(execute=True):
        summary = services.enrich_now(shop, ["order-0", "order-2", "order-0"])
    made = EnrichmentTask.objects.order_by("pk")
    assert [(task.order_id, task.priority, task.status) for task in made] == [
        (orders[0].pk, 0, "pending"), (orders[2].pk, 0, "pending"),
    ]  # fmt: skip
    assert summary == services.EnrichNow(created=2)
    assert sorted(pushed) == sorted(f"{task.pk}:{shop.pk}:{task.parent_order_sn}" for task in made)


def test_who_asks_twice_has_asked_once(shop, pushed, django_capture_on_commit_callbacks):
    store_unnumbered(shop, "order-1")
    services.enrich_now(shop, ["order-1"])
    before = EnrichmentTask.objects.values().get()
    with django_capture_on_commit_callbacks(execute=True):
        assert services.enrich_now(shop, ["order-1"]) == services.EnrichNow(hurried=1)
    assert EnrichmentTask.objects.values().get() == before
    assert pushed == []


@pytest.mark.parametrize("stands", [
    {"status": "pending", "looks": 7}, {"status": "failed", "retry_count": 5, "finished_at": clock.now()},
])  # fmt: skip
def test_what_waits_or_failed_is_asked_for_at_once(shop, pushed, django_capture_on_commit_callbacks, stands):
    task = make_task(shop, next_try_at=clock.now() + timedelta(hours=9), **stands)
    with django_capture_on_commit_callbacks(execute=True):
        assert services.enrich_now(shop, [task.parent_order_sn]) == services.EnrichNow(hurried=1)
    read(task)
    assert (task.status, task.priority, task.retry_count, task.finished_at) == ("pending", 0, 0, None)
    assert task.next_try_at <= clock.now()
    assert task.looks == stands.get("looks", 0)
    assert pushed == [f"{task.pk}:{shop.pk}:{task.parent_order_sn}"]


def test_what_a_worker_asks_for_this_moment_is_left_to_it(shop):
    task = make_task(shop, status="processing", lease_owner="w", lease_expires_at=clock.now() + timedelta(minutes=5))
    assert services.enrich_now(shop, [task.parent_order_sn]) == services.EnrichNow(hurried=1)
    assert (read(task).status, task.lease_owner) == ("processing", "w")


def test_each_number_that_is_not_asked_for_has_its_reason(shop):
    make_task(shop, "known", status="completed", package_sns=["p1"])
    make_task(shop, "stopped", status="cancelled", error_message="A person cancelled it.")
    store_order(shop, "unshipped", status=OrderStatus.AWAITING_SHIPMENT, packages=())
    store_order(shop, "packed", status=OrderStatus.IN_TRANSIT)
    store_unnumbered(shop, "parcelled")
    store_record(shop, "shipment", "parcel", order_external_ids=("parcelled",))
    store_unnumbered(make_shop(), "foreign")
    numbers = ["known", "stopped", "unshipped", "packed", "parcelled", "foreign", "nobody's"]
    summary = services.enrich_now(shop, numbers)
    assert (summary.created, summary.hurried, summary.already_known) == (0, 0, 3)
    assert summary.refused == {
        "stopped": "A person cancelled it. Retry its task to ask all the same.",
        "unshipped": "The order is not on its way, but awaiting shipment: it has no package number yet.",
        "foreign": "This shop has no order with this number here.",
        "nobody's": "This shop has no order with this number here.",
    }


def test_too_many_numbers_are_refused(shop):
    numbers = [str(n) for n in range(services.enrichment.MOST_NUMBERS + 1)]
    with pytest.raises(NotPossible, match=r"1,001 orders are too many at once: 1,000 at most"):
        services.enrich_now(shop, numbers)
    assert len(services.enrich_now(shop, numbers[1:]).refused) == 1_000


@pytest.mark.parametrize(("change", "said"), [
    ({"state": "paused"}, "is paused by a person, so it is not asked for package numbers"),
    ({"state": "needs_reauthorisation"}, "needs re-authorisation"),
    ({"is_enriched": False}, "Switch that on at the shop first"),
    ({"marketplace": "lazada"}, "Package numbers are not asked for at Lazada: the setting ENRICHMENT_MARKETPLACES"),
])  # fmt: skip
@pytest.mark.parametrize("ask", [
    lambda shop: services.enrich_now(shop, ["order-1"]), lambda shop: services.enrich_shop(shop, seconds=9),
])  # fmt: skip
def test_a_shop_that_is_not_asked_is_refused_with_what_to_do(shop, settings, change, said, ask):
    settings.ENRICHMENT_MARKETPLACES = ["tiktok", "temu", "shopee"]
    store_unnumbered(shop, "order-1")
    Shop.objects.update(**change)
    shop.refresh_from_db()
    with pytest.raises(NotPossible, match=said):
        ask(shop)
    assert not EnrichmentTask.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_several_who_ask_at_once_one_makes_the_tasks():
    shop = make_shop()
    numbers = [store_unnumbered(shop, f"order-{n}").external_id for n in range(20)]
    summaries = at_once(lambda: services.enrich_now(shop, numbers))
    assert sum(one.created for one in summaries) == 20
    assert [one.created + one.hurried for one in summaries] == [20] * 4
    assert EnrichmentTask.objects.count() == 20


def test_failed_and_cancelled_tasks_are_retried_with_all_their_tries(
    shop, pushed, states, django_capture_on_commit_callbacks
):
    ended = [
        make_task(shop, status=status, retry_count=5, finished_at=clock.now(), priority=2)
        for status in ("failed", "cancelled")
    ]
    others = [make_task(shop, status="completed"), make_task(shop)]
    with django_capture_on_commit_callbacks(execute=True):
        assert services.retry_tasks(EnrichmentTask.objects.all()) == 2
    for task in ended:
        assert (read(task).status, task.retry_count, task.priority, task.finished_at) == ("pending", 0, 0, None)
    assert [read(task).status for task in others] == ["completed", "pending"]
    assert [read(task).priority for task in others] == [2, 2]
    assert len(pushed) == 2
    assert states == {f"{shop.pk}:{task.parent_order_sn}": "pending" for task in ended}
    assert services.retry_tasks(EnrichmentTask.objects.all()) == 0


def test_a_worker_loses_a_task_that_is_cancelled(shop):
    held = make_task(shop, status="processing", lease_owner="w", lease_expires_at=clock.now() + timedelta(minutes=5))
    make_task(shop, status="completed")
    assert services.cancel_tasks(EnrichmentTask.objects.all()) == 1
    read(held)
    assert (held.status, held.lease_owner, held.lease_expires_at) == ("cancelled", "", None)
    assert held.finished_at is not None
    assert held.error_message == "A person cancelled it."
    assert services.cancel_tasks(EnrichmentTask.objects.all()) == 0


@pytest.mark.parametrize("change", [
    services.cancel_tasks, lambda tasks: services.cancel_tasks(tasks) and services.retry_tasks(tasks),
])  # fmt: skip
def test_what_a_worker_comes_back_with_does_not_undo_what_a_person_did(shop, change):
    task = make_task(shop)
    assert [one.pk for one in queue.claim_batch("worker")] == [task.pk]
    change(EnrichmentTask.objects.all())
    wanted = read(task).status
    held = queue.hold([task], "worker")
    assert held == []
    queue.settle(held, {task.pk: Verdict(EnrichmentStatus.COMPLETED, package_sns=("p1",))})
    assert (read(task).status, task.package_sns) == (wanted, [])


def test_more_tasks_than_fit_one_transaction_are_changed_in_several(shop, monkeypatch):
    monkeypatch.setattr(services.enrichment, "SLICE", 2)
    for n in range(5):
        make_task(shop, f"order-{n}", status="failed")
    failed = EnrichmentTask.objects.filter(status="failed").order_by("pk")
    assert services.retry_tasks(failed[:3]) == 3
    assert failed.count() == 2
    assert services.cancel_tasks(EnrichmentTask.objects.all()) == 5


@pytest.mark.django_db(transaction=True)
def test_of_several_who_retry_at_once_each_task_counts_once():
    shop = make_shop()
    for n in range(10):
        make_task(shop, f"order-{n}", status="failed")
    assert sum(at_once(lambda: services.retry_tasks(EnrichmentTask.objects.all()))) == 10


def test_a_shop_that_was_read_before_gets_the_tasks_of_all_its_orders(shop, monkeypatch):
    monkeypatch.setattr(services.enrichment, "SLICE", 2)
    for n in range(5):
        store_unnumbered(shop, f"order-{n}")
    store_order(shop, "unshipped", packages=())
    store_unnumbered(make_shop(), "foreign")
    found = services.enrich_shop(shop, seconds=60)
    assert found == services.FoundOrders(5, "order-4", is_finished=True)
    assert set(EnrichmentTask.objects.values_list("shop_id", "priority")) == {(shop.pk, 2)}
    assert services.enrich_shop(shop, seconds=60).count == 0


def test_a_shop_with_many_orders_goes_on_where_it_ended(shop, monkeypatch):
    monkeypatch.setattr(services.enrichment, "SLICE", 2)
    for n in range(5):
        store_unnumbered(shop, f"order-{n}")
    found = services.enrich_shop(shop, seconds=0)
    assert found == services.FoundOrders(2, "order-1", is_finished=False)
    assert services.enrich_shop(shop, after=found.after, seconds=60).count == 3


def test_the_task_goes_on_in_another_message(shop, monkeypatch):
    sent = []
    monkeypatch.setattr(services.enrichment, "SLICE", 2)
    monkeypatch.setattr(tasks, "FIND_SECONDS", 0)
    monkeypatch.setattr(tasks.find_enrichment, "apply_async", lambda args, queue: sent.append((args, queue)))
    for n in range(3):
        store_unnumbered(shop, f"order-{n}")
    assert tasks.find_enrichment(shop.pk) == 2
    assert sent == [((shop.pk, "order-1"), "sweeps")]
    assert tasks.find_enrichment(*sent.pop()[0]) == 1
    assert sent == []
    Shop.objects.update(state="paused")
    assert tasks.find_enrichment(shop.pk) == 0


def test_the_net_finds_what_was_stored_of_late_and_has_no_task(shop):
    store_unnumbered(shop, "lost")
    store_order(shop, "packed", status=OrderStatus.IN_TRANSIT)
    store_order(shop, "unshipped", packages=())
    store_unnumbered(shop, "parcelled")
    store_record(shop, "shipment", "parcel", order_external_ids=("parcelled",))
    make_task(shop, "asked", status="completed")
    old = store_unnumbered(shop, "old")
    old.synced_at = clock.now() - timedelta(minutes=16)
    old.save()
    store_unnumbered(make_shop(is_enriched=False), "off")
    assert services.find_recent_orders() == 1
    assert EnrichmentTask.objects.exclude(parent_order_sn="asked").get().parent_order_sn == "lost"
    assert services.find_recent_orders() == 0
