"""Pausing, resuming and disconnecting a shop: each depends on the present state, and says who did it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User

from backoffice.common.errors import NotPossible
from shops.models import Shop, ShopCredential, ShopGrant
from shops.services import disconnect_shop, grant_shop, pause_shop, resume_shop
from tests.factories.races import at_once
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(db):
    return User.objects.create_user("mai", is_staff=True)


def state_of(shop):
    stored = Shop.objects.get(pk=shop.pk)
    return stored.state, stored.state_reason


def test_a_paused_shop_says_who_paused_it_and_why(shop, person):
    pause_shop(shop, person=person, reason="Stock-taking.")
    assert state_of(shop) == ("paused", "Paused by mai. Stock-taking.")
    assert LogEntry.objects.get().change_message == "Paused by mai. Stock-taking."
    assert (LogEntry.objects.get().user, LogEntry.objects.get().object_id) == (person, str(shop.pk))


def test_a_resumed_shop_is_active_and_has_no_reason(shop, person):
    pause_shop(shop, person=person)
    resume_shop(shop, person=person)
    assert state_of(shop) == ("active", "")
    assert LogEntry.objects.count() == 2


@pytest.mark.parametrize("state", ["paused", "needs_reauthorisation", "disconnected"])
def test_what_is_not_active_cannot_be_paused_and_keeps_its_reason(person, state):
    shop = make_shop(state=state, state_reason="As it was.")
    with pytest.raises(NotPossible, match=r"As it was\. This can be done to a shop that is active\."):
        pause_shop(shop, person=person)
    assert state_of(shop) == (state, "As it was.")
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("state", ["active", "needs_reauthorisation", "disconnected"])
def test_only_what_a_person_paused_is_resumed(person, state):
    shop = make_shop(state=state)
    with pytest.raises(NotPossible, match="so it was left as it is"):
        resume_shop(shop, person=person)
    assert state_of(shop) == (state, "")


def test_a_shop_without_credential_cannot_be_resumed(person):
    shop = make_shop(state="paused")
    ShopCredential.objects.all().delete()
    with pytest.raises(NotPossible, match="Connect it again"):
        resume_shop(shop, person=person)
    assert state_of(shop) == ("paused", "")


def test_the_present_state_decides_and_not_the_one_that_the_page_showed(shop, person):
    Shop.objects.update(state="needs_reauthorisation", state_reason="Revoked.")
    with pytest.raises(NotPossible, match=r"\) needs re-authorisation, so it was left"):
        pause_shop(shop, person=person)
    assert state_of(shop) == ("needs_reauthorisation", "Revoked.")


@pytest.mark.parametrize("state", ["active", "paused", "needs_reauthorisation"])
def test_a_disconnected_shop_has_forgotten_its_credential(person, state):
    shop, other = make_shop(state=state), make_shop()
    disconnect_shop(shop, person=person)
    assert state_of(shop) == ("disconnected", "Disconnected by mai.")
    assert [credential.shop for credential in ShopCredential.objects.all()] == [other]


def test_disconnecting_twice_is_refused(shop, person):
    disconnect_shop(shop, person=person)
    with pytest.raises(NotPossible, match="is disconnected, so it was left as it is"):
        disconnect_shop(shop, person=person)


@pytest.mark.django_db(transaction=True)
def test_of_several_who_pause_at_once_one_does_it(shop, person):
    outcomes = at_once(lambda: pause_shop(Shop.objects.get(pk=shop.pk), person=person))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType"] + ["NotPossible"] * 3
    assert LogEntry.objects.count() == 1


def test_whoever_is_granted_a_shop_twice_has_one_grant(shop, person):
    grant_shop(shop, person)
    grant_shop(shop, person)
    assert [grant.user for grant in ShopGrant.objects.all()] == [person]


def test_who_sees_everything_needs_no_grant(shop):
    grant_shop(shop, User.objects.create_superuser("chief"))
    assert not ShopGrant.objects.exists()
