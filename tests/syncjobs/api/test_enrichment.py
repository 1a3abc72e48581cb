"""Package numbers over the API: progress, tasks, counts, and asking at once."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from redis import ConnectionError as RedisConnectionError

from backoffice.common import clock
from shops.models import Shop
from syncjobs import services, tasks
from syncjobs.api.enrichment import views
from syncjobs.intake import QUEUE
from syncjobs.models import EnrichmentTask
from tests.factories.api import make_caller, make_person
from tests.factories.enrichment import make_task, store_unnumbered
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db


def of(shop, name):
    return f"/api/sync/shops/{shop.pk}/orders/{name}"


def refused(answer, status, code):
    assert answer.status_code == status, answer.content
    assert answer.json()["code"] == code
    return answer.json()


def ask(caller, shop, **body):
    return caller.post(of(shop, "enrich-details"), body)


def test_a_task_is_shown_with_its_packages(shop, caller):
    later = clock.now() + timedelta(hours=1)
    task = make_task(
        shop, "order-1", status="completed", package_sns=["p1", "p2"], looks=3, priority=1, finished_at=later
    )
    for number in ("p1", "p2"):
        content = {"order": "order-1", "line": f"line of {number}", "quantity": 2}
        store_record(shop, "shipment", number, order_external_ids=("order-1",), contents=(content,))
    (shown,) = caller.get(of(shop, "enrich-tasks")).json()["results"]
    assert shown.pop("next_try_at")
    assert shown.pop("created_at")
    assert shown.pop("finished_at") == f"{later:%Y-%m-%dT%H:%M:%S.%f}Z"
    packages = shown.pop("packages")
    assert shown == {
        "id": task.pk, "shop_id": shop.pk, "parent_order_sn": "order-1", "order_ids": ["line-1", "line-2"],
        "status": "completed", "package_sn": "p1", "package_sns": ["p1", "p2"], "error_message": "", "cause": "",
        "retry_count": 0, "max_retries": 5, "looks": 3, "priority": "due",
    }  # fmt: skip
    assert packages[1] == {
        "package_sn": "p2", "carrier_name": "J&T Express", "tracking_number": "JT0000000001", "status": "in_transit",
        "lines": [{"line": "line of p2", "quantity": 2}],
    }  # fmt: skip


def test_tasks_are_listed_page_by_page_the_newest_first(shop, caller, django_assert_max_num_queries):
    made = [make_task(shop).pk for _ in range(5)]
    first = caller.get(of(shop, "enrich-tasks"), page_size=3).json()
    assert [row["id"] for row in first["results"]] == made[:1:-1]
    assert caller.ids(first["next"]) == made[1::-1]
    with django_assert_max_num_queries(10):
        caller.get(of(shop, "enrich-tasks"))


@pytest.mark.parametrize(("filters", "found"), [
    ({"status": "failed"}, [1, 2]), ({"status": ["failed", "pending"]}, [0, 1, 2]), ({"cause": "gone"}, [2]),
    ({"parent_order_sn": "order-1"}, [1]), ({"parent_order_sn": "order"}, []), ({"cause": "no"}, []),
    ({"status": "pending", "cause": "gone"}, []),
])  # fmt: skip
def test_filters_narrow_the_tasks(shop, caller, filters, found):
    causes = [("pending", "gone"), ("failed", "refused"), ("failed", "gone")]
    made = [make_task(shop, f"order-{n}", status=status, cause=cause).pk for n, (status, cause) in enumerate(causes)]
    assert caller.ids(of(shop, "enrich-tasks"), **filters) == [made[n] for n in reversed(found)]


@pytest.mark.parametrize("filters", [{"status": "no"}, {"shop": 1}, {"page_size": 501}, {"cursor": "no"}])
def test_a_filter_that_makes_no_sense_is_refused(shop, caller, filters):
    refused(caller.get(of(shop, "enrich-tasks"), **filters), 400, "invalid")


def test_progress_says_how_far_the_shop_is(shop, caller, monkeypatch):
    synced_at = clock.now() - timedelta(minutes=3)
    Shop.objects.update(sync_status="ok", last_sync_at=synced_at, product_sync_status="failed")
    waits = make_task(shop)
    done = make_task(shop, status="completed", finished_at=clock.now())
    monkeypatch.setattr(type(QUEUE), "count", lambda _: 7)
    shown = caller.get(of(shop, "progress")).json()
    assert (shown["total"], shown["percent"], shown["blocked"]) == (2, 50, "")
    assert shown["by_status"] == {"pending": 1, "processing": 0, "completed": 1, "failed": 0, "cancelled": 0}
    assert shown["waiting_since"] == f"{waits.created_at:%Y-%m-%dT%H:%M:%S.%f}Z"
    assert shown["last_finished_at"] == f"{done.finished_at:%Y-%m-%dT%H:%M:%S.%f}Z"
    assert shown["queue_length"] == 7
    assert shown["shop"] == {
        "id": shop.pk, "name": shop.name, "state": "active", "is_enriched": True, "sync_status": "ok",
        "last_sync_at": f"{synced_at:%Y-%m-%dT%H:%M:%S.%f}Z", "last_full_sync_at": None,
        "last_product_sync_at": None, "last_product_full_sync_at": None, "product_sync_status": "failed",
    }  # fmt: skip


def test_progress_says_why_nothing_is_asked_for_and_works_without_redis(shop, caller, monkeypatch):
    def fail(_):
        raise RedisConnectionError

    monkeypatch.setattr(type(QUEUE), "count", fail)
    Shop.objects.update(is_enriched=False)
    shown = caller.get(of(shop, "progress")).json()
    assert (shown["total"], shown["percent"], shown["queue_length"]) == (0, None, None)
    assert shown["blocked"].endswith("Switch that on at the shop first.")


def test_orders_are_asked_for_by_number(shop, caller):
    store_unnumbered(shop, "new")
    make_task(shop, "waits")
    make_task(shop, "known", status="completed")
    answer = ask(caller, shop, order_sns=["new", "waits", "known", "nobody's"])
    assert answer.status_code == 202
    assert answer.json() == {
        "created": 1, "hurried": 1, "already_known": 1, "is_finished": True,
        "refused": {"nobody's": "This shop has no order with this number here."},
    }  # fmt: skip
    assert set(EnrichmentTask.objects.filter(status="pending").values_list("priority")) == {(0,)}
    again = ask(caller, shop, order_sns=["new", "waits", "known", "nobody's"])
    assert (again.json()["created"], again.json()["hurried"], EnrichmentTask.objects.count()) == (0, 2, 3)
    note = LogEntry.objects.first()
    assert note is not None
    assert (note.user, note.object_id) == (caller.user, str(shop.pk))
    assert note.change_message == "Asked for the package numbers of 4 orders over the API."


def test_workers_are_woken_for_what_is_asked_for_and_for_nothing_else(
    shop, caller, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr(views, "wake_enrichers", lambda: woken.append(EnrichmentTask.objects.count()))
    store_unnumbered(shop, "order-1")
    with django_capture_on_commit_callbacks(execute=True):
        ask(caller, shop, order_sns=["nobody's"])
        ask(caller, shop, order_sns=["order-1"])
        assert woken == []
    assert woken == [1]


def test_all_orders_of_a_shop_are_asked_for(shop, caller):
    for n in range(3):
        store_unnumbered(shop, f"order-{n}")
    assert ask(caller, shop, all=True).json() == {
        "created": 3, "hurried": 0, "already_known": 0, "refused": {}, "is_finished": True,
    }  # fmt: skip
    assert ask(caller, shop, all=True).json()["created"] == 0


def test_a_large_shop_goes_on_in_the_background(shop, caller, monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr(services.enrichment, "SLICE", 2)
    monkeypatch.setattr(views, "SECONDS_OF_A_CALL", 0)
    monkeypatch.setattr(views, "wake_enrichers", lambda: None)
    monkeypatch.setattr(tasks.find_enrichment, "apply_async", lambda args, queue: sent.append((args, queue)))
    for n in range(3):
        store_unnumbered(shop, f"order-{n}")
    with django_capture_on_commit_callbacks(execute=True):
        answer = ask(caller, shop, all=True)
    assert (answer.json()["created"], answer.json()["is_finished"]) == (2, False)
    assert sent == [((shop.pk, "order-1"), "sweeps")]


@pytest.mark.parametrize("body", [
    {}, {"all": False}, {"order_sns": []}, {"order_sns": ["1"], "all": True}, {"order_sns": "1"}, {"order_sns": [1]},
    {"order_sns": [None]}, {"order_sns": ["x" * 65]}, {"order_sns": ["\x00"]}, {"order_sns": {}}, {"all": "true"},
    {"all": 1}, {"all": None}, {"order_sns": [str(n) for n in range(1_001)]}, {"all": True, "shop": 1}, [],
])  # fmt: skip
def test_a_body_that_makes_no_sense_is_refused(shop, caller, body):
    refused(caller.post(of(shop, "enrich-details"), body), 400, "invalid")
    assert not LogEntry.objects.exists()


def test_a_list_that_is_too_long_is_not_gone_through(caller, shop):
    fields = ask(caller, shop, order_sns=[1] * 1_001).json()["fields"]
    assert fields == {"order_sns": ["Ensure this field has no more than 1000 elements."]}


@pytest.mark.parametrize(("change", "code"), [
    ({"state": "paused"}, "shop_not_syncable"), ({"is_enriched": False}, "not_enriched"),
])  # fmt: skip
@pytest.mark.parametrize("body", [{"order_sns": ["order-1"]}, {"all": True}])
def test_a_shop_that_is_not_asked_is_refused(shop, caller, change, code, body):
    store_unnumbered(shop, "order-1")
    Shop.objects.update(**change)
    refused(ask(caller, shop, **body), 409, code)
    assert not EnrichmentTask.objects.exists()
    assert not LogEntry.objects.exists()


def test_asking_needs_the_permission_and_a_token_that_may_write(shop):
    store_unnumbered(shop, "order-1")
    reads = make_caller(shop, may_write=False)
    assert "only reads" in refused(ask(reads, shop, all=True), 403, "permission_denied")["message"]
    views_only = make_caller(person=make_person(shop, may=("view_enrichmenttask",)))
    assert "add_enrichmenttask" in refused(ask(views_only, shop, all=True), 403, "permission_denied")["message"]
    for name in ("progress", "enrich-tasks"):
        assert views_only.get(of(shop, name)).status_code == 200
        stranger = make_caller(person=make_person(shop, may=("view_run",)))
        assert "view_enrichmenttask" in refused(stranger.get(of(shop, name)), 403, "permission_denied")["message"]
    assert not EnrichmentTask.objects.exists()


def test_an_order_of_another_shop_is_not_there(shop, caller):
    store_unnumbered(make_shop(), "foreign")
    assert ask(caller, shop, order_sns=["foreign"]).json()["refused"] == {
        "foreign": "This shop has no order with this number here."
    }


def test_counts_are_of_all_shops_that_may_be_seen(shop):
    other = make_shop()
    make_task(shop)
    for status in ("completed", "failed"):
        make_task(other, status=status)
    make_task(make_shop())
    zeros = dict.fromkeys(("pending", "processing", "completed", "failed", "cancelled"), 0)
    assert make_caller(shop, other).get("/api/sync/orders/enrich-tasks/stats").json() == {
        "total": 3, "by_status": {**zeros, "pending": 1, "completed": 1, "failed": 1},
        "shops": [
            {"shop_id": shop.pk, "total": 1, "by_status": {**zeros, "pending": 1}},
            {"shop_id": other.pk, "total": 2, "by_status": {**zeros, "completed": 1, "failed": 1}},
        ],
    }  # fmt: skip


def test_counts_take_the_same_few_queries_for_any_number_of_tasks(shop, caller, django_assert_max_num_queries):
    for _ in range(3):
        make_task(shop)
    make_task(make_shop())
    with django_assert_max_num_queries(6):
        caller.get("/api/sync/orders/enrich-tasks/stats")
