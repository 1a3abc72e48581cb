"""The list of package numbers: what it shows, how it is narrowed and exported, and its buttons."""

from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from backoffice.common import clock
from backoffice.common.lists.exporters import get_exporter
from backoffice.common.lists.models import BatchItem
from syncjobs.models import EnrichmentTask
from tests.factories.enrichment import make_task
from tests.factories.people import make_person
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db
LIST = reverse("admin:syncjobs_enrichmenttask_changelist")
HELD: dict[str, Any] = {"lease_owner": "worker", "lease_expires_at": clock.now()}
VIEW, CHANGE = "syncjobs.view_enrichmenttask", "syncjobs.change_enrichmenttask"


def listed(client, **query):
    return [task.parent_order_sn for task in client.get(LIST, query).context["cl"].result_list]


def button(task, key):
    return reverse("admin:syncjobs_enrichmenttask_do", args=[task.pk, f"syncjobs.{key}"])


def offered(client, task):
    page = client.get(reverse("admin:syncjobs_enrichmenttask_change", args=[task.pk]))
    return [button["action"].label for button in page.context["row_buttons"]]


def press(client, task, key):
    page = client.post(button(task, key), follow=True).content.decode()
    task.refresh_from_db()
    return page


def test_a_task_shows_its_order_its_packages_and_why_it_waits(client, shop):
    task = make_task(
        shop, "PO-1", package_sns=[f"PK-{number}" for number in range(5)], error_message="<b>Not yet</b>", looks=3
    )
    client.force_login(make_person(VIEW, "orders.view_order", shops=(shop,)))
    page = client.get(LIST).content.decode()
    order_page = reverse("admin:orders_order_change", args=[task.order_id])
    for part in (f'href="{order_page}"', ">PK-2</div>", "and 2 more", "&lt;b&gt;Not yet", "due now"):
        assert part in page, part


def test_who_may_not_see_orders_is_given_no_link_to_one(client, shop):
    task = make_task(shop, "PO-1")
    client.force_login(make_person(VIEW, shops=(shop,)))
    order_page = reverse("admin:orders_order_change", args=[task.order_id])
    for address in (LIST, reverse("admin:syncjobs_enrichmenttask_change", args=[task.pk])):
        page = client.get(address).content.decode()
        assert ("PO-1" in page, order_page in page) == (True, False)


def test_only_what_waits_has_a_next_try(admin_client, shop):
    make_task(shop, "PO-1", status="failed")
    assert "due now" not in admin_client.get(LIST).content.decode()


def test_the_list_is_narrowed_by_status_shop_cause_and_priority(admin_client, shop):
    other = make_shop()
    make_task(shop, "PO-1", status="failed", cause="Busy …", priority=0)
    make_task(shop, "PO-2", cause="Busy …", priority=2)
    make_task(other, "PO-3", status="completed", priority=0)
    make_task(other, "PO-4", priority=0)
    assert listed(admin_client) == ["PO-4", "PO-3", "PO-2", "PO-1"]
    assert listed(admin_client, status="completed") == ["PO-3"]
    assert listed(admin_client, shop=shop.pk) == ["PO-2", "PO-1"]
    assert listed(admin_client, cause="Busy …") == ["PO-1"]  # those that wait are tried again by themselves
    assert listed(admin_client, priority=0) == ["PO-4"]  # what has ended hurries no more


def test_it_is_searched_by_order_number_and_by_the_number_of_a_package_that_was_found(admin_client, shop):
    make_task(shop, "PO-17", status="completed", package_sns=["PK-99"])
    make_task(shop, "PO-18")
    store_record(shop, "shipment", "PK-99", order_external_ids=("PO-17",))
    foreign = make_shop()
    store_record(foreign, "shipment", "PK-98", order_external_ids=("PO-18",))
    assert listed(admin_client, q="PO-1") == ["PO-18", "PO-17"]
    assert listed(admin_client, q="PO-18") == ["PO-18"]
    assert listed(admin_client, q="PK-9") == ["PO-17"]  # another shop's order of this number is another order
    assert listed(admin_client, q="nothing") == []


@pytest.mark.parametrize(
    ("status", "buttons"),
    [
        ("pending", ["Cancel"]),
        ("processing", ["Cancel"]),
        ("failed", ["Retry", "Cancel"]),
        ("cancelled", ["Retry"]),
        ("completed", []),
    ],
)
def test_a_task_offers_what_can_be_done_to_it(admin_client, shop, status, buttons):
    task = make_task(shop, status=status, **HELD)
    assert offered(admin_client, task) == buttons
    refused = {"retry_enrichment", "cancel_enrichment"} - {
        {"Retry": "retry_enrichment", "Cancel": "cancel_enrichment"}[label] for label in buttons
    }
    for key in refused:
        press(admin_client, task, key)
        assert task.status == status
    assert not LogEntry.objects.exists()


def test_a_failed_task_is_retried_before_all_others_and_its_history_says_who_asked(client, shop):
    task = make_task(shop, status="failed", retry_count=5, priority=2)
    client.force_login(make_person(VIEW, CHANGE, shops=(shop,)))
    press(client, task, "retry_enrichment")
    assert (task.status, task.retry_count, task.priority) == ("pending", 0, 0)
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.change_message, entry.object_id) == ("person", "Retried.", str(task.pk))


def test_a_task_is_cancelled(client, shop):
    task = make_task(shop, status="processing", **HELD)
    client.force_login(make_person(VIEW, CHANGE, shops=(shop,)))
    press(client, task, "cancel_enrichment")
    assert (task.status, task.lease_owner) == ("cancelled", "")
    assert LogEntry.objects.get().change_message == "Cancelled."


def test_many_are_retried_at_once_each_with_a_result(client, shop):
    tasks = [make_task(shop, status=status) for status in ("failed", "completed")]
    client.force_login(make_person(VIEW, CHANGE, shops=(shop,)))
    chosen = {"action": "syncjobs.retry_enrichment", "_selected_action": [task.pk for task in tasks]}
    client.post(LIST, chosen, follow=True)
    assert sorted(EnrichmentTask.objects.values_list("status", flat=True)) == ["completed", "pending"]
    assert set(BatchItem.objects.values_list("state", flat=True)) == {"done", "refused"}


def test_who_may_only_look_has_no_buttons_and_is_refused(client, shop):
    task = make_task(shop, status="failed")
    client.force_login(make_person(VIEW, shops=(shop,)))
    assert offered(client, task) == []
    assert client.post(button(task, "retry_enrichment")).status_code == 403
    task.refresh_from_db()
    assert task.status == "failed"


def test_the_list_is_exported_as_it_is_narrowed(admin_user, shop, rf):
    make_task(shop, "PO-1", status="failed", package_sns=["PK-1", "PK-2"], error_message="Busy")
    make_task(shop, "PO-2")
    exporter = get_exporter("syncjobs.enrichmenttasks")
    query = rf.get("/", {"status": "failed", "q": "PO-"}).GET
    rows = list(exporter.select(admin_user, query))
    listed_columns = site.get_model_admin(EnrichmentTask).list_display
    shown = {name if isinstance(name, str) else name.__name__ for name in listed_columns}
    assert {name.removeprefix("show_") for name in shown} < set(exporter.columns)
    columns = ("order", "shop", "status", "packages", "reason")
    assert [[exporter.columns[name].read(row) for name in columns] for row in rows] == [
        ["PO-1", shop.name, "Failed: a person must look", "PK-1, PK-2", "Busy"]
    ]
    assert exporter.describe(admin_user, query) == [("Status", "Failed: a person must look"), ("Search", "PO-")]
