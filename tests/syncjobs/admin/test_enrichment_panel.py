"""What an order's page says while its package numbers are wanted, and the button that asks for them at once."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from backoffice.common import clock
from backoffice.common.lists.models import BatchItem
from shops.marketplaces.records import OrderStatus
from syncjobs.models import EnrichmentTask
from tests.factories.enrichment import make_task, store_unnumbered
from tests.factories.pages import press
from tests.factories.people import make_person
from tests.factories.records import make_order
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db
PENDING = "Package number pending"
ASK = "syncjobs.ask_for_packages"
PERMISSIONS = ("orders.view_order", "syncjobs.view_enrichmenttask", "syncjobs.add_enrichmenttask")


def page_of(order):
    return reverse("admin:orders_order_change", args=[order.pk])


def read(client, order):
    answer = client.get(page_of(order))
    offered = ASK in [button["action"].key for button in answer.context["row_buttons"]]
    return answer.content.decode(), offered


def ask(client, order, follow=True):
    return client.post(reverse("admin:orders_order_do", args=[order.pk, ASK]), follow=follow)


@pytest.fixture
def shop(db):
    return make_shop(is_enriched=True)


def test_an_order_says_how_far_the_asking_is_and_why_it_waits(client, shop):
    later = clock.now() + timedelta(hours=3, minutes=1)
    task = make_task(shop, error_message="No number <yet>.", looks=2, retry_count=1, next_try_at=later)
    client.force_login(make_person(*PERMISSIONS, shops=(shop,)))
    page, offered = read(client, task.order)
    task_page = reverse("admin:syncjobs_enrichmenttask_change", args=[task.pk])
    assert "No parcel yet" not in page
    for part in (PENDING, "No number &lt;yet&gt;.", "Asked 2 times", "1 of 5 tries", "in 3 h", task_page):
        assert part in page, part
    assert offered


def test_of_an_order_with_some_of_its_packages_the_rest_is_still_pending(admin_client, shop):
    page, offered = read(admin_client, make_task(shop, package_sns=["PK-1"]).order)
    assert (PENDING in page, "1 known so far" in page, offered) == (True, True, True)


def test_nothing_is_pending_of_an_order_whose_packages_are_all_known(admin_client, shop):
    done = make_task(shop, status="completed", package_sns=["PK-1"]).order
    packed = store_unnumbered(shop, packages=make_order().packages)
    parcelled = store_unnumbered(shop, "PO-3")
    store_record(shop, "shipment", "PK-3", order_external_ids=("PO-3",))
    at_home = store_unnumbered(shop, status=OrderStatus.AWAITING_SHIPMENT)
    for order in (done, packed, parcelled, at_home):
        page, offered = read(admin_client, order)
        assert (PENDING in page, offered) == (False, False)


def test_an_order_that_nobody_asks_for_says_why(admin_client):
    quiet = make_shop(is_enriched=False)
    page, _ = read(admin_client, store_unnumbered(quiet))
    assert (PENDING in page, "does not ask for package numbers" in page) == (True, True)


def test_a_failed_task_says_why_and_that_it_is_not_tried_by_itself(admin_client, shop):
    task = make_task(shop, status="failed", error_message="The order is not there.")
    page, offered = read(admin_client, task.order)
    assert ("The order is not there." in page, "next try" in page, offered) == (True, False, True)


def test_of_a_paused_shop_the_order_says_so(admin_client, shop):
    task = make_task(shop)
    type(shop).objects.update(state="paused")
    page, _ = read(admin_client, task.order)
    assert ("is paused" in page, "next try" in page) == (True, False)


def test_who_may_not_see_tasks_sees_nothing_of_them(client, shop):
    order = make_task(shop, error_message="secret reason").order
    client.force_login(make_person("orders.view_order", shops=(shop,)))
    page, offered = read(client, order)
    assert ("secret reason" in page, PENDING in page, offered) == (False, False, False)
    assert ask(client, order).status_code == 403


def test_the_button_makes_the_task_and_notes_who_asked(client, shop):
    order = store_unnumbered(shop)
    client.force_login(make_person(*PERMISSIONS, shops=(shop,)))
    assert "Asked for before all others" in ask(client, order).content.decode()
    task = EnrichmentTask.objects.get()
    assert (task.order, task.status, task.priority) == (order, "pending", 0)
    assert LogEntry.objects.get().change_message == "Package numbers asked for."
    ask(client, order)
    assert EnrichmentTask.objects.count() == 1


def test_workers_hear_of_a_wish_and_of_a_retry_after_the_commit(
    admin_client, shop, monkeypatch, django_capture_on_commit_callbacks
):
    heard = []
    monkeypatch.setattr("syncjobs.admin.enrichment_actions.wake_enrichers", lambda: heard.append(True))
    failed = make_task(shop, status="failed")
    for row, key in ((store_unnumbered(shop), ASK), (failed, "syncjobs.retry_enrichment")):
        with django_capture_on_commit_callbacks(execute=True):
            press(admin_client, row, key)
            assert heard == []
        assert heard.pop()


def test_a_button_is_pressed_and_not_opened(admin_client, shop):
    order = store_unnumbered(shop)
    assert admin_client.get(reverse("admin:orders_order_do", args=[order.pk, ASK])).status_code == 405
    assert not EnrichmentTask.objects.exists()


def test_the_button_says_why_nothing_is_asked_for(admin_client, shop):
    order = store_unnumbered(shop, status=OrderStatus.AWAITING_SHIPMENT)
    page = ask(admin_client, order).content.decode()
    assert "The order is not on its way, but awaiting shipment" in page
    assert not LogEntry.objects.exists()


def test_many_orders_are_asked_for_at_once(client, shop):
    orders = [store_unnumbered(shop), store_unnumbered(shop, status=OrderStatus.CANCELLED)]
    client.force_login(make_person(*PERMISSIONS, shops=(shop,)))
    chosen = {"action": ASK, "_selected_action": [order.pk for order in orders]}
    client.post(reverse("admin:orders_order_changelist"), chosen, follow=True)
    assert [task.order for task in EnrichmentTask.objects.all()] == orders[:1]
    assert set(BatchItem.objects.values_list("state", flat=True)) == {"done", "refused"}
