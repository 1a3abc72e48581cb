"""Lists and pages of products, SKUs, parcels and money: what is on them, in which tone, and for whom."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from shops.marketplaces import records
from tests.factories.orders import store_order
from tests.factories.pages import address, leave_out_payloads, log_in
from tests.factories.records import UPDATED_AT, make_line
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db

ALL = (
    "orders.view_order", "orders.view_product", "orders.view_sku", "orders.view_shipment", "orders.view_transaction",
    "orders.view_statement",
)  # fmt: skip


@pytest.fixture
def person(client, shop):
    return log_in(client, *ALL, shops=[shop])


@pytest.fixture
def look(client, person):
    """The list of a model, or the page of a row, as text."""

    def text(what, **query):
        where = reverse(f"admin:orders_{what}_changelist") if isinstance(what, str) else address(what, "change")
        answer = client.get(where, query)
        assert answer.status_code == 200
        return leave_out_payloads(answer.content.decode())

    return text


def make_sku(number, price, **facts):
    return records.SkuRecord(f"sku-{number}", seller_sku=f"S{number}", currency="VND", price=Decimal(price), **facts)


def test_a_product_shows_what_its_skus_come_to(look, shop):
    skus = (make_sku(1, 120_000, stock_count=3), make_sku(2, 150_000, stock_count=4), make_sku(3, 130_000))
    product = store_record(shop, "product", "p1", skus=skus)
    listed, page = look("product"), look(product)
    for text in (listed, page):
        assert "120,000 – 150,000 VND" in text
        assert ">7</span>" in text
    assert '<span class="number">3</span>' in listed
    for part in ("S1", "S3", "not told", "Áo thun", shop.name):
        assert part in page, part


def test_no_stock_left_is_told_from_stock_that_is_not_told(look, shop):
    store_record(shop, "product", "p1", skus=(make_sku(1, 1, stock_count=0),))
    assert 'tone-danger">0<' in look("product")
    store_record(shop, "product", "p1", skus=(make_sku(1, 1),), later_by=1)
    assert "not told" in look("product")


def test_a_product_without_skus_opens(look, shop):
    product = store_record(shop, "product", "p1", title="", skus=())
    assert "named no SKUs" in look(product)
    assert "No title" in look("product")


def test_images_are_fetched_only_where_the_installation_wants_them(look, shop, settings):
    store_record(shop, "product", "p1", image_url="https://images.example/a.jpg")
    assert "images.example" not in look("product").replace("&quot;", '"').split('id="result_list"')[1]
    settings.ADMIN_PRODUCT_IMAGES = True
    assert 'src="https://images.example/a.jpg"' in look("product")
    store_record(shop, "product", "p1", image_url="javascript:alert(1)", later_by=1)
    assert "javascript:alert" not in look("product")


def test_skus_are_found_by_the_beginning_of_the_sellers_own(look, shop):
    store_record(shop, "product", "p1", skus=(make_sku(1, 1), records.SkuRecord("sku-2", seller_sku="OTHER")))
    page = look("sku", q="OTH")
    assert ("OTHER" in page, ">S1<" in page) == (True, False)


def test_a_status_that_nobody_knows_is_shown_as_it_came_with_a_warning(look, shop):
    odd: dict[str, dict[str, Any]] = {
        "product": {"status": records.ProductStatus.UNKNOWN, "raw_status": "ODD<b>"},
        "shipment": {"status": records.ShipmentStatus.UNKNOWN, "raw_status": "ODD<b>"},
        "transaction": {"kind": records.TransactionKind.UNKNOWN, "raw_kind": "ODD<b>"},
    }
    for kind, facts in odd.items():
        row = store_record(shop, kind, f"{kind}-1", **facts)
        for page in (look(kind), look(row)):
            assert "Unknown: ODD&lt;b&gt;" in page, kind
            assert "ODD<b>" not in page, kind


def test_a_parcel_names_its_orders_what_is_in_it_and_where_it_is(look, shop):
    order = store_order(shop, "order-1", lines=(make_line(1, product_name="Áo thun", sku_name="M"),))
    events = (
        records.TrackingEventRecord("e1", UPDATED_AT, "Packed"),
        records.TrackingEventRecord("e2", UPDATED_AT.replace(hour=9), "Out for delivery", place="Huế"),
    )
    contents = (
        {"order": "order-1", "line": "line-1", "quantity": 2}, {"order": "order-9", "line": "line-9", "quantity": 1},
    )  # fmt: skip
    shipment = store_record(
        shop, "shipment", "pack-1", order_external_ids=("order-1", "order-9"), contents=contents, events=events
    )
    listed, page = look("shipment"), look(shipment)
    assert "Out for delivery" in listed
    assert "Packed" not in listed.split('id="result_list"')[1]
    for text in (listed, page):
        assert address(order, "change") in text
        assert "order-9" in text
    for part in ("2 × Áo thun (M)", "1 × line line-9", "Huế", "JT0000000001"):
        assert part in page, part
    assert page.index("Out for delivery") < page.index("Packed")


@pytest.mark.parametrize("contents", [(), ({},), ({"order": None, "line": None, "quantity": None},)])
def test_contents_that_make_no_sense_are_survived(look, shop, contents):
    look(store_record(shop, "shipment", "pack-1", order_external_ids=(), contents=contents, events=()))


def test_money_is_told_by_sign_and_tone(look, shop):
    store_record(shop, "transaction", "t1", amount=Decimal(1200), order_external_id="")
    store_record(shop, "transaction", "t2", amount=Decimal(-300), order_external_id="")
    page = look("transaction")
    assert 'tone-success number">+1,200 VND' in page
    assert 'tone-danger number">-300 VND' in page


def test_a_transaction_leads_to_its_order_or_says_that_it_is_not_here(look, shop):
    here = store_record(shop, "transaction", "t0", order_external_id="order-1")
    assert "Not here" in look(here)
    assert "Not here" in look("transaction")
    order = store_order(shop, "order-1")
    row = store_record(shop, "transaction", "t0", order_external_id="order-1", later_by=1)
    for page in (look(row), look("transaction")):
        assert "Not here" not in page
        assert address(order, "change") in page


def test_the_parts_of_a_transaction_add_up_to_it_and_the_rest_is_named(look, shop):
    row = store_record(
        shop, "transaction", "t1", amount=Decimal(119_000), fees={"commission": "-26667", "zero": "0", "odd": "x"}
    )
    page = look(row)
    for part in ("+146,667 VND", "-26,667 VND", "Not split", "-1,000 VND", "commission", "odd"):
        assert part in page, part
    assert ">zero<" not in page


def test_a_statement_that_agrees_says_nothing_is_missing(look, shop):
    store_record(shop, "transaction", "t1", statement_external_id="s1", amount=Decimal(120_000))
    statement = store_record(shop, "statement", "s1")
    for page in (look("statement"), look(statement)):
        assert 'tone-success number">0<' in page
        assert "⚠" not in page


def test_a_statement_that_differs_warns_with_what_is_missing(look, shop):
    store_record(shop, "transaction", "t1", statement_external_id="s1", amount=Decimal(100_000))
    statement = store_record(shop, "statement", "s1")
    for page in (look("statement"), look(statement)):
        assert "⚠ 20,000 VND" in page
    assert "t1" in look(statement)


def test_a_statement_whose_transactions_are_not_here_yet_is_no_alarm(look, shop):
    store_record(shop, "statement", "s1")
    page = look("statement")
    assert ("none here yet" in page, "⚠" in page) == (True, False)


def test_nothing_of_another_shop_is_linked(look, shop):
    """Two shops may have orders and statements of the same number."""
    other = make_shop()
    foreign = [store_order(other, "order-1"), store_record(other, "statement", "statement-1")]
    rows = [store_record(shop, "transaction", "t1"), store_record(shop, "shipment", "p1")]
    pages = [look("transaction"), look("shipment"), *map(look, rows)]
    for row in foreign:
        assert not any(address(row, "change") in page for page in pages)


def test_who_may_not_see_transactions_sees_none_on_a_statement(client, shop):
    log_in(client, "orders.view_statement", shops=[shop])
    store_record(shop, "transaction", "t-secret", statement_external_id="s1", description="secret")
    statement = store_record(shop, "statement", "s1")
    page = client.get(address(statement, "change")).content.decode()
    assert "secret" not in page


def test_the_payloads_of_each_kind_are_kept_shown_and_compared(look, client, shop):
    for kind in ("product", "shipment", "transaction", "statement"):
        store_record(shop, kind, "n1")
        row = store_record(shop, kind, "n1", later_by=60)
        assert "Compare any two of them" in client.get(address(row, "change")).content.decode(), kind
        compared = client.get(address(row, "compare"))
        assert "<ins>" in compared.content.decode(), kind


def test_what_could_not_be_read_stands_first(look, shop):
    for kind in ("product", "shipment", "transaction", "statement"):
        row = store_record(shop, kind, "n1", problems=("the amount is “abc”",))
        page = look(row)
        assert page.index("the amount is “abc”") < page.index("Number at"), kind
        assert "could be read" in page
