"""Every list is exported with its filters, the scope of whoever asks, and columns that need no query each."""

from decimal import Decimal

import pytest
from django.http import QueryDict

from backoffice.common.errors import NotPossible
from backoffice.common.lists.exporters import find_exporter
from orders.models import Sku, Statement, Transaction
from shops.marketplaces.records import SkuRecord
from tests.factories.api import make_person
from tests.factories.shops import make_shop
from tests.factories.synced import KINDS, store_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(shop):
    return make_person(shop)


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


def rows_of(exporter, person, query=""):
    """What a file would hold, by the labels of its columns."""
    rows = list(exporter.select(person, QueryDict(query)))
    return [{column.label: column.read(row) for column in exporter.columns.values()} for row in rows]


def exporter_of(kind):
    return find_exporter(KINDS[kind][2])


def test_only_rows_that_the_person_sees_and_that_the_filters_keep_are_exported(shop, person, kind):
    for number in ("a-1", "b-2"):
        store_record(shop, kind, number)
    store_record(make_shop(), kind, "a-1")
    exporter = exporter_of(kind)
    label = exporter.columns["number"].label
    assert sorted(row[label] for row in rows_of(exporter, person)) == ["a-1", "b-2"]
    assert [row[label] for row in rows_of(exporter, person, "q=a-1")] == ["a-1"]
    assert exporter.select(person, QueryDict("")).first().shop_id == shop.pk


def test_rows_stand_in_the_order_of_the_list(shop, person, kind):
    store_record(shop, kind, "without", source_updated_at=None)
    store_record(shop, kind, "old")
    store_record(shop, kind, "new", later_by=60)
    exporter = exporter_of(kind)
    numbers = [row[exporter.columns["number"].label] for row in rows_of(exporter, person)]
    assert numbers == ["new", "old", "without"]


def test_any_number_of_rows_takes_one_query(shop, person, kind, django_assert_num_queries):
    for number in range(5):
        store_record(shop, kind, f"n-{number}")
    exporter = exporter_of(kind)
    chosen = exporter.select(person, QueryDict(""))
    with django_assert_num_queries(1):
        assert all(column.read(row) is not NotImplemented for row in chosen for column in exporter.columns.values())


def test_filters_are_told_in_words_and_nonsense_is_refused(shop, person, kind):
    exporter = exporter_of(kind)
    told = dict(exporter.describe(person, QueryDict(f"shop={shop.pk}&is_valid=false&marketplace=tiktok")))
    assert told == {"Shop": shop.name, "Validity": "Invalid", "Marketplace": "TikTok Shop"}
    for nonsense in ("is_valid=1", "colour=red", f"shop={make_shop().pk}"):
        with pytest.raises(NotPossible):
            exporter.select(person, QueryDict(nonsense))


def test_it_needs_the_permission_to_see_the_rows(kind):
    model = KINDS[kind][2]
    assert exporter_of(kind).permission == f"{model._meta.app_label}.view_{model._meta.model_name}"


def test_skus_say_whose_they_are(shop, person):
    skus = (SkuRecord("s-1", seller_sku="RED", price=Decimal("9.5"), currency="USD", stock_count=0), SkuRecord("s-2"))
    store_record(shop, "product", "p-1", title="Lamp", skus=skus)
    store_record(make_shop(), "product", "p-1", skus=skus)
    exporter = find_exporter(Sku)
    assert exporter is not None
    (row,) = rows_of(exporter, person, "seller_sku=RED")
    assert [row[label] for label in ("Seller's SKU", "Product", "Product number", "Price", "Stock", "Shop")] == [
        "RED", "Lamp", "p-1", Decimal("9.5"), 0, shop.name,
    ]  # fmt: skip
    assert {sku.shop_id for sku in exporter.select(person, QueryDict(""))} == {shop.pk}


def test_money_is_exported_as_exact_signed_amounts(shop, person):
    store_record(shop, "transaction", "t-1", amount=Decimal("-12.3456"), currency="USD", fee_amount=None)
    store_record(shop, "statement", "st-1", amount=Decimal(7), is_paid=None)
    (moved,) = rows_of(find_exporter(Transaction), person)
    assert [moved[label] for label in ("Kind", "Amount", "Fees", "Order number", "Statement number")] == [
        "Settlement", Decimal("-12.3456"), None, "order-1", "statement-1",
    ]  # fmt: skip
    (stated,) = rows_of(find_exporter(Statement), person, "q=st-")
    assert (stated["Amount"], stated["Paid"]) == (7, None)


def test_yes_and_no_are_told_in_words(shop, person):
    assert find_exporter(Statement).describe(person, QueryDict("is_paid=true")) == [("Paid", "Yes")]  # type: ignore[union-attr]
