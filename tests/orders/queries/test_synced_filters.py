"""Each filter of the lists of products, SKUs, parcels and money: what it keeps, what it refuses, and whose rows."""

from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict

from orders.queries.filters import OrderFilterSet
from orders.queries.money_filters import StatementFilterSet, TransactionFilterSet
from orders.queries.product_filters import ProductFilterSet, SkuFilterSet
from orders.queries.shipment_filters import ShipmentFilterSet
from shops.marketplaces.records import OrderStatus, ProductStatus, ShipmentStatus, SkuRecord, TransactionKind
from tests.factories.api import make_person
from tests.factories.orders import store_order
from tests.factories.shops import make_app, make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db
SETS = {
    "product": ProductFilterSet, "shipment": ShipmentFilterSet, "transaction": TransactionFilterSet,
    "statement": StatementFilterSet,
}  # fmt: skip


@pytest.fixture
def person(shop):
    return make_person(shop)


@pytest.fixture
def narrow(person):
    """The numbers of the rows that an address keeps."""

    def numbers(filters, address):
        rows = filters._meta.model.objects.visible_to(person)
        chosen = filters(QueryDict(address), rows, viewer=person)
        assert chosen.is_valid(), chosen.errors
        return sorted(chosen.qs.values_list("external_id", flat=True))

    return numbers


def refused(filters, address, person):
    return set(filters(QueryDict(address), filters._meta.model.objects.all(), viewer=person).errors)


@pytest.mark.parametrize("kind", SETS)
def test_every_list_is_narrowed_by_the_words_that_all_share(shop, narrow, kind):
    store_record(shop, kind, "111a")
    store_record(shop, kind, "222b", later_by=60, problems=("amount: not a number",))
    everything = "q=&shop=&marketplace=&external_id=&changed_from=&changed_to=&updated_since=&is_valid="
    for address, found in {
        "": ["111a", "222b"], everything: ["111a", "222b"], "external_id=111a": ["111a"], "external_id=111": [],
        "q=111": ["111a"], "q=11": [], "is_valid=false": ["222b"],
        "is_valid=true": ["111a"], "changed_from=2026-08-01T08:00:01Z": ["222b"],
        "changed_to=2026-08-01T08:00:01Z": ["111a"], "changed_to=2026-08-01": ["111a", "222b"],
        "updated_since=2020-01-01": ["111a", "222b"], "updated_since=2200-01-01": [],
        f"shop={shop.pk}": ["111a", "222b"], "marketplace=tiktok": ["111a", "222b"], "marketplace=temu": [],
    }.items():  # fmt: skip
        assert narrow(SETS[kind], address) == found, address


