"""Tasks for package numbers are made with the orders that need them, once each, and counted by the database."""

import pytest
from django.db.models import Sum

from backoffice.common import clock
from shops.marketplaces.records import OrderStatus, PackageRecord
from syncjobs.enrichment.queue import fold_tallies
from syncjobs.intake import QUEUE, create_enrichment_tasks
from syncjobs.intake.enrichment import ON_ITS_WAY
from syncjobs.models import EnrichmentPriority, EnrichmentTally, EnrichmentTask
from tests.factories.races import at_once
from tests.factories.records import UPDATED_AT
from tests.factories.shops import make_shop
from tests.factories.synced import store_record
from tests.syncjobs.enrichment.packages import make_tasks

pytestmark = pytest.mark.django_db


def tallies(shop):
    sums = EnrichmentTally.objects.filter(shop=shop).order_by("status").values_list("status").annotate(Sum("count"))
    return {status: count for status, count in sums if count}


@pytest.mark.parametrize("status", list(OrderStatus))
def test_orders_on_their_way_without_package_have_a_task(shop, status):
    tasks = make_tasks(shop, "1", status=status, deliver_by_at=UPDATED_AT)
    assert len(tasks) == (status in ON_ITS_WAY)
    for task in tasks:
        assert (task.shop, task.order.external_id, task.order_ids) == (shop, "1", ["line-1", "line-2"])
        assert (task.status, task.retry_count, task.max_retries, task.looks) == ("pending", 0, 5, 0)
        assert task.deadline_at == (UPDATED_AT if status == OrderStatus.IN_TRANSIT else None)


def test_an_order_has_one_task_however_often_it_is_stored(shop):
    make_tasks(shop, "1", "2")
    make_tasks(shop, "1", "2", "3", later_by=5)
    assert EnrichmentTask.objects.count() == 3


def test_orders_of_two_shops_with_one_number_have_a_task_each(shop):
    assert len(make_tasks(shop, "1") + make_tasks(make_shop(), "1")) == 2


def test_who_has_a_package_needs_none(shop):
    assert make_tasks(shop, "1", packages=(PackageRecord("package-1"),)) == []
    assert make_tasks(shop, "1", packages=None, later_by=5) == []  # a later reading that does not tell of it
    store_record(shop, "shipment", "package-2", order_external_ids=("2", "3"))
    assert [task.parent_order_sn for task in make_tasks(shop, "2", "3", "4")] == ["4"]
    store_record(make_shop(), "shipment", "package-5", order_external_ids=("5",))
    assert make_tasks(shop, "5") != []


def test_the_switches_of_shop_and_marketplace_keep_tasks_from_being_made(shop, settings):
    shop.is_enriched = False
    shop.save()
    assert make_tasks(shop, "1") == []
    other = make_shop()
    settings.ENRICHMENT_MARKETPLACES = ["nowhere"]
    assert make_tasks(other, "1") == []
    settings.ENRICHMENT_MARKETPLACES = [other.marketplace]
    assert create_enrichment_tasks(other.pk, ["1", "absent"], clock.now(), EnrichmentPriority.PERSON) == 1
    assert EnrichmentTask.objects.get().priority == EnrichmentPriority.PERSON


def test_workers_hear_of_them_after_the_commit_only(shop, django_capture_on_commit_callbacks, monkeypatch):
    heard: list[list[str]] = []
    monkeypatch.setattr(QUEUE, "push", heard.append)
    with django_capture_on_commit_callbacks(execute=True):
        (task,) = make_tasks(shop, "1")
        assert heard == []
    assert heard == [[f"{task.pk}:{shop.pk}:1"]]


def test_the_database_counts_what_each_statement_does(shop):
    other = make_shop()
    make_tasks(shop, "1", "2", "3")
    make_tasks(other, "1")
    assert (tallies(shop), tallies(other)) == ({"pending": 3}, {"pending": 1})
    EnrichmentTask.objects.filter(parent_order_sn__in=["1", "2"]).update(status="completed")
    EnrichmentTask.objects.filter(parent_order_sn="3").update(looks=7)
    for _ in range(2):
        assert (tallies(shop), tallies(other)) == ({"completed": 2, "pending": 1}, {"completed": 1})
        fold_tallies()
    assert EnrichmentTally.objects.count() == 3
    EnrichmentTask.objects.filter(shop=shop).delete()
    fold_tallies()
    assert (tallies(shop), tallies(other)) == ({}, {"completed": 1})


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_order_make_one_task(shop):
    at_once(lambda: make_tasks(shop, "1", "2"))
    assert EnrichmentTask.objects.count() == 2
    assert tallies(shop) == {"pending": 2}
