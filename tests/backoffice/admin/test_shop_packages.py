"""What a shop's page says of its package numbers, its switch, and the button for orders that are here already."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from backoffice.common import clock
from shops.marketplaces.records import OrderStatus
from syncjobs.models import EnrichmentTask
from syncjobs.services import FoundOrders
from tests.factories.enrichment import make_task, store_unnumbered
from tests.factories.pages import address, log_in, press
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
ASK, BUTTON = "syncjobs.ask_for_older", "Ask for older orders</button>"
MAY_LOOK = ("shops.view_shop", "syncjobs.view_enrichmenttask")


def live(client, shop):
    return client.get(address(shop, "live")).content.decode()


@pytest.fixture
def messages(monkeypatch):
    """What was sent to workers after the commit."""
    sent = []
    monkeypatch.setattr(
        "syncjobs.tasks.find_enrichment.apply_async", lambda arguments, queue: sent.append((*arguments, queue))
    )
    return sent


def test_it_shows_how_many_are_known_what_waits_and_why(client, shop):
    make_task(shop, status="completed", finished_at=clock.now())
    for cause in ("No number yet.", "No number yet.", ""):
        make_task(shop, cause=cause, created_at=clock.now() - timedelta(hours=5))
    make_task(shop, status="failed")
    make_task(shop, status="cancelled")
    make_task(make_shop(), cause="of another shop")
    log_in(client, *MAY_LOOK, shops=(shop,))
    text = live(client, shop)
    tasks = reverse("admin:syncjobs_enrichmenttask_changelist")
    for part in ('aria-valuenow="20"', f"{tasks}?shop={shop.pk}&amp;status=failed", "No number yet.", "5 h ago"):
        assert part in text, part
    assert '<span class="number">2</span> wait: No number yet.' in text
    assert '<span class="number">1</span> waits: Not asked for yet.' in text
    assert "another shop" not in text


def test_a_shop_that_cannot_be_asked_says_why_instead(client, shop):
    make_task(shop, cause="No number yet.")
    type(shop).objects.update(is_enriched=False)
    log_in(client, *MAY_LOOK, shops=(shop,))
    text = live(client, shop)
    assert ("Switch that on at the shop first" in text, "No number yet." in text) == (True, False)


def test_a_shop_of_which_nothing_is_asked_says_so(client, shop):
    log_in(client, *MAY_LOOK, shops=(shop,))
    assert "No order of this shop had to be asked for." in live(client, shop)


def test_who_may_not_see_tasks_sees_no_number_of_them(client, shop):
    make_task(shop)
    log_in(client, "shops.view_shop", shops=(shop,))
    assert "Package numbers" not in live(client, shop)


def test_the_button_makes_the_tasks_of_orders_that_are_here(client, shop, messages, django_capture_on_commit_callbacks):
    store_unnumbered(shop)
    store_unnumbered(shop, status=OrderStatus.AWAITING_SHIPMENT)
    store_unnumbered(make_shop())
    log_in(client, *MAY_LOOK, "syncjobs.add_enrichmenttask", shops=(shop,))
    assert BUTTON in live(client, shop)
    with django_capture_on_commit_callbacks(execute=True):
        assert "1 more order is asked for package numbers." in press(client, shop, ASK)
    assert [task.shop_id for task in EnrichmentTask.objects.all()] == [shop.pk]
    assert LogEntry.objects.get().change_message == "1 more order is asked for package numbers."
    assert messages == []


def test_of_very_many_orders_a_worker_looks_through_the_rest(
    admin_client, shop, messages, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr("syncjobs.services.enrich_shop", lambda shop, seconds: FoundOrders(2_000, "584", False))
    with django_capture_on_commit_callbacks(execute=True):
        assert "2,000 more orders are asked for package numbers so far" in press(admin_client, shop, ASK)
    assert messages == [(shop.pk, "584", "sweeps")]


def test_the_button_is_refused_where_the_shop_cannot_be_asked(admin_client, shop):
    store_unnumbered(shop)
    type(shop).objects.update(state="paused")
    assert BUTTON not in live(admin_client, shop)
    assert "is paused" in press(admin_client, shop, ASK)
    assert not EnrichmentTask.objects.exists()


def test_who_may_only_look_may_not_ask(client, shop):
    log_in(client, *MAY_LOOK, shops=(shop,))
    assert BUTTON not in live(client, shop)
    assert client.post(address(shop, "do", ASK)).status_code == 403


def save(client, shop, *, is_enriched):
    context = client.get(address(shop, "change")).context
    sent = {name: value or "" for name, value in context["adminform"].form.initial.items()}
    for inline in context["inline_admin_formsets"]:
        management = inline.formset.management_form
        sent |= {management.add_prefix(name): 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    sent.pop("is_enriched")
    sent |= {"is_enriched": "on"} if is_enriched else {}
    assert client.post(address(shop, "change"), sent).status_code == 302
    shop.refresh_from_db()


def test_the_switch_is_on_the_page_and_switching_it_on_looks_through_the_orders_that_are_here(
    client, shop, messages, django_capture_on_commit_callbacks
):
    log_in(client, "shops.view_shop", "shops.change_shop", shops=(shop,))
    for is_enriched, sent in ((False, []), (True, [(shop.pk, "", "sweeps")]), (True, [(shop.pk, "", "sweeps")])):
        with django_capture_on_commit_callbacks(execute=True):
            save(client, shop, is_enriched=is_enriched)
        assert (shop.is_enriched, messages) == (is_enriched, sent)
