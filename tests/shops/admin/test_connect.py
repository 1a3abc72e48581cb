"""The page that connects a shop: what it stores, what it refuses, and that no secret comes back."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.urls import reverse

from shops.models import MarketplaceApp, Shop, ShopGrant
from tests.factories.people import make_person
from tests.factories.shops import make_app, make_shop

pytestmark = pytest.mark.django_db
CONNECT = reverse("admin:shops_shop_connect")


@pytest.fixture
def person(client, db):
    person = make_person("shops.view_shop", "shops.add_shop")
    client.force_login(person)
    return person


@pytest.fixture
def filled(sandbox):
    """What somebody fills in for the sandbox's first shop with a new app."""
    app, shop = sandbox.app, sandbox.shop_facts()
    return {
        "marketplace": "tiktok", "app": "", "app_key": app["app_key"], "app_secret": app["app_secret"],
        "api_url": app["api_url"], "auth_url": app["auth_url"], "access_token": shop["access_token"],
        "refresh_token": shop["refresh_token"], "external_id": "", "cipher": "",
    }  # fmt: skip


def secrets_in(answer, filled):
    text = answer.content.decode()
    names = ("app_secret", "access_token", "refresh_token", "cipher")
    return [name for name in names if filled[name] and filled[name] in text]


def test_a_new_app_and_its_shop_are_connected_and_granted_to_who_did_it(client, person, sandbox, filled):
    answer = client.post(CONNECT, filled)
    shop = Shop.objects.get()
    assert shop.external_id == sandbox.shop_facts()["external_id"]
    assert answer.url == reverse("admin:shops_shop_change", args=[shop.pk])
    assert [grant.user for grant in shop.grants.all()] == [person]
    assert LogEntry.objects.get().change_message == "Connected."


def test_a_known_app_needs_no_key_again(client, person, sandbox, filled):
    client.post(CONNECT, filled)
    second = sandbox.shop_facts(1)
    app = MarketplaceApp.objects.get()
    blank = dict.fromkeys(("app_key", "app_secret", "api_url", "auth_url"), "")
    tokens = {"access_token": second["access_token"], "refresh_token": second["refresh_token"]}
    client.post(CONNECT, {**filled, **blank, **tokens, "app": app.pk})
    assert Shop.objects.filter(app=app).count() == 2


def test_who_sees_everything_gets_no_grant(client, sandbox, filled):
    client.force_login(User.objects.create_superuser("chief"))
    client.post(CONNECT, filled)
    assert Shop.objects.count() == 1
    assert not ShopGrant.objects.exists()


@pytest.mark.parametrize(("change", "said"), [
    ({"app_secret": "mistyped-secret"}, "The signature was refused"),
    ({"app_key": "mistyped"}, "app key"),
    ({"access_token": "mistyped-token", "refresh_token": "mistyped-refresh"}, "The marketplace refused"),
    ({"external_id": "123"}, "The authorisation reaches these shops"),
    ({"cipher": "mistyped-cipher"}, "The authorisation reaches these shops"),
    ({"api_url": "https://evil.example"}, "is not an address that credentials may be sent to"),
    ({"auth_url": "http://127.0.0.1.evil.example"}, "is not an address that credentials may be sent to"),
    ({"access_token": ""}, "This field is required"),
    ({"app_secret": ""}, "A new app needs it"),
    ({"marketplace": "nowhere"}, "Select a valid choice"),
    ({"app": "999999"}, "Select a valid choice"),
])  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_stored_nor_echoed(client, person, filled, waits, change, said):
    sent = {**filled, **change}
    answer = client.post(CONNECT, sent)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert secrets_in(answer, sent) == []
    assert not Shop.objects.exists()
    assert not MarketplaceApp.objects.exists()


def test_what_is_no_secret_is_kept_for_the_next_try(client, person, filled):
    answer = client.post(CONNECT, {**filled, "access_token": ""})
    assert filled["app_key"] in answer.content.decode()


def test_a_mistyped_secret_does_not_replace_the_one_of_a_known_app(client, person, filled, waits):
    client.post(CONNECT, filled)
    client.post(CONNECT, {**filled, "app_secret": "mistyped"})
    assert MarketplaceApp.objects.get().app_secret == filled["app_secret"]


def test_browsers_are_told_to_keep_nothing(client, person):
    text = client.get(CONNECT).content.decode()
    assert text.count('type="password"') == 4
    assert text.count('autocomplete="new-password"') == 4
    assert "https://open-api.tiktokglobalshop.com" in text


def test_a_link_for_a_known_shop_fills_in_app_and_number(client, person):
    shop = make_shop()
    ShopGrant.objects.create(shop=shop, user=person)
    text = client.get(CONNECT, {"app": shop.app_id, "external_id": shop.external_id}).content.decode()
    assert f'<option value="{shop.app_id}" selected' in text
    assert f'value="{shop.external_id}"' in text


def test_apps_of_foreign_shops_are_not_offered(client, person):
    foreign = make_shop(app=make_app(name="faraway app")).app
    assert "faraway" not in client.get(CONNECT).content.decode()
    answer = client.post(CONNECT, {"marketplace": "tiktok", "app": foreign.pk, "access_token": "token"})
    assert "Select a valid choice" in answer.content.decode()


def test_who_may_not_add_shops_sees_neither_page_nor_button(client):
    client.force_login(make_person("shops.view_shop", "shops.change_shop"))
    assert client.get(CONNECT).status_code == 403
    assert client.post(CONNECT, {}).status_code == 403
    assert CONNECT not in client.get(reverse("admin:shops_shop_changelist")).content.decode()


def test_the_list_of_shops_leads_to_it(client, person):
    assert CONNECT in client.get(reverse("admin:shops_shop_changelist")).content.decode()
