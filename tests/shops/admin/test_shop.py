"""The shop's page: what people may edit, that the second of two editors is told, and what its buttons do."""

import pytest
from django.urls import reverse

from backoffice.common import clock
from shops.models import Shop, ShopCredential
from tests.factories.people import make_person
from tests.factories.shops import make_app, make_shop

pytestmark = pytest.mark.django_db
SUGGESTIONS = reverse("admin:shops_shop_suggestions")


@pytest.fixture
def editor(client, shop):
    client.force_login(make_person("shops.view_shop", "shops.change_shop", "shops.delete_shop", shops=(shop,)))
    return client


def address(row, name="change", *more):
    return reverse(f"admin:shops_{row._meta.model_name}_{name}", args=[row.pk, *more])


def open_form(client, row):
    """What the browser would send back from the page as it is now."""
    context = client.get(address(row)).context
    sent = {name: "" if value is None else value for name, value in context["adminform"].form.initial.items()}
    for inline in context["inline_admin_formsets"]:
        management = inline.formset.management_form
        sent |= {management.add_prefix(name): value for name, value in management.initial.items()}
        sent |= {management.add_prefix(name): 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return sent


def test_name_currency_and_zone_are_saved(editor, shop):
    sent = open_form(editor, shop) | {"name": "Other", "currency": "usd", "timezone": "Europe/London"}
    assert editor.post(address(shop), sent).status_code == 302
    stored = Shop.objects.get()
    assert (stored.name, stored.currency, stored.timezone) == ("Other", "USD", "Europe/London")


@pytest.mark.parametrize(("field", "value"), [
    ("currency", "VN"), ("currency", "V1D"), ("currency", "ĐĐĐ"), ("timezone", "Hanoi"), ("timezone", "../etc/passwd"),
    ("timezone", ""), ("name", ""),
])  # fmt: skip
def test_nonsense_is_refused(editor, shop, field, value):
    answer = editor.post(address(shop), open_form(editor, shop) | {field: value})
    assert field in answer.context["adminform"].form.errors
    assert getattr(Shop.objects.get(), field) == getattr(shop, field)


def test_the_second_of_two_editors_is_told_and_saves_nothing(editor, shop):
    first, second = open_form(editor, shop), open_form(editor, shop)
    editor.post(address(shop), first | {"name": "The first"})
    answer = editor.post(address(shop), second | {"name": "The second"})
    assert "Somebody else changed this" in answer.content.decode()
    assert Shop.objects.get().name == "The first"


def test_a_form_without_its_version_saves_nothing(editor, shop):
    sent = open_form(editor, shop) | {"name": "Blind"}
    del sent["seen_at"]
    editor.post(address(shop), sent)
    assert Shop.objects.get().name == shop.name


def test_a_sync_between_opening_and_saving_is_no_other_editor_and_is_not_undone(editor, shop):
    sent = open_form(editor, shop) | {"name": "Other"}
    stamp = clock.now()
    Shop.objects.update(last_sync_at=stamp, sync_status="ok")
    editor.post(address(shop), sent)
    stored = Shop.objects.get()
    assert (stored.name, stored.last_sync_at, stored.sync_status) == ("Other", stamp, "ok")


def test_the_state_is_no_field_of_the_form(editor, shop):
    editor.post(address(shop), open_form(editor, shop) | {"state": "paused", "sync_status": "ok"})
    stored = Shop.objects.get()
    assert (stored.state, stored.sync_status) == ("active", "never")


def test_two_editors_of_an_app_are_told_as_well(client, shop):
    client.force_login(make_person("shops.view_marketplaceapp", "shops.change_marketplaceapp", shops=(shop,)))
    app = shop.app
    first, second = open_form(client, app), open_form(client, app)
    client.post(address(app), first | {"calls_per_day": 5})
    client.post(address(app), second | {"calls_per_day": 7})
    app.refresh_from_db()
    assert app.calls_per_day == 5


def press(client, shop, key):
    return client.post(address(shop, "do", key), follow=True).content.decode()


def test_its_buttons_pause_and_resume_it(editor, shop):
    assert "the rest waits" in press(editor, shop, "shops.pause")
    assert Shop.objects.get().state == "paused"
    assert "Active again" in press(editor, shop, "shops.resume")
    assert Shop.objects.get().state == "active"


def test_disconnecting_forgets_its_tokens(editor, shop):
    press(editor, shop, "shops.disconnect")
    assert Shop.objects.get().state == "disconnected"
    assert not ShopCredential.objects.exists()


def test_checking_names_each_step_and_what_failed(editor, shop, waits):
    text = press(editor, shop, "shops.check")
    assert "✓ address" in text
    assert "✗" in text
    assert "cannot be synced as it is" in text


def test_buttons_are_never_pressed_by_a_link(editor, shop):
    assert editor.get(address(shop, "do", "shops.pause")).status_code == 405
    assert Shop.objects.get().state == "active"


@pytest.mark.parametrize("key", ["shops.pause", "shops.resume", "shops.check", "shops.disconnect"])
def test_who_may_only_look_presses_nothing(client, shop, key):
    client.force_login(make_person("shops.view_shop", shops=(shop,)))
    assert client.post(address(shop, "do", key)).status_code == 403
    assert Shop.objects.get().state == "active"


def test_foreign_shops_cannot_be_paused(editor, shop):
    foreign = make_shop()
    assert editor.post(address(foreign, "do", "shops.pause")).status_code == 404
    assert Shop.objects.get(pk=foreign.pk).state == "active"


def suggested(client, **query):
    return [choice["text"] for choice in client.get(SUGGESTIONS, query).json()["results"]]


def test_suggestions_are_the_persons_own_shops_by_the_beginning_of_name_or_number(client):
    own = make_shop(name="Alpha", external_id="111")
    make_shop(name="Alpha 2", external_id="222")
    client.force_login(make_person(shops=(own,)))
    assert client.get(SUGGESTIONS, {"term": "alp"}).json()["results"] == [{"id": str(own.pk), "text": "Alpha"}]
    assert suggested(client, term="11") == ["Alpha"]
    assert suggested(client, term="222") == []
    assert suggested(client, term="lpha") == []


@pytest.mark.parametrize(
    "query", [{"term": "\x00"}, {"page": "x"}, {"page": "-1"}, {"page": "9" * 30}, {"term": "a" * 999}]
)
def test_odd_questions_for_suggestions_are_answered(client, query):
    client.force_login(make_person(shops=(make_shop(name="a" * 100, app=make_app()),)))
    assert client.get(SUGGESTIONS, query).status_code == 200
