"""How far the asking for package numbers is, what failed, what tasks wait for, and which packages they found."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.common import clock
from shops.marketplaces.records import PackageRecord
from syncjobs import queries
from syncjobs.models import EnrichmentTally, EnrichmentTask
from syncjobs.queries import enrichment
from tests.factories.enrichment import make_task
from tests.factories.people import make_person
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer(shop):
    return make_person(shops=[shop])


def test_tasks_are_counted_by_status_and_shop_and_foreign_ones_are_not(shop, viewer):
    other = make_shop()
    for status in ("pending", "pending", "completed", "failed"):
        make_task(shop, status=status)
    make_task(other)
    stats = queries.read_enrichment_stats(viewer)
    assert stats.by_status == {"pending": 2, "completed": 1, "failed": 1}
    assert stats.by_shop == {shop.pk: {"pending": 2, "completed": 1, "failed": 1}}
    assert stats.total == 4
    viewer.is_superuser = True
    assert queries.read_enrichment_stats(viewer).by_shop[other.pk] == {"pending": 1}


def test_counts_follow_what_becomes_of_tasks(shop, viewer):
    tasks = [make_task(shop) for _ in range(3)]
    EnrichmentTask.objects.filter(pk=tasks[0].pk).update(status="completed")
    tasks[1].delete()
    assert queries.read_enrichment_stats(viewer).by_status == {"pending": 1, "completed": 1}
    assert queries.read_enrichment_progress(shop).by_status == {"pending": 1, "completed": 1}


def test_no_task_is_read_to_count_a_million_of_them(shop, viewer):
    EnrichmentTally.objects.create(shop=shop, status="completed", count=1_000_000)
    with CaptureQueriesContext(connection) as asked:
        assert queries.read_enrichment_stats(viewer).total == 1_000_000
    assert len(asked) == 2
    assert not any(EnrichmentTask._meta.db_table in query["sql"] for query in asked)


def test_the_progress_of_a_shop_takes_few_small_queries(shop, django_assert_num_queries):
    first = make_task(shop, created_at=clock.now() - timedelta(hours=3))
    make_task(shop)
    last = make_task(shop, status="completed", finished_at=clock.now())
    make_task(shop, status="failed", finished_at=clock.now() - timedelta(hours=1))
    make_task(shop, status="cancelled", finished_at=clock.now() - timedelta(hours=2))
    make_task(make_shop(), created_at=clock.now() - timedelta(days=1), finished_at=clock.now() + timedelta(days=1))
    with django_assert_num_queries(3):
        progress = queries.read_enrichment_progress(shop)
    assert progress.by_status == Counter(pending=2, completed=1, failed=1, cancelled=1)
    assert (progress.total, progress.percent, progress.blocked) == (5, 25, "")
    assert (progress.waiting_since, progress.last_finished_at) == (first.created_at, last.finished_at)


def test_a_shop_without_tasks_has_no_percent(shop):
    progress = queries.read_enrichment_progress(shop)
    assert (progress.total, progress.percent, progress.waiting_since, progress.last_finished_at) == (
        0,
        None,
        None,
        None,
    )


def test_the_queries_of_a_shops_progress_walk_no_tasks_but_the_first(shop):
    """Each finds its row at the end of an index; none sorts, and none reads the table."""
    with CaptureQueriesContext(connection) as asked:
        queries.read_enrichment_progress(shop)
    with connection.cursor() as cursor:
        # Of an empty table every plan costs the same; what needs a sort sorts all the same.
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        for query in asked.captured_queries[1:]:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Index" in plan, plan
            assert "Sort" not in plan, plan


def test_failed_tasks_are_grouped_by_cause_the_largest_first(shop, viewer):
    other, now = make_shop(), clock.now()
    for hours, cause in ((1, "refused"), (2, "refused"), (3, "gone")):
        make_task(shop, status="failed", cause=cause, finished_at=now - timedelta(hours=hours))
    make_task(shop, cause="refused")
    make_task(other, status="failed", cause="refused", finished_at=now)
    assert queries.list_enrichment_errors(viewer) == [
        enrichment.EnrichmentErrors("refused", 2, 1, now - timedelta(hours=1)),
        enrichment.EnrichmentErrors("gone", 1, 1, now - timedelta(hours=3)),
    ]
    viewer.is_superuser = True
    assert queries.list_enrichment_errors(viewer)[0] == enrichment.EnrichmentErrors("refused", 3, 2, now)


def test_of_very_many_failed_tasks_the_newest_are_grouped(shop, viewer, monkeypatch):
    monkeypatch.setattr(enrichment, "FAILED_AT_MOST", 2)
    for cause in ("old", "new", "new"):
        make_task(shop, status="failed", cause=cause)
    assert [(group.cause, group.count) for group in queries.list_enrichment_errors(viewer)] == [("new", 2)]


def reason_of(task):
    wait = queries.explain_wait(task)
    assert wait is not None
    return wait.reason


def test_a_task_says_what_it_waits_for(shop, settings):
    later = clock.now() + timedelta(hours=1)
    assert queries.explain_wait(make_task(shop)) == queries.Wait(
        "It is due, and waits for a worker and for the marketplace's limit of calls."
    )
    unnumbered = make_task(shop, next_try_at=later, error_message="The marketplace gives no package number yet.")
    assert queries.explain_wait(unnumbered) == queries.Wait("The marketplace gives no package number yet.", later)
    put_off = make_task(shop, next_try_at=later)
    assert queries.explain_wait(put_off) == queries.Wait("Somebody else works on this order.", later)
    assert queries.explain_wait(make_task(shop, status="completed")) is None
    shop.is_enriched = False
    assert reason_of(make_task(shop)).endswith("Switch that on at the shop first.")
    settings.ENRICHMENT_MARKETPLACES = ["temu"]
    assert "ENRICHMENT_MARKETPLACES leaves it out" in reason_of(make_task(shop))
    shop.state, shop.state_reason = "needs_reauthorisation", "The token ended."
    reason = reason_of(make_task(shop))
    assert reason == f"{shop} needs re-authorisation, so it is not asked for package numbers. The token ended."


def test_each_order_has_its_own_packages_and_lines(shop, django_assert_num_queries):
    first, second, bare = make_task(shop, "order-1"), make_task(shop, "order-2"), make_task(shop, "order-3")
    both = (
        {"order": "order-1", "line": "line-1", "quantity": 1},
        {"order": "order-2", "line": "line-9", "quantity": None},
        {"order": "", "line": "whose", "quantity": 1},
    )
    store_record(shop, "shipment", "p2", order_external_ids=("order-1", "order-2"), contents=both)
    store_record(shop, "shipment", "p1", order_external_ids=("order-1",), contents=both[2:])
    store_record(make_shop(), "shipment", "foreign", order_external_ids=("order-1",))
    with django_assert_num_queries(2):
        found = queries.list_found_packages([first, second, bare])
    assert [(one.package_sn, one.lines) for one in found[first.pk]] == [
        ("p1", [{"line": "whose", "quantity": 1}]), ("p2", [{"line": "line-1", "quantity": 1}]),
    ]  # fmt: skip
    assert [(one.package_sn, one.lines) for one in found[second.pk]] == [("p2", [{"line": "line-9", "quantity": None}])]
    assert found[bare.pk] == []
    assert (found[first.pk][0].carrier_name, found[first.pk][0].tracking_number) == ("J&T Express", "JT0000000001")
    assert queries.list_found_packages([]) == {}


def test_packages_that_the_order_names_follow_where_no_parcel_has_their_number(shop):
    packages = (PackageRecord("p1", tracking_number="JT1"), PackageRecord("p2", tracking_number="JT2"))
    task = make_task(shop, "order-1", status="completed")
    for package in packages:
        task.order.packages.create(external_id=package.external_id, tracking_number=package.tracking_number)
    store_record(shop, "shipment", "p1", tracking_number="of the parcel")
    found = queries.list_found_packages([task])[task.pk]
    assert [(one.package_sn, one.tracking_number) for one in found] == [("p1", "of the parcel"), ("p2", "JT2")]
