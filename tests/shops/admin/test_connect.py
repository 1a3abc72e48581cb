"""The pages that connect shops: what they store, what they refuse, and that no secret comes back."""

from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
import requests
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse

from backoffice.common import clock
from shops.models import ConnectAttempt, MarketplaceApp, Shop, ShopCredential, ShopGrant
from tests.factories.people import make_person
from tests.factories.shops import make_app, make_shop

pytestmark = pytest.mark.django_db
CONNECT = reverse("admin:shops_shop_connect")
CALLBACK = reverse("shops_authorised")
MARKETPLACES = ("tiktok", "temu", "shopee", "lazada")


@pytest.fixture
def person(client, db):
    person = make_person("shops.view_shop", "shops.add_shop")
    client.force_login(person)
    return person


def facts_of(sandbox, marketplace):
    return sandbox.control("GET", "/world")["marketplaces"][marketplace]


def origin(url):
    return "://".join(urlsplit(url)[:2])


def app_fields(sandbox, marketplace="tiktok"):
    """What somebody enters of a new app."""
    facts = facts_of(sandbox, marketplace)
    return {
        "app": "", "app_key": facts["app_key"], "app_secret": facts["app_secret"],
        "service_id": facts.get("service_id", ""), "api_url": origin(facts["api_url"]),
        "auth_url": origin(facts["auth_url"]), "consent_url": origin(facts["authorise_url"]),
    }  # fmt: skip


def pasted(sandbox, marketplace="tiktok", number=0):
    shop = facts_of(sandbox, marketplace)["shops"][number]
    fields = {"access_token": shop["access_token"], "refresh_token": shop["refresh_token"] or "", "way": "paste"}
    if marketplace in ("shopee", "lazada"):
        fields |= {"external_id": shop["external_id"], "region": shop["region"]}
    return {**app_fields(sandbox, marketplace), **fields}


def post(client, fields, marketplace="tiktok"):
    return client.post(f"{CONNECT}?marketplace={marketplace}", fields)


def choose(client, answer, shops=None):
    """Choose what the page offers, or these."""
    address = answer.url
    page = client.get(address)
    assert page.status_code == 200, page.content.decode()
    offered = [line["value"] for line in page.context["lines"]]
    return client.post(address, {"shops": offered if shops is None else shops})


@pytest.fixture(params=MARKETPLACES)
def marketplace(request):
    return request.param


def test_it_begins_with_the_marketplaces(client, person):
    text = client.get(CONNECT).content.decode()
    for marketplace in MARKETPLACES:
        assert f"?marketplace={marketplace}" in text


def test_a_pasted_token_connects_its_shop_on_every_marketplace(client, person, sandbox, marketplace):
    answer = post(client, pasted(sandbox, marketplace), marketplace)
    assert not Shop.objects.exists(), "before it is chosen"
    assert not MarketplaceApp.objects.exists()
    answer = choose(client, answer)
    shop = Shop.objects.get()
    assert shop.external_id == facts_of(sandbox, marketplace)["shops"][0]["external_id"]
    assert answer.url == reverse("admin:shops_shop_change", args=[shop.pk])
    assert [grant.user for grant in shop.grants.all()] == [person]
    assert LogEntry.objects.get().change_message == "Connected."
    assert "the test of its connection passed" in client.get(answer.url).content.decode()


def go_to_the_marketplace(address, shop):
    """Be the seller: choose a shop on the consent page, and return where it sends the browser."""
    page = requests.get(address, timeout=10)
    assert page.ok, page.text
    answer = requests.get(f"{address}&shop={shop}", timeout=10, allow_redirects=False)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


@pytest.fixture
def set_out(client, person, sandbox):
    """Fill in the app and leave for the marketplace."""
    touched = []

    def leave(marketplace="lazada", shop=None, **more):
        if marketplace in ("tiktok", "temu"):  # these lead back to where the app's settings say
            sandbox.switch(marketplace, callback_url=f"http://testserver{CALLBACK}")
            touched.append(marketplace)
        answer = post(client, {**app_fields(sandbox, marketplace), "way": "authorise", **more}, marketplace)
        assert answer.status_code == 302, answer.content.decode()
        shop = shop or facts_of(sandbox, marketplace)["shops"][0]["external_id"]
        return go_to_the_marketplace(answer.url, shop)

    yield leave
    for marketplace in touched:
        sandbox.switch(marketplace, callback_url="")


def test_the_way_to_the_marketplace_and_back_connects_the_shop(client, person, sandbox, set_out, marketplace):
    answer = client.get(set_out(marketplace))
    assert answer.status_code == 302, answer.content.decode()
    answer = choose(client, answer)
    shop = Shop.objects.get()
    assert shop.external_id == facts_of(sandbox, marketplace)["shops"][0]["external_id"]
    assert shop.region == facts_of(sandbox, marketplace)["shops"][0]["region"]
    assert shop.timezone != "UTC"
    assert "the test of its connection passed" in client.get(answer.url).content.decode()


