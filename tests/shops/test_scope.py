"""Who sees which shop, and what belongs to it."""

import pytest
from django.contrib.auth.models import AnonymousUser, User

from orders.models import Order
from shops.models import Shop, ShopGrant
from syncjobs.models import Chunk, Run
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(db):
    return User.objects.create_user("person", is_staff=True)


def test_staff_see_nothing_until_a_shop_is_granted(shop, person):
    other = make_shop()
    assert list(Shop.objects.visible_to(person)) == []
    ShopGrant.objects.create(shop=other, user=person)
    assert list(Shop.objects.visible_to(person)) == [other]


def test_another_persons_grant_shows_nothing(shop, person):
    ShopGrant.objects.create(shop=shop, user=User.objects.create_user("another"))
    assert list(Shop.objects.visible_to(person)) == []


def test_superusers_see_everything(shop):
    assert list(Shop.objects.visible_to(User.objects.create_superuser("admin"))) == [shop]


@pytest.mark.parametrize("facts", [{"is_superuser": True, "is_active": False}, {"is_active": False}])
def test_who_is_not_active_sees_nothing(shop, facts):
    person = User.objects.create_user("left", **facts)
    ShopGrant.objects.create(shop=shop, user=person)
    assert list(Shop.objects.visible_to(person)) == []


def test_strangers_see_nothing(shop):
    assert list(Shop.objects.visible_to(AnonymousUser())) == []


def test_what_belongs_to_a_shop_is_seen_with_it(person):
    seen, hidden = make_chunk(), make_chunk()
    for chunk in (seen, hidden):
        stamps = {"synced_at": chunk.due_at, "status_rank": 0, "payload_hash": b"x"}
        Order.objects.create(shop=chunk.run.shop, external_id="1", **stamps)
    ShopGrant.objects.create(shop=seen.run.shop, user=person)
    assert [order.shop for order in Order.objects.visible_to(person)] == [seen.run.shop]
    assert list(Run.objects.visible_to(person)) == [seen.run]
    assert list(Chunk.objects.visible_to(person)) == [seen]
    assert Shop.objects.visible_to(person).count() == 1
