"""Buttons, bulk actions and their results, as a person at the screen has them."""

import pytest
from django.urls import reverse

from backoffice.common.lists import batches, tasks
from backoffice.common.lists.models import Batch
from shops.models import Shop
from tests.architecture.rows import make_person, make_superuser
from tests.backoffice.common.lists.acting import Greeting, find, make_shops, plant_action

pytestmark = pytest.mark.django_db
SHOPS = reverse("admin:shops_shop_changelist")


@pytest.fixture
def greeting():
    return Greeting()


@pytest.fixture
def action(monkeypatch, greeting):
    return plant_action(monkeypatch, greeting)


@pytest.fixture
def chief(client):
    chief = make_superuser()
    client.force_login(chief)
    return chief


def do(client, shop, key="tests.greet", **values):
    return client.post(reverse("admin:shops_shop_do", args=[shop.pk, key]), values, follow=True)


def do_to_all(client, shops, key="tests.greet", address=SHOPS, **values):
    chosen = {"action": key, "index": "0", "_selected_action": [shop.pk for shop in shops], **values}
    return client.post(address, chosen, follow=True)


# One row


def test_a_button_does_it_and_says_what_became_of_it(client, chief, action, greeting):
    (shop,) = make_shops("one")
    page = client.get(reverse("admin:shops_shop_change", args=[shop.pk])).content.decode()
    assert f'action="{reverse("admin:shops_shop_do", args=[shop.pk, action.key])}"' in page
    answer = do(client, shop)
    assert greeting.greeted == [shop.pk]
    assert answer.redirect_chain == [(reverse("admin:shops_shop_change", args=[shop.pk]), 302)]
    assert f"Greet: {chief.username} greeted one." in answer.content.decode()


def test_the_reason_of_a_refusal_is_shown_as_text(client, chief, action):
    (shop,) = make_shops("no <b>html</b>")
    assert "no &lt;b&gt;html&lt;/b&gt; does not want to be greeted." in do(client, shop).content.decode()


def test_opening_the_address_of_a_button_does_nothing(client, chief, action, greeting):
    (shop,) = make_shops("one")
    assert client.get(reverse("admin:shops_shop_do", args=[shop.pk, action.key])).status_code == 405
    assert greeting.greeted == []


def test_a_button_needs_its_token(chief, action, greeting):
    from django.test import Client

    (shop,) = make_shops("one")
    client = Client(enforce_csrf_checks=True)
    client.force_login(chief)
    assert client.post(reverse("admin:shops_shop_do", args=[shop.pk, action.key])).status_code == 403
    assert greeting.greeted == []


def test_a_foreign_row_and_an_unknown_action_are_not_there(client, action, greeting):
    own, foreign = make_shops("own", "foreign")
    client.force_login(make_person([own]))
    assert do(client, foreign).status_code == 404
    assert do(client, own, "tests.gone").status_code == 404
    assert do(client, own, "tests.greet").status_code == 200
    assert client.post(reverse("admin:shops_shop_do", args=["x", "tests.greet"])).status_code == 404
    assert greeting.greeted == [own.pk]


def test_without_the_permission_there_is_no_button_no_bulk_action_and_no_way(client, action, greeting):
    (shop,) = make_shops("one")
    person = make_person([shop])
    person.user_permissions.set(person.user_permissions.filter(codename="view_shop"))
    client.force_login(person)
    assert "Greet" not in client.get(reverse("admin:shops_shop_change", args=[shop.pk])).content.decode()
    assert "Greet" not in client.get(SHOPS).content.decode()
    assert do(client, shop).status_code == 403
    do_to_all(client, [shop])
    assert (greeting.greeted, Batch.objects.count()) == ([], 0)


def test_a_button_is_there_only_where_it_is_offered_and_a_dangerous_one_is_confirmed(client, chief, monkeypatch):
    plant_action(monkeypatch, Greeting(), is_offered=lambda shop: shop.name == "yes", is_dangerous=True)
    for shop in make_shops("yes", "other"):
        page = client.get(reverse("admin:shops_shop_change", args=[shop.pk])).content.decode()
        assert ("data-confirm" in page) is (shop.name == "yes")
    assert "tests.greet" in find(r'id="dangerous-actions"[^>]*>([^<]*)<', client.get(SHOPS).content.decode())


def test_a_button_leads_back_to_where_it_was_and_to_no_other_host(client, chief, action):
    (shop,) = make_shops("one")
    assert do(client, shop, next=SHOPS).redirect_chain[0][0] == SHOPS
    own_page = reverse("admin:shops_shop_change", args=[shop.pk])
    for address in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"):
        assert do(client, shop, next=address).redirect_chain[0][0] == own_page


# Many rows


