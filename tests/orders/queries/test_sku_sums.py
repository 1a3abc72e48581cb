"""What the SKUs of a product come to: per currency, and told from what the marketplace does not tell."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.queries.sku_sums import PriceRange, SkuSum, sum_skus
from shops.marketplaces.records import SkuRecord
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db


def make_product(shop, *skus, number="p1"):
    records = [SkuRecord(f"{number}-{n}", **facts) for n, facts in enumerate(skus)]
    return store_record(shop, "product", number, skus=tuple(records))


def one_price(currency, price):
    return PriceRange(currency, Decimal(price), Decimal(price))


def vnd(price, **facts):
    return {"currency": "VND", "price": None if price is None else Decimal(price), **facts}


@pytest.mark.parametrize(
    ("skus", "expected"),
    [
        ([], None),
        ([vnd(5, stock_count=0)], SkuSum(1, 0, (PriceRange("VND", Decimal(5), Decimal(5)),))),
        ([vnd(5), vnd(9, stock_count=2)], SkuSum(2, 2, (PriceRange("VND", Decimal(5), Decimal(9)),))),
        ([vnd(None)], SkuSum(1, None, ())),
        (
            [vnd(5, stock_count=1), {"currency": "USD", "price": Decimal("1.50"), "stock_count": 2}],
            SkuSum(2, 3, (one_price("USD", "1.5"), one_price("VND", 5))),
        ),
    ],
)
def test_skus_are_added_up_by_currency(shop, skus, expected):
    product = make_product(shop, *skus)
    assert sum_skus([product.pk]).get(product.pk) == expected


def test_many_products_cost_one_query(shop):
    products = [make_product(shop, vnd(n), number=f"p{n}") for n in range(1, 5)]
    with CaptureQueriesContext(connection) as queries:
        sums = sum_skus(product.pk for product in products[:3])
    assert (len(queries), set(sums)) == (1, {product.pk for product in products[:3]})
