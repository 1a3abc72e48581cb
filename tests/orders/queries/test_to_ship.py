"""Orders that wait to be handed over, counted by shop and only as far as a page needs."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from backoffice.common import clock
from orders.queries import to_ship
from shops.marketplaces.records import OrderStatus
from tests.factories.orders import make_staff, store
from tests.factories.records import make_order
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def fill(shop, *hours_left, status=OrderStatus.AWAITING_SHIPMENT):
    records = [
        make_order(f"{shop.pk}-{status}-{left}", ship_by_at=clock.now() + left * HOUR, status=status)
        for left in hours_left
    ]
    store(shop, *records)


@pytest.fixture
def chief(db):
    return User.objects.create_superuser("chief")


def test_only_what_must_be_shipped_and_is_late_is_overdue(chief, shop):
    fill(shop, -1, -2, 1)
    fill(shop, -1, status=OrderStatus.PARTIALLY_SHIPPED)
    for status in (OrderStatus.UNPAID, OrderStatus.IN_TRANSIT, OrderStatus.CANCELLED):
        fill(shop, -1, status=status)
    assert to_ship.count_overdue_by_shop(chief) == {shop.pk: 3}
    assert to_ship.count_due_in_a_day(chief) == 1


def test_a_day_ahead_is_counted_and_no_more(chief, shop):
    fill(shop, 23, 25)
    assert to_ship.count_due_in_a_day(chief) == 1


def test_others_shops_are_not_counted(shop):
    other = make_shop()
    fill(shop, -1, 1)
    fill(other, -1, -2, 1)
    person = make_staff("person", shop)
    assert to_ship.count_overdue_by_shop(person) == {shop.pk: 1}
    assert to_ship.count_due_in_a_day(person) == 1
    assert to_ship.count_overdue_by_shop(person, [other.pk]) == {}


def test_no_shop_shows_none_because_others_have_very_many(chief, shop, monkeypatch):
    monkeypatch.setattr(to_ship, "COUNT_LIMIT", 2)
    late = make_shop()
    fill(shop, -1, -2)
    fill(late, -9, -8, -7, 1, 2, 3, 4)
    assert to_ship.count_overdue_by_shop(chief) == {late.pk: 3, shop.pk: 2}
    assert to_ship.count_due_in_a_day(chief) == 3
