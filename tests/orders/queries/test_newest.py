"""A page of several shops, put together from each shop's first orders, is the page that sorting all of them gives."""

import pytest
from django.contrib.auth.models import AnonymousUser, User

from orders.admin import paging
from orders.models import Order
from orders.queries import newest
from orders.queries.newest import shown_shop_ids, take_first_of_shops
from shops.marketplaces.records import OrderStatus
from tests.factories.orders import make_staff, store_order
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
NEWEST_FIRST = ("-source_updated_at", "-id")


@pytest.fixture
def shops(db):
    """Three shops: one whose orders are all old, one whose are all new, one with both."""
    shops = [make_shop() for _ in range(3)]
    for number in range(8):
        store_order(shops[0], f"old {number}", later_by=number)
        store_order(shops[1], f"new {number}", later_by=1000 + number)
        store_order(shops[2], f"both {number}", later_by=500 * (number % 3), status=OrderStatus.DELIVERED)
    return shops


def numbers(orders):
    return [order.external_id for order in orders]


@pytest.mark.parametrize("keys", [NEWEST_FIRST, ("-source_created_at", "-id"), ("source_updated_at", "-pk")])
@pytest.mark.parametrize("narrow", [{}, {"status": "delivered"}])
def test_every_page_is_the_one_that_sorting_gives(shops, keys, narrow):
    ids = {shops[0].pk, shops[2].pk}
    orders = Order.objects.filter(shop__in=ids, **narrow).select_related("shop").order_by(*keys)
    for start in (0, 3, 6):
        page = take_first_of_shops(orders, ids, start + 3)[start : start + 3]
        assert numbers(page) == numbers(orders[start : start + 3])


def test_each_shop_is_asked_for_no_more_than_the_page_needs(shops):
    ids = {shop.pk for shop in shops}
    orders = Order.objects.filter(shop__in=ids).order_by(*NEWEST_FIRST)
    assert take_first_of_shops(orders, ids, 2).count() == 6


@pytest.mark.parametrize("shop_ids", [None, frozenset(), frozenset({1})])
def test_a_list_of_all_shops_or_of_one_is_left_as_it_is(shop_ids):
    orders = Order.objects.order_by(*NEWEST_FIRST)
    assert take_first_of_shops(orders, shop_ids, 50) is orders


def test_a_page_far_behind_of_many_shops_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(newest, "READ_AT_MOST", 99)
    orders = Order.objects.order_by(*NEWEST_FIRST)
    assert take_first_of_shops(orders, {1, 2}, 50) is orders


def test_the_shown_shops_are_the_chosen_ones_among_ones_own(shops):
    first, second, foreign = (shop.pk for shop in shops)
    person = make_staff("person", *shops[:2])
    chief = User.objects.create(username="chief", is_superuser=True)
    assert shown_shop_ids(person, []) == frozenset({first, second})
    assert shown_shop_ids(person, ["", "x", "²"]) == frozenset({first, second})
    assert shown_shop_ids(person, [str(first), str(foreign)]) == frozenset({first})
    assert shown_shop_ids(chief, []) is None
    assert shown_shop_ids(chief, [str(foreign)]) == frozenset({foreign})
    assert shown_shop_ids(AnonymousUser(), [str(first)]) == frozenset()


def test_the_list_shows_several_shops_page_by_page(shops, client, monkeypatch):
    monkeypatch.setattr(paging, "SORTED_AT_MOST", 0)
    monkeypatch.setattr("orders.admin.order.OrderAdmin.list_per_page", 5)
    client.force_login(make_staff("person", *shops[:2]))
    shown = [numbers(client.get(f"/admin/orders/order/?p={page}").context["cl"].result_list) for page in (1, 2, 3, 4)]
    assert [number for page in shown for number in page] == numbers(
        Order.objects.filter(shop__in=shops[:2]).order_by(*NEWEST_FIRST)
    )
