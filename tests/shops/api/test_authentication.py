"""Who gets in, and how much a token may do."""

import hashlib
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from backoffice.common import clock
from shops.models import ApiToken, Shop
from shops.services import create_api_token, revoke_api_token
from tests.factories.api import make_caller, make_chief, make_person
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
SHOPS = "/api/v1/shops/"


def said(answer, status):
    assert answer.status_code == status, answer.content
    return answer.json()["message"]


def test_the_key_is_not_stored_and_its_beginning_is_shown(shop):
    token, key = create_api_token(make_person(shop), name="warehouse")
    stored = ApiToken.objects.values().get()
    assert key.startswith(f"bo_{token.prefix}_")
    assert len(token.prefix) == 8
    assert stored["key_hash"] == hashlib.sha256(key.encode()).hexdigest()
    assert not [name for name, value in stored.items() if key.split("_", 2)[2] in str(value)]


def test_no_two_keys_are_alike(shop):
    person = make_person(shop)
    keys = {create_api_token(person, name="one of many")[1] for _ in range(20)}
    assert len(keys) == 20
    assert min(len(key) for key in keys) >= 43 + len("bo_12345678_")  # 256 bits in base64


def test_without_a_login_nothing_is_shown_and_the_answer_says_how(client, shop):
    answer = client.get(SHOPS)
    assert "Authorization: Bearer" in said(answer, 401)
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.json()["code"] == "not_authenticated"


@pytest.mark.parametrize("header", [
    "Bearer", "Bearer ", "Basic dTpw", "Bearer bo_00000000_no", "bo_00000000_no", "Bearer é", "Bearer \x00",
    "Bearer a b", "Bearer " + "x" * 5000,
])  # fmt: skip
def test_a_header_without_a_good_key_is_refused(client, shop, header):
    answer = client.get(SHOPS, headers={"Authorization": header})
    assert "key" in said(answer, 401)
    assert answer["WWW-Authenticate"]


def test_one_wrong_character_of_a_key_is_enough(client, shop):
    key = make_caller(shop).key
    wrong = key[:-1] + ("A" if key[-1] != "A" else "B")
    assert client.get(SHOPS, headers={"Authorization": f"Bearer {wrong}"}).status_code == 401
    assert client.get(SHOPS, headers={"Authorization": f"bearer {key}"}).status_code == 200


def test_a_token_that_has_ended_is_refused_with_the_reason(shop):
    expired = make_caller(shop, expires_at=clock.now() - timedelta(seconds=1))
    assert ": expired." in said(expired.get(SHOPS), 401)
    assert make_caller(shop, expires_at=clock.now() + timedelta(minutes=1)).get(SHOPS).status_code == 200


def test_a_revoked_token_is_refused_with_the_reason(shop):
    caller = make_caller(shop)
    assert revoke_api_token(caller.token)
    assert not revoke_api_token(caller.token)
    message = said(caller.get(SHOPS), 401)
    assert ": revoked." in message
    assert caller.token.prefix in message
    assert caller.key not in message


def test_a_token_of_a_closed_account_is_refused(shop):
    caller = make_caller(shop)
    User.objects.update(is_active=False)
    assert ": account closed." in said(caller.get(SHOPS), 401)


def test_a_token_sees_what_its_person_sees(shop):
    other = make_shop()
    make_shop()
    assert make_caller(shop, other).ids("shops/") == [shop.pk, other.pk]
    assert make_caller().ids("shops/") == []
    assert len(make_chief().ids("shops/")) == 3


def test_a_limited_token_sees_less_than_its_person(shop):
    other, foreign = make_shop(), make_shop()
    assert make_caller(shop, other, only=(other,)).ids("shops/") == [other.pk]
    assert make_caller(shop, only=(foreign,)).ids("shops/") == []
    assert make_chief(only=(other,)).ids("shops/") == [other.pk]


@pytest.mark.parametrize("make", [make_caller, make_chief])
def test_a_limited_token_whose_shops_are_gone_sees_nothing(shop, make):
    gone = make_shop()
    caller = make_chief(only=(gone,)) if make is make_chief else make_caller(shop, only=(gone,))
    gone.credential.delete()
    Shop.objects.filter(pk=gone.pk).delete()
    assert caller.ids("shops/") == []


def test_a_grant_that_is_taken_back_ends_what_the_token_sees(shop):
    caller = make_caller(shop)
    assert caller.ids("shops/") == [shop.pk]
    caller.user.shop_grants.all().delete()
    assert caller.ids("shops/") == []


def test_its_last_use_is_noted_at_most_once_a_minute(shop, monkeypatch):
    caller = make_caller(shop)
    start = clock.now()
    stamps = []
    for seconds in (0, 59, 60, 61, 120):
        monkeypatch.setattr(clock, "now", lambda seconds=seconds: start + timedelta(seconds=seconds))
        caller.get(SHOPS)
        last_used_at = ApiToken.objects.get().last_used_at
        assert last_used_at
        stamps.append((last_used_at - start).total_seconds())
    assert stamps == [0, 0, 60, 60, 120]


def test_reading_needs_the_permission_to_view(shop):
    caller = make_caller(person=make_person(shop, may=("view_order",)))
    assert "shops.view_shop" in said(caller.get(SHOPS), 403)
    assert caller.get("orders/").status_code == 200


def test_staff_who_are_logged_in_may_read(client, shop):
    client.force_login(make_person(shop, is_staff=True))
    assert [row["id"] for row in client.get(SHOPS).json()["results"]] == [shop.pk]


def test_a_login_of_somebody_who_is_not_staff_does_not_count(client, shop):
    client.force_login(make_person(shop))
    assert client.get(SHOPS).status_code == 401


def test_writing_with_a_login_needs_the_csrf_token(shop):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(make_person(shop, is_staff=True))
    body = {"shop": shop.pk, "kind": "full"}
    answer = browser.post("/api/v1/runs/", body, content_type="application/json")
    assert "CSRF" in said(answer, 403)
    browser.get("/admin/")
    cookie = browser.cookies["csrftoken"].value if "csrftoken" in browser.cookies else "a" * 32
    browser.cookies["csrftoken"] = cookie
    allowed = browser.post("/api/v1/runs/", body, content_type="application/json", headers={"X-CSRFToken": cookie})
    assert allowed.status_code == 201, allowed.content


def test_writing_with_a_token_needs_no_csrf_token(shop):
    caller = make_caller(shop)
    caller.client = Client(enforce_csrf_checks=True)
    assert caller.post("runs/", {"shop": shop.pk, "kind": "full"}).status_code == 201


def test_a_bad_key_beside_a_good_login_is_refused(client, shop):
    client.force_login(make_person(shop, is_staff=True))
    assert client.get(SHOPS, headers={"Authorization": "Bearer no"}).status_code == 401
