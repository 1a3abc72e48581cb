"""What a search finds: beginnings of numbers, whole SKUs, in one's own scope, and nothing by accident."""

import pytest

from orders.models import Order
from orders.queries import search
from orders.queries.search import search_orders
from shops.marketplaces.records import PackageRecord
from tests.factories.orders import make_staff, store_order
from tests.factories.records import make_line
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


def found(text, orders=None):
    orders = Order.objects.all() if orders is None else orders
    return set(search_orders(orders, text).values_list("external_id", flat=True))


@pytest.fixture
def orders(shop):
    store_order(shop, "584001", tracking_number="VN123", packages=(), lines=(make_line(seller_sku="AO-DEN-M"),))
    store_order(
        shop,
        "584002",
        packages=(PackageRecord("p1", tracking_number="VN124"), PackageRecord("p2", tracking_number="TH9")),
        lines=(make_line(seller_sku="AO-DEN-L", sku_external_id="1729"),),
    )
    store_order(shop, "999", packages=(), lines=())


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("584", {"584001", "584002"}),
        ("584001", {"584001"}),
        ("  584001 ", {"584001"}),
        ("84001", set()),  # the end of a number is no beginning
        ("VN12", {"584001", "584002"}),  # of an order and of a package
        ("VN124", {"584002"}),
        ("TH9", {"584002"}),
        ("vn123", set()),  # numbers are meant as they are written
        ("AO-DEN-M", {"584001"}),
        ("AO-DEN", set()),  # the beginning of a SKU is none
        ("1729", {"584002"}),
    ],
)
def test_numbers_are_found_by_their_beginning_and_skus_whole(orders, text, numbers):
    assert found(text) == numbers


@pytest.mark.parametrize(
    "text", ["", " ", "58", " 58 ", "584\x00", "\x00\x00\x00", "%%%", "5_4", "58%", "___", "\\\\\\"]
)
def test_what_is_too_short_or_only_looks_like_a_pattern_finds_nothing(orders, text):
    assert found(text) == set()


@pytest.mark.parametrize("number", ["50%off", "5__4", "a\\b", "o'neil", "ĐH-001", "584 001"])
def test_signs_in_a_number_mean_themselves(shop, number):
    store_order(shop, number)
    store_order(shop, "5xx4")
    assert found(number) == {number}


def test_nothing_of_a_foreign_shop_is_found(orders, shop):
    person = make_staff("person", shop)
    foreign = make_shop()
    store_order(
        foreign,
        "584003",
        tracking_number="VN125",
        packages=(PackageRecord("p3", tracking_number="VN126"),),
        lines=(make_line(seller_sku="AO-DEN-M"),),
    )
    own = Order.objects.visible_to(person)
    assert found("584", own) == found("VN1", own) == {"584001", "584002"}
    assert found("AO-DEN-M", own) == {"584001"}
    assert "584003" in found("584")


def test_a_search_that_finds_very_much_ends_early(shop, monkeypatch):
    monkeypatch.setattr(search, "FOUND_AT_MOST", 2)
    for number in range(4):
        store_order(shop, f"584{number}", lines=(make_line(),))
    assert len(found("584")) == 2
    assert found("5843") == {"5843"}
    assert found("AT-DEN-M") == {"5842", "5843"}  # of a SKU, the newest orders


def test_an_order_that_is_found_in_two_ways_is_there_once(shop):
    store_order(shop, "584001", tracking_number="584001")
    assert list(search_orders(Order.objects.all(), "584").values_list("external_id", flat=True)) == ["584001"]