@pytest.mark.parametrize("kind", SETS)
@pytest.mark.parametrize(("address", "field"), [
    ("shop=abc", "shop"), ("marketplace=amazon", "marketplace"), ("is_valid=1", "is_valid"),
    ("updated_since=yesterday", "updated_since"), ("changed_from=2026-08-01T08:00:00", "changed_from"),
    ("q=%00111", "q"), ("external_id=%00", "external_id"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(shop, person, kind, address, field):
    assert refused(SETS[kind], address, person) == {field}


@pytest.mark.parametrize(("filters", "address", "field"), [
    (ProductFilterSet, "status=sold", "status"), (ShipmentFilterSet, "status=sold", "status"),
    (TransactionFilterSet, "kind=gift", "kind"), (TransactionFilterSet, "matching=some", "matching"),
    (StatementFilterSet, "is_paid=maybe", "is_paid"), (SkuFilterSet, "shop=abc", "shop"),
    (SkuFilterSet, "marketplace=amazon", "marketplace"),
])  # fmt: skip
def test_a_word_that_none_of_ours_is_is_refused(person, filters, address, field):
    assert refused(filters, address, person) == {field}


@pytest.mark.parametrize("kind", SETS)
def test_a_foreign_shop_can_neither_be_chosen_nor_is_it_shown(shop, person, narrow, kind):
    foreign = make_shop()
    store_record(shop, kind, "mine")
    store_record(foreign, kind, "foreign")
    assert narrow(SETS[kind], "") == ["mine"]
    assert narrow(SETS[kind], "q=foreign") == []
    assert refused(SETS[kind], f"shop={foreign.pk}", person) == {"shop"}


@pytest.mark.parametrize("kind", SETS)
def test_a_marketplace_keeps_its_own(shop, person, narrow, kind):
    other = make_shop(app=make_app(marketplace="lazada"))
    person.shop_grants.create(shop=other)
    store_record(shop, kind, "one")
    store_record(other, kind, "two")
    assert narrow(SETS[kind], "marketplace=lazada") == ["two"]


@pytest.mark.parametrize(("kind", "column", "word"), [
    ("product", "status", ProductStatus), ("shipment", "status", ShipmentStatus),
    ("transaction", "kind", TransactionKind),
])  # fmt: skip
def test_what_we_have_no_word_for_is_found_by_the_marketplaces(shop, narrow, kind, column, word):
    store_record(shop, kind, "odd", **{column: word.UNKNOWN, f"raw_{column}": "BEAMED"})
    store_record(shop, kind, "other", **{column: word.UNKNOWN, f"raw_{column}": "SPLIT"})
    said: dict[str, Any] = {f"raw_{column}": "BEAMED"}
    store_record(shop, kind, "known", **said)
    assert narrow(SETS[kind], "unknown=BEAMED") == ["odd"]
    assert narrow(SETS[kind], f"{column}=unknown") == ["odd", "other"]


def test_an_orders_unknown_status_is_found_as_well(shop, person):
    odd = store_order(shop, "odd", status=OrderStatus.UNKNOWN, raw_status="BEAMED")
    store_order(shop, "known", raw_status="BEAMED")
    chosen = OrderFilterSet(QueryDict("unknown=BEAMED"), type(odd).objects.all(), viewer=person)
    assert list(chosen.qs) == [odd]


def test_products_are_found_by_what_is_sold_of_them(shop, narrow):
    store_record(shop, "product", "p1", skus=(SkuRecord("s-111", seller_sku="RED-S"), SkuRecord("s-112")))
    store_record(shop, "product", "p2", skus=(SkuRecord("s-222", seller_sku="RED-M"),), status=ProductStatus.BANNED)
    for address, found in {
        "q=RED": ["p1", "p2"], "q=RED-S": ["p1"], "q=s-11": ["p1"], "seller_sku=RED-S": ["p1"], "seller_sku=RED": [],
        "status=banned": ["p2"], "status=banned&status=active": ["p1", "p2"],
    }.items():  # fmt: skip
        assert narrow(ProductFilterSet, address) == found, address


def test_skus_are_found_by_their_own_words_in_ones_own_shops(shop, person, narrow):
    skus = (SkuRecord("s-111", seller_sku="RED-S"), SkuRecord("s-112", seller_sku="RED-M"), SkuRecord("s-113"))
    store_record(shop, "product", "p1", skus=skus)
    other, foreign = make_shop(app=make_app(marketplace="temu")), make_shop()
    person.shop_grants.create(shop=other)
    store_record(other, "product", "p2", skus=(SkuRecord("t-111", seller_sku="RED-S"),))
    store_record(foreign, "product", "p3", skus=(SkuRecord("u-111", seller_sku="RED-S"),))
    for address, found in {
        "": ["s-111", "s-112", "s-113", "t-111"], "seller_sku=RED-S": ["s-111", "t-111"],
        "q=RED": ["s-111", "s-112", "t-111"], "q=s-11": ["s-111", "s-112", "s-113"],
        f"shop={other.pk}": ["t-111"], "marketplace=temu": ["t-111"],
        "external_id=s-112": ["s-112"], "product_external_id=p1": ["s-111", "s-112", "s-113"], "seller_sku=": [
            "s-111", "s-112", "s-113", "t-111",
        ],
    }.items():  # fmt: skip
        assert narrow(SkuFilterSet, address) == found, address
    assert refused(SkuFilterSet, f"shop={foreign.pk}", person) == {"shop"}


def test_parcels_are_found_by_what_is_on_the_label_and_by_their_orders(shop, narrow):
    store_record(shop, "shipment", "p1", tracking_number="JT111", order_external_ids=("o-100", "o-200"))
    store_record(shop, "shipment", "p2", tracking_number="JT112", order_external_ids=("o-100",))
    store_record(shop, "shipment", "p3", tracking_number="", order_external_ids=(), status=ShipmentStatus.LOST)
    for address, found in {
        "q=JT11": ["p1", "p2"], "q=o-100": ["p1", "p2"], "q=o-1": [], "order_external_id=o-200": ["p1"],
        "tracking_number=JT112": ["p2"], "tracking_number=JT": [], "status=lost": ["p3"],
    }.items():  # fmt: skip
        assert narrow(ShipmentFilterSet, address) == found, address


def test_transactions_are_told_apart_by_whether_their_order_is_here(shop, narrow):
    store_order(shop, "o-100")
    store_record(shop, "transaction", "matched", order_external_id="o-100", statement_external_id="st-1")
    store_record(shop, "transaction", "unmatched", order_external_id="o-900", kind=TransactionKind.REFUND)
    store_record(shop, "transaction", "alone", order_external_id="", statement_external_id="", kind=TransactionKind.FEE)
    for address, found in {
        "matching=matched": ["matched"], "matching=unmatched": ["unmatched"], "matching=none": ["alone"],
        "order_external_id=o-900": ["unmatched"], "statement_external_id=st-1": ["matched"], "q=o-900": ["unmatched"],
        "q=st-1": ["matched"], "kind=refund&kind=fee": ["alone", "unmatched"],
    }.items():  # fmt: skip
        assert narrow(TransactionFilterSet, address) == found, address


def test_statements_are_told_apart_by_whether_they_were_paid(shop, narrow):
    for number, is_paid in (("yes", True), ("no", False), ("untold", None)):
        store_record(shop, "statement", number, is_paid=is_paid, amount=Decimal(1))
    assert narrow(StatementFilterSet, "is_paid=true") == ["yes"]
    assert narrow(StatementFilterSet, "is_paid=false") == ["no"]


def test_a_search_ends_after_so_many_and_the_newest_of_an_order_are_found_first(shop, monkeypatch, narrow):
    monkeypatch.setattr("orders.queries.search.FOUND_AT_MOST", 2)
    for number in ("t1", "t2", "t3"):
        store_record(shop, "transaction", number, order_external_id="o-100")
    assert narrow(TransactionFilterSet, "q=o-100") == ["t2", "t3"]


@pytest.mark.parametrize("filters", [*SETS.values(), SkuFilterSet])
def test_every_filter_has_a_name_for_people(filters):
    assert set(filters.base_filters) <= set(filters.labels)