def test_few_rows_are_done_at_once_and_each_result_is_shown_the_refused_first(client, chief, action, woken):
    shops = make_shops("one", "no", "two")
    answer = do_to_all(client, shops)
    batch = Batch.objects.get()
    assert (batch.state, batch.done_count, batch.failed_count) == ("done", 3, 1)
    page = answer.content.decode()
    assert answer.redirect_chain == [(reverse("admin:lists_batch_change", args=[batch.pk]), 302)]
    assert page.index("no does not want to be greeted.") < page.index("greeted one.") < page.index("greeted two.")
    assert reverse("admin:shops_shop_change", args=[shops[0].pk]) in page
    assert "data-live=" not in page
    assert "Rows in all" not in page, "the panel says it all; the columns of the row need not follow it"
    assert woken == []


def test_many_rows_go_to_the_background_and_the_page_renews_itself_until_the_end(
    client, chief, action, woken, settings, greeting
):
    settings.BULK_ACTION_LIMIT = 2
    page = do_to_all(client, make_shops("a", "b", "c")).content.decode()
    batch = Batch.objects.get()
    assert (greeting.greeted, woken) == ([], [("work_on_batch", batch.pk)])
    live = find(r'data-live="([^"]*)"', page)
    tasks.work_on_batch(batch.pk)
    panel = client.get(live).content.decode()
    assert "data-live=" not in panel
    assert "greeted c." in panel


def test_what_takes_too_long_for_a_request_is_handed_to_the_background(client, chief, action, woken, monkeypatch):
    monkeypatch.setattr(batches, "run_batch", lambda batch_id, seconds: True)
    do_to_all(client, make_shops("a"))
    assert woken == [("work_on_batch", Batch.objects.get().pk)]


def test_all_that_match_the_filters_can_be_chosen_and_nothing_else_is(client, action, greeting):
    own, other, foreign = make_shops("same one", "different", "same foreign")
    client.force_login(make_person([own, other]))
    names = [shop.name for shop in Shop.objects.all() if shop.pk != foreign.pk]
    do_to_all(client, [own], select_across="1")
    assert len(greeting.greeted) == len(names) == 2
    greeting.greeted.clear()
    found = client.get(SHOPS, {"q": "same"}).context["cl"].result_count
    do_to_all(client, [own], address=f"{SHOPS}?q=same", select_across="1")
    assert (found, greeting.greeted) == (1, [own.pk])


def test_too_many_rows_are_refused_with_a_sentence(client, chief, action, greeting, monkeypatch):
    monkeypatch.setattr(batches, "BATCH_MAX_ROWS", 2)
    answer = do_to_all(client, make_shops("a", "b", "c"), select_across="1")
    assert "more than 2 rows" in answer.content.decode()
    assert greeting.greeted == []
    assert "narrow the list to act on all of them" in client.get(SHOPS).content.decode()


def test_foreign_rows_cannot_be_chosen(client, action, greeting):
    own, foreign = make_shops("own", "foreign")
    client.force_login(make_person([own]))
    do_to_all(client, [own, foreign])
    assert greeting.greeted == [own.pk]
    do_to_all(client, [foreign])
    assert greeting.greeted == [own.pk]


def test_results_are_paged_and_the_page_stays_while_it_renews(client, chief, action, woken, settings):
    settings.BULK_ACTION_LIMIT = 1
    do_to_all(client, make_shops(*(f"s{number}" for number in range(53))), select_across="1")
    address = reverse("admin:lists_batch_change", args=[Batch.objects.get().pk])
    second = client.get(f"{address}?page=2")
    assert len(second.context["results"]) == 3
    live = find(r'data-live="([^"]*)"', second.content.decode())
    assert len(client.get(live.replace("&amp;", "&")).context["results"]) == 3
    assert client.get(f"{address}?page=99999").status_code == client.get(f"{address}?page=x").status_code == 200


def test_a_batch_can_be_cancelled_by_its_owner_only_and_only_once(client, chief, action, woken, settings):
    settings.BULK_ACTION_LIMIT = 0
    do_to_all(client, make_shops("a"))
    cancel = reverse("admin:lists_batch_cancel", args=[Batch.objects.get().pk])
    assert client.get(cancel).status_code == 405
    client.force_login(make_person())
    assert client.post(cancel).status_code == 404
    client.force_login(chief)
    assert "Cancelled" in client.post(cancel, follow=True).content.decode()
    assert Batch.objects.get().state == "cancelled"
    assert "ended already" in client.post(cancel, follow=True).content.decode()


def test_a_batch_of_an_action_that_is_gone_can_still_be_read(client, chief, action, monkeypatch):
    do_to_all(client, make_shops("one"))
    Batch.objects.update(action="tests.gone")
    page = client.get(reverse("admin:lists_batch_change", args=[Batch.objects.get().pk])).content.decode()
    assert "tests.gone" in page
    assert "greeted one." in page
    assert client.get(reverse("admin:lists_batch_changelist")).status_code == 200
