"""The page of API tokens: the key is shown once, people see and make their own, shops are those they may see."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session
from django.urls import reverse

from backoffice.common import clock
from shops.models import ApiToken
from shops.queries import find_api_token
from shops.services import create_api_token
from tests.factories.api import make_person
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
LIST, ADD = "admin:shops_apitoken_changelist", "admin:shops_apitoken_add"


@pytest.fixture
def person(shop):
    person = make_person(shop, is_staff=True)
    person.user_permissions.add(*Permission.objects.filter(codename__in=("add_apitoken", "view_apitoken")))
    return person


@pytest.fixture
def browser(client, person):
    client.force_login(person)
    return client


def add(browser, **facts):
    sent = {"name": "warehouse", "good_for": "", **facts}
    return browser.post(reverse(ADD), sent)


def errors_of(answer):
    assert answer.status_code == 200
    return answer.context["adminform"].form.errors


def test_the_key_is_shown_once_and_kept_nowhere(browser, person, shop):
    answer = add(browser, shops=[shop.pk])
    (key,) = re.findall(r"bo_[0-9a-f]{8}_[\w-]{43}", answer.content.decode())
    token = find_api_token(key)
    assert token
    assert (token.user, token.is_limited, list(token.shops.all()), token.may_write) == (person, True, [shop], False)
    assert "no-store" in answer["Cache-Control"]
    kept = str(browser.cookies) + "".join(session.session_data for session in Session.objects.all())
    assert key not in kept
    for name, arguments in (
        (LIST, []),
        ("admin:shops_apitoken_change", [token.pk]),
        ("admin:shops_apitoken_history", [token.pk]),
    ):
        page = browser.get(reverse(name, args=arguments)).content.decode()
        assert token.prefix in page or name.endswith("history")
        assert key not in page
        assert token.key_hash not in page


def test_without_shops_it_is_not_limited(browser):
    add(browser, may_write="on")
    token = ApiToken.objects.get()
    assert (token.is_limited, token.may_write) == (False, True)


def test_a_person_makes_tokens_for_themselves_only(browser, person):
    other = make_person()
    add(browser, user=other.pk)
    assert ApiToken.objects.get().user == person


def test_a_superuser_makes_tokens_for_others(client, person):
    client.force_login(User.objects.create_superuser("chief"))
    add(client, user=person.pk)
    assert ApiToken.objects.get().user == person


def test_a_shop_that_may_not_be_seen_cannot_be_chosen(browser):
    foreign = make_shop()
    assert "shops" in errors_of(add(browser, shops=[foreign.pk]))
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("days", ["30", "90", "365"])
def test_it_ends_after_the_chosen_time(browser, days):
    before = clock.now()
    answer = add(browser, good_for=days)
    expires_at = ApiToken.objects.get().expires_at
    assert expires_at
    assert f" until {expires_at:%Y}" in answer.content.decode()
    assert before + timedelta(days=int(days)) <= expires_at <= clock.now() + timedelta(days=int(days))


@pytest.mark.parametrize("days", ["-1", "0", "x", "1000000"])
def test_a_time_that_is_not_offered_is_refused(browser, days):
    assert "good_for" in errors_of(add(browser, good_for=days))


def test_people_see_their_own_tokens_and_superusers_all(browser, client, person):
    mine, _ = create_api_token(person, name="mine")
    theirs, _ = create_api_token(make_person(), name="theirs")
    assert list(browser.get(reverse(LIST)).context["cl"].result_list) == [mine]
    assert browser.get(reverse("admin:shops_apitoken_change", args=[theirs.pk])).status_code == 302
    client.force_login(User.objects.create_superuser("chief"))
    assert set(client.get(reverse(LIST)).context["cl"].result_list) == {mine, theirs}


def test_shops_that_may_not_be_seen_any_more_are_not_named(browser, person):
    token, _ = create_api_token(person, name="old", shops=[make_shop(name="Faraway")])
    for name, arguments in ((LIST, []), ("admin:shops_apitoken_change", [token.pk])):
        page = browser.get(reverse(name, args=arguments)).content.decode()
        assert "Faraway" not in page
        assert "None that you may see" in page


def press(browser, token):
    return browser.post(f"/admin/shops/apitoken/{token.pk}/do/shops.revoke_token/", follow=True)


def test_a_token_is_revoked_with_a_button(browser, person):
    token, _ = create_api_token(person, name="old")
    press(browser, token)
    token.refresh_from_db()
    assert token.revoked_at
    assert token.fault == "revoked"
    assert re.search(r">\s*revoked\s*<", browser.get(reverse(LIST)).content.decode())


def test_somebody_elses_token_cannot_be_revoked(browser):
    token, _ = create_api_token(make_person(), name="theirs")
    press(browser, token)
    assert not ApiToken.objects.get().revoked_at


def test_a_token_cannot_be_changed(browser, person):
    token, _ = create_api_token(person, name="old")
    answer = browser.post(reverse("admin:shops_apitoken_change", args=[token.pk]), {"name": "new", "may_write": "on"})
    assert answer.status_code == 403
    assert ApiToken.objects.get().name == "old"


def test_names_with_html_are_escaped(browser, person):
    answer = add(browser, name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in answer.content.decode()
    assert "<script>alert(1)" not in browser.get(reverse(LIST)).content.decode()
