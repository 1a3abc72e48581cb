"""All of an order on its page: parcels put together from order and carrier, money with its sum, and who sees it."""

import html
import re
from decimal import Decimal

import pytest

from shops.marketplaces.records import PackageRecord, TrackingEventRecord
from tests.factories.orders import store_order
from tests.factories.pages import address, leave_out_payloads, log_in
from tests.factories.records import UPDATED_AT, make_line
from tests.factories.shops import make_app, make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db

MONEY = ("orders.view_order", "orders.view_shipment", "orders.view_transaction", "orders.view_statement")


@pytest.fixture
def look(client, shop):
    log_in(client, *MONEY, shops=[shop])
    return lambda order: leave_out_payloads(client.get(address(order, "change")).content.decode())


def test_a_package_and_the_shipment_of_its_number_are_one_parcel(look, shop):
    package = PackageRecord("pack-1", contents=({"line": "line-1", "quantity": 2},))
    order = store_order(shop, "order-1", lines=(make_line(1, product_name="Áo thun"),), packages=(package,))
    events = (TrackingEventRecord("e1", UPDATED_AT, "Picked up", place="Huế"),)
    shipment = store_record(shop, "shipment", "pack-1", order_external_ids=("order-1", "order-2"), events=events)
    page = look(order)
    assert page.count(">pack-1<") == 1
    for part in (
        address(shipment, "change"),
        "JT0000000001",
        "Picked up",
        "2 × Áo thun",
        "together with order order-2",
    ):
        assert part in page, part


def test_a_shipment_that_only_names_the_order_is_there_too(look, shop):
    order = store_order(shop, "order-1", packages=())
    store_record(shop, "shipment", "pack-9")
    assert "pack-9" in look(order)


def test_transactions_are_summed_and_their_statement_is_checked(look, shop):
    order = store_order(shop, "order-1")
    fees = {"commission": "-20000", "tax": "-6667"}
    store_record(shop, "transaction", "t1", amount=Decimal(120_000), fees=fees)
    store_record(shop, "transaction", "t2", amount=Decimal(-20_000), revenue_amount=None, fee_amount=Decimal(-20_000))
    statement = store_record(shop, "statement", "statement-1", amount=Decimal(100_000))
    page = look(order)
    for part in (
        "+120,000 VND",
        "-20,000 VND",
        "+100,000 VND",
        "-46,667 VND",
        "commission",
        address(statement, "change"),
    ):
        assert part in page, part
    assert 'tone-success number">0<' in page


def test_an_order_without_money_yet_says_so(look, shop):
    assert "No transaction names this order yet" in look(store_order(shop))


def test_what_a_marketplace_does_not_give_is_said(client):
    shop = make_shop(app=make_app(marketplace="temu"))
    log_in(client, *MONEY, shops=[shop])
    page = client.get(address(store_order(shop), "change")).content.decode()
    assert "Temu gives no transactions" in page


def test_who_may_see_orders_only_sees_neither_money_nor_what_the_carrier_said(client, shop):
    log_in(client, "orders.view_order", shops=[shop])
    package = PackageRecord("pack-1", tracking_number="OWN1")
    order = store_order(shop, "order-1", packages=(package,))
    store_record(shop, "shipment", "pack-1", tracking_number="SECRET1")
    store_record(shop, "shipment", "pack-2", tracking_number="SECRET2")
    store_record(shop, "transaction", "t-secret", description="secret fee")
    page = leave_out_payloads(client.get(address(order, "change")).content.decode())
    assert "OWN1" in page
    assert not [part for part in ("SECRET1", "SECRET2", "pack-2", "secret fee", 'id="row-money"') if part in page]


def test_money_of_another_shop_with_the_same_order_number_is_not_shown(look, shop):
    order = store_order(shop, "order-1")
    store_record(make_shop(), "transaction", "t-foreign", description="foreign")
    assert "foreign" not in look(order)


def test_all_transactions_of_the_order_are_one_press_away(look, client, shop, monkeypatch):
    monkeypatch.setattr("orders.queries.whole_order.SHOWN_AT_MOST", 1)
    order = store_order(shop, "a&b+c")
    for number in ("t1", "t2"):
        store_record(shop, "transaction", number, order_external_id="a&b+c")
    store_record(shop, "transaction", "t3", order_external_id="a")
    store_record(make_shop(), "transaction", "t4", order_external_id="a&b+c")
    (link,) = re.findall(r'href="([^"]+)">all of them<', look(order))
    listed = client.get(html.unescape(link))
    assert sorted(row.external_id for row in listed.context["cl"].result_list) == ["t1", "t2"]
