"""What only some rows have: SKUs by themselves, parcels without counts, sums of statements, links of an order."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shops.marketplaces.records import PackageRecord, SkuRecord
from tests.factories.orders import store_order
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db


def test_a_product_is_shown_with_its_skus(shop, caller):
    product = store_record(shop, "product", "p1")
    shown = caller.get(f"products/{product.pk}/").json()
    assert (shown["status"], shown["raw_status"], shown["title"]) == ("active", "ACTIVATE", "Áo thun")
    (sku,) = shown["skus"]
    assert (sku["seller_sku"], sku["price"], sku["stock_count"]) == ("AT-DEN-M", "146667", 4)
    assert sku["original_price"] is None


def test_a_sku_by_itself_says_whose_it_is(shop, caller):
    skus = (SkuRecord("s1", seller_sku="RED", currency="USD", price=Decimal("9.5")), SkuRecord("s2", seller_sku="BLUE"))
    product = store_record(shop, "product", "p1", skus=skus)
    store_record(make_shop(), "product", "p1", skus=skus)
    (listed,) = caller.get("skus/", seller_sku="RED").json()["results"]
    assert listed == caller.get(f"skus/{listed['id']}/").json()
    assert (listed["shop"], listed["product"], listed["product_external_id"]) == (shop.pk, product.pk, "p1")
    assert (listed["external_id"], listed["price"], listed["stock_count"]) == ("s1", "9.50", None)
    assert caller.get("skus/", colour="red").status_code == 400


def test_the_number_of_queries_for_skus_does_not_grow(shop, caller):
    def count():
        with CaptureQueriesContext(connection) as captured:
            assert caller.get("skus/").status_code == 200
        assert "attributes" not in " ".join(query["sql"] for query in captured)
        return len(captured)

    store_record(shop, "product", "p0")
    caller.get("skus/")
    few = count()
    for number in range(1, 10):
        store_record(shop, "product", f"p{number}", skus=tuple(SkuRecord(f"s{k}") for k in range(number)))
    assert count() == few <= 7


def test_a_sku_of_a_foreign_shop_is_not_there(shop, caller):
    foreign = store_record(make_shop(), "product", "p1")
    assert caller.ids("skus/") == []
    assert caller.get(f"skus/{foreign.skus.get().pk}/").status_code == 404


def test_a_parcel_is_shown_with_its_contents_and_what_the_carrier_said(shop, caller):
    parcel = store_record(shop, "shipment", "p1")
    shown = caller.get(f"shipments/{parcel.pk}/").json()
    assert shown["contents"] == [{"order": "order-1", "line": "line-1", "quantity": 1}]
    assert (shown["order_external_ids"], shown["tracking_number"]) == (["order-1"], "JT0000000001")
    assert [(event["text"], event["place"], event["happened_at"]) for event in shown["events"]] == [
        ("Packed", "Hà Nội", "2026-08-01T08:00:00Z")
    ]


@pytest.mark.parametrize("content", [{"line": "line-1"}, {"line": "line-1", "quantity": None}])
def test_where_a_marketplace_does_not_say_how_many_are_in_a_parcel_that_is_null(shop, caller, content):
    order = store_order(shop, packages=(PackageRecord("package-1", contents=(content,)),))
    store_record(shop, "shipment", "package-1", contents=({"order": "o", **content},))
    (package,) = caller.get(f"orders/{order.pk}/").json()["packages"]
    (parcel,) = caller.get("shipments/").json()["results"]
    assert package["contents"] == [{"line": "line-1", "quantity": None}]
    assert parcel["contents"] == [{"order": "o", "line": "line-1", "quantity": None}]


def test_a_return_tells_request_money_and_goods_apart(shop, caller):
    row = store_record(shop, "return", "r1")
    shown = caller.get(f"returns/{row.pk}/").json()
    said = [shown[name] for name in ("kind", "status", "money_state", "custody", "refund_amount")]
    assert said == ["return_refund", "requested", "pending", "buyer", "146667"]
    assert (shown["lines"][0]["refund_amount"], shown["lines"][0]["quantity"]) == ("146667", 1)


def test_a_transaction_is_shown_with_its_order_once_that_is_here(shop, caller):
    early = store_record(shop, "transaction", "t1", order_external_id="o-100")
    assert caller.get(f"transactions/{early.pk}/").json()["order"] is None
    order = store_order(shop, "o-100")
    late = store_record(shop, "transaction", "t2", order_external_id="o-100")
    shown = caller.get(f"transactions/{late.pk}/").json()
    assert (shown["order"], shown["order_external_id"]) == (order.pk, "o-100")
    assert (shown["amount"], shown["fee_amount"], shown["tax_amount"]) == ("120000", "-26667", None)
    assert shown["fees"] == {"commission": "-26667"}


def test_a_statement_says_whether_its_transactions_add_up_to_it(shop, caller):
    statement = store_record(shop, "statement", "st-1", currency="USD", amount=Decimal("10.10"))
    facts: dict[str, Any] = {"statement_external_id": "st-1", "currency": "USD"}
    store_record(shop, "transaction", "t1", amount=Decimal("10.60"), **facts)
    shown = caller.get(f"statements/{statement.pk}/").json()["transactions"]
    assert shown == {"amount": "10.60", "count": 1, "left_out_count": 0, "difference": "-0.50", "agrees": False}
    store_record(shop, "transaction", "t2", amount=Decimal("-0.50"), **facts)
    (listed,) = caller.get("statements/").json()["results"]
    assert listed["transactions"] == {
        "amount": "10.10", "count": 2, "left_out_count": 0, "difference": "0.00", "agrees": True,
    }  # fmt: skip


def test_statements_come_in_small_pages_for_each_is_added_up(shop, caller):
    assert caller.get("statements/", page_size=100).status_code == 200
    assert caller.get("statements/", page_size=101).json()["fields"] == {"page_size": ["A whole number from 1 to 100."]}


def test_an_order_says_where_its_parcels_returns_and_money_are(shop, caller):
    order = store_order(shop, "o 100/ü")
    mine: dict[str, Any] = {"order_external_id": order.external_id}
    kinds = {"shipments": {"order_external_ids": (order.external_id,)}, "returns": mine, "transactions": mine}
    rows = {}
    for name, facts in kinds.items():
        rows[name] = store_record(shop, name.removesuffix("s"), "mine", **facts)
        store_record(shop, name.removesuffix("s"), "other")
    links = caller.get(f"orders/{order.pk}/").json()["links"]
    assert set(links) == {"history", *kinds}
    for name, row in rows.items():
        assert links[name].startswith("http://testserver/api/v1/")
        assert caller.ids(links[name].removeprefix("http://testserver")) == [row.pk], name
    assert caller.get(links["history"]).status_code == 200
    assert "links" not in caller.get("orders/").json()["results"][0]
