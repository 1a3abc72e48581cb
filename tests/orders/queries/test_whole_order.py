"""Everything about one order: its money with sums and statements, its parcels with what the carrier said."""

from datetime import timedelta
from decimal import Decimal

import pytest

from orders.queries.whole_order import list_order_money, list_order_parcels
from shops.marketplaces.records import PackageRecord, TrackingEventRecord
from tests.factories.orders import store_order
from tests.factories.records import UPDATED_AT
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(shop):
    return store_order(shop, "o-100", packages=(PackageRecord("p-1", tracking_number="JT1", carrier_name="J&T"),))


def pay(shop, number, **facts):
    return store_record(shop, "transaction", number, **{"order_external_id": "o-100", **facts})


def test_an_orders_money_is_listed_oldest_first_and_added_up_by_currency(shop, order):
    pay(shop, "refund", later_by=60, amount=Decimal(-20), revenue_amount=Decimal(-20), fee_amount=None)
    pay(shop, "sale", amount=Decimal(100), revenue_amount=Decimal(130), fee_amount=Decimal(-30))
    pay(shop, "elsewhere", later_by=90, currency="USD", amount=Decimal("1.5"), revenue_amount=None, fee_amount=None)
    pay(shop, "of-another-order", order_external_id="o-200")
    pay(make_shop(), "of-another-shop")
    money = list_order_money(order)
    assert [row.external_id for row in money.transactions] == ["sale", "refund", "elsewhere"]
    usd, vnd = money.sums
    assert (vnd.currency, vnd.amount, vnd.count) == ("VND", Decimal(80), 2)
    assert vnd.parts["revenue_amount"] == 110
    assert vnd.parts["fee_amount"] == -30
    assert vnd.parts["tax_amount"] is None
    assert (usd.currency, usd.amount, usd.parts["revenue_amount"]) == ("USD", Decimal("1.5"), None)
    assert not money.has_more


def test_the_statements_that_paid_it_come_with_their_sums(shop, order):
    pay(shop, "sale", amount=Decimal(100), statement_external_id="st-1")
    pay(shop, "of-another-order", order_external_id="o-200", amount=Decimal(11), statement_external_id="st-1")
    statement = store_record(shop, "statement", "st-1", amount=Decimal(111))
    store_record(shop, "statement", "st-2")
    money = list_order_money(order)
    assert money.statements == (statement,)
    assert money.statement_sums[statement.pk].agrees


def test_money_that_came_before_the_order_is_found(shop):
    pay(shop, "early")
    assert [row.external_id for row in list_order_money(store_order(shop, "o-100")).transactions] == ["early"]


def test_more_than_can_be_shown_is_said(shop, order, monkeypatch):
    monkeypatch.setattr("orders.queries.whole_order.SHOWN_AT_MOST", 1)
    pay(shop, "a")
    pay(shop, "b")
    money = list_order_money(order)
    assert (len(money.transactions), money.has_more) == (1, True)


def test_a_package_and_the_shipment_of_its_number_are_one_parcel(shop, order):
    events = (
        TrackingEventRecord("2", UPDATED_AT, "Delivered"),
        TrackingEventRecord("1", UPDATED_AT - timedelta(hours=1), "Packed"),
    )
    store_record(shop, "shipment", "p-1", order_external_ids=("o-100",), tracking_number="", events=events)
    (parcel,) = list_order_parcels(order)
    assert parcel.package is not None
    assert parcel.shipment is not None
    assert (parcel.number, parcel.tracking_number, parcel.carrier_name) == ("p-1", "JT1", "J&T Express")
    assert [event.text for event in parcel.events] == ["Packed", "Delivered"]


def test_parcels_that_only_one_side_knows_are_shown_too(shop, order):
    store_record(shop, "shipment", "p-2", order_external_ids=("o-200", "o-100"))
    store_record(shop, "shipment", "p-3", order_external_ids=("o-200",))
    store_record(make_shop(), "shipment", "p-4", order_external_ids=("o-100",))
    first, second = list_order_parcels(order)
    assert (first.number, first.shipment, first.events) == ("p-1", None, ())
    assert (second.number, second.package) == ("p-2", None)


def test_a_shipment_that_does_not_name_its_orders_is_found_by_the_packages_number(shop, order):
    store_record(shop, "shipment", "p-1", order_external_ids=())
    store_record(make_shop(), "shipment", "p-1", order_external_ids=())
    (parcel,) = list_order_parcels(order)
    assert parcel.shipment is not None
    assert parcel.shipment.shop_id == shop.pk


def test_the_number_of_queries_is_the_same_for_little_and_for_much(shop, order, django_assert_num_queries):
    for number in range(5):
        pay(shop, f"t-{number}", statement_external_id=f"st-{number}")
        store_record(shop, "statement", f"st-{number}")
        store_record(shop, "shipment", f"p-{number}", order_external_ids=("o-100",))
    with django_assert_num_queries(3):
        money = list_order_money(order)
        assert [row.amount for row in money.transactions]
        assert len(money.statements) == 5
    with django_assert_num_queries(3):
        assert sum(len(parcel.events) for parcel in list_order_parcels(order)) == 5


def test_an_order_without_any_of_it_has_none(shop):
    order = store_order(shop, "o-100", packages=())
    money = list_order_money(order)
    assert (money.transactions, money.sums, money.statements, list_order_parcels(order)) == ((), (), (), [])