def test_the_token_waits_encrypted_and_is_gone_when_shops_are_chosen(client, sandbox, set_out):
    answer = client.get(set_out())
    attempt = ConnectAttempt.objects.get()
    token = orjson.loads(attempt.answer)["token"]["access_token"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT answer, new_app FROM shops_connectattempt")
        stored = str(cursor.fetchall())
    assert token not in stored
    assert facts_of(sandbox, "lazada")["app_secret"] not in stored
    assert token not in str(dict(client.session))
    choose(client, answer)
    assert ConnectAttempt.objects.get().answer == ""
    assert ShopCredential.objects.get().access_token == token


def test_all_shops_of_a_main_account_get_each_its_own_token(client, person, sandbox, set_out):
    answer = client.get(set_out("shopee", "main"))
    choose(client, answer)
    assert Shop.objects.count() == 2
    credentials = ShopCredential.objects.all()
    assert len({one.access_token for one in credentials}) == len({one.authorisation for one in credentials}) == 2


def test_only_the_chosen_ones_are_connected(client, sandbox, set_out):
    answer = client.get(set_out("shopee", "main"))
    offered = [line["value"] for line in client.get(answer.url).context["lines"]]
    assert len(offered) == 2
    choose(client, answer, offered[1:])
    assert Shop.objects.get().external_id == offered[1].split(":")[1]


def test_to_choose_none_is_no_choice(client, sandbox, set_out):
    answer = client.get(set_out())
    address = answer.url
    assert "Choose at least one shop." in client.post(address, {}, follow=True).content.decode()
    assert choose(client, answer).status_code == 302
    assert Shop.objects.count() == 1


def said(answer):
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "No shop was connected." in text
    assert not Shop.objects.exists()
    return text


def test_an_address_that_was_used_is_refused_the_second_time(client, set_out):
    back = set_out()
    assert client.get(back).status_code == 302
    assert "works once" in said(client.get(back))


@pytest.mark.parametrize("state", ["", "nonsense", "00000000000000000000000000000000:1tXXXX:abc"])
def test_a_state_that_was_not_given_out_is_refused_also_without_login(client, db, state):
    assert "none that was given out here" in said(client.get(CALLBACK, {"state": state, "code": "code"}))


def test_one_that_took_too_long_is_refused(client, set_out, monkeypatch):
    back = set_out()
    later = clock.unix_seconds() + 700
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert "longer than 10 minutes" in said(client.get(back))


def test_one_of_another_person_is_refused(client, set_out):
    back = set_out()
    client.force_login(make_person("shops.add_shop", name="other"))
    assert "Somebody else began this" in said(client.get(back))


def test_one_of_another_browser_is_refused_unless_the_person_has_logged_in_anew(client, person, set_out):
    back = set_out()
    ConnectAttempt.objects.update(session_hash="of another session")
    User.objects.filter(pk=person.pk).update(last_login=None)
    assert "in another browser" in said(client.get(back))
    client.force_login(person)
    assert client.get(back).status_code == 302


def test_whoever_is_not_logged_in_is_asked_to_and_goes_on(client, person, set_out):
    back = set_out()
    client.logout()
    answer = client.get(back)
    assert answer.url.startswith(reverse("admin:login"))
    assert not Shop.objects.exists()
    client.force_login(person)
    assert client.get(parse_qs(urlsplit(answer.url).query)["next"][0]).status_code == 302


def test_who_may_not_add_shops_cannot_come_back_either(client, person, set_out):
    back = set_out()
    person.user_permissions.clear()
    assert client.get(back).status_code == 403


@pytest.mark.parametrize("brought", ["code=null&error=auth_denied", "error=access_denied", "code="])
def test_a_seller_who_says_no_is_understood(client, set_out, brought):
    state = parse_qs(urlsplit(set_out()).query)["state"][0]
    assert "The seller did not let the app in" in said(client.get(f"{CALLBACK}?state={state}&{brought}"))


def test_a_code_that_is_not_good_is_explained(client, set_out):
    state = parse_qs(urlsplit(set_out()).query)["state"][0]
    text = said(client.get(CALLBACK, {"state": state, "code": "mistyped"}))
    assert "The marketplace refused" in text


def test_a_shop_that_needs_it_is_authorised_again_and_its_siblings_with_it(client, person, set_out):
    choose(client, client.get(set_out("shopee", "main")))
    Shop.objects.update(state="needs_reauthorisation", state_reason="It has ended.")
    shop = Shop.objects.earliest("pk")
    page = client.get(CONNECT, {"shop": shop.pk}).content.decode()
    assert shop.name in page
    assert "It has ended." in page
    assert f'<option value="{shop.app_id}" selected' in page
    answer = client.post(f"{CONNECT}?shop={shop.pk}", {"app": shop.app_id, "way": "authorise"})
    choose(client, client.get(go_to_the_marketplace(answer.url, "main")))
    assert set(Shop.objects.values_list("state", flat=True)) == {"active"}
    assert Shop.objects.count() == 2


def test_it_is_said_where_the_seller_authorised_another_shop(client, person, sandbox, set_out):
    choose(client, client.get(set_out()))
    shop, other = Shop.objects.get(), facts_of(sandbox, "lazada")["shops"][1]["external_id"]
    answer = client.post(f"{CONNECT}?shop={shop.pk}", {"app": shop.app_id, "way": "authorise"})
    answer = client.get(go_to_the_marketplace(answer.url, other))
    assert "is not among these shops" in client.get(answer.url).content.decode()


def test_foreign_shops_cannot_be_authorised_again(client, person):
    assert client.get(CONNECT, {"shop": make_shop().pk}).status_code == 404
    assert client.get(CONNECT, {"shop": "x"}).status_code == 404


def test_the_choice_of_another_person_is_not_shown(client, set_out):
    answer = client.get(set_out())
    client.force_login(make_person("shops.add_shop", "shops.view_shop", name="other"))
    assert client.get(answer.url).url == CONNECT
    assert client.post(answer.url, {"shops": ["x"]}).url == CONNECT
    assert not Shop.objects.exists()


def test_a_known_app_needs_no_key_again(client, person, sandbox):
    choose(client, post(client, pasted(sandbox)))
    app = MarketplaceApp.objects.get()
    blank = dict.fromkeys(("app_key", "app_secret", "service_id", "api_url", "auth_url", "consent_url"), "")
    choose(client, post(client, {**pasted(sandbox, number=1), **blank, "app": app.pk}))
    assert Shop.objects.filter(app=app).count() == 2


def test_who_sees_everything_gets_no_grant(client, sandbox):
    client.force_login(User.objects.create_superuser("chief"))
    choose(client, post(client, pasted(sandbox)))
    assert Shop.objects.count() == 1
    assert not ShopGrant.objects.exists()


def secrets_in(answer, filled):
    text = answer.content.decode()
    names = ("app_secret", "access_token", "refresh_token")
    return [name for name in names if filled[name] and filled[name] in text]


@pytest.mark.parametrize(("change", "words"), [
    ({"app_secret": "mistyped-secret"}, "The signature was refused"),
    ({"app_key": "mistyped"}, "app key"),
    ({"access_token": "mistyped-token", "refresh_token": "mistyped-refresh"}, "The marketplace refused"),
    ({"api_url": "https://evil.example"}, "is not an address that credentials may be sent to"),
    ({"auth_url": "http://127.0.0.1.evil.example"}, "is not an address that credentials may be sent to"),
    ({"consent_url": "https://evil.example"}, "is not an address that credentials may be sent to"),
    ({"access_token": ""}, "Paste the token here"),
    ({"app_secret": ""}, "A new app needs it"),
    ({"app": "999999"}, "Select a valid choice"),
])  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_stored_nor_echoed(client, person, sandbox, waits, change, words):
    sent = {**pasted(sandbox), **change}
    answer = post(client, sent)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert secrets_in(answer, sent) == []
    assert not Shop.objects.exists()
    assert not MarketplaceApp.objects.exists()


def test_a_mistyped_secret_does_not_replace_the_one_of_a_known_app(client, person, sandbox, waits):
    choose(client, post(client, pasted(sandbox)))
    post(client, {**pasted(sandbox), "app_secret": "mistyped"})
    assert MarketplaceApp.objects.get().app_secret == facts_of(sandbox, "tiktok")["app_secret"]


def test_browsers_are_told_to_keep_nothing(client, person):
    text = client.get(CONNECT, {"marketplace": "tiktok"}).content.decode()
    assert text.count('type="password"') == text.count('autocomplete="new-password"') == 3
    assert "https://open-api.tiktokglobalshop.com" in text
    assert f"http://testserver{CALLBACK}" in text


def test_each_marketplace_is_asked_in_its_own_words(client, person):
    shopee = client.get(CONNECT, {"marketplace": "shopee"}).content.decode()
    assert "Partner key" in shopee
    assert "Service id" not in shopee
    assert "Refresh token" not in client.get(CONNECT, {"marketplace": "temu"}).content.decode()


def test_apps_of_foreign_shops_are_not_offered(client, person):
    foreign = make_shop(app=make_app(name="faraway app")).app
    assert "faraway" not in client.get(CONNECT, {"marketplace": "tiktok"}).content.decode()
    answer = post(client, {"app": foreign.pk, "access_token": "token", "way": "paste"})
    assert "Select a valid choice" in answer.content.decode()


def test_who_may_not_add_shops_sees_neither_page_nor_button(client, db):
    client.force_login(make_person("shops.view_shop", "shops.change_shop"))
    choose_page = reverse("admin:shops_shop_choose", args=["0" * 8 + "-0000-4000-8000-" + "0" * 12])
    for address in (CONNECT, choose_page):
        assert client.get(address).status_code == 403
        assert client.post(address, {}).status_code == 403
    assert CONNECT not in client.get(reverse("admin:shops_shop_changelist")).content.decode()


def test_the_list_of_shops_leads_to_it(client, person):
    assert CONNECT in client.get(reverse("admin:shops_shop_changelist")).content.decode()
