"""Goods and SKUs: which field is read from where, in which unit."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shops.marketplaces.records import ProductRecord, ProductStatus, UnreadableRecord
from shops.marketplaces.temu.mapping.products import map_product
from tests.shops.marketplaces.temu.samples import result


def goods(at: int = 0, **fields: Any) -> dict[str, Any]:
    return {**result("goods_list")["goodsList"][at], **fields}


def mapped(payload: object) -> ProductRecord:
    record = map_product(payload)
    assert isinstance(record, ProductRecord)
    return record


def test_goods_and_their_time_of_creation_in_seconds() -> None:
    record = mapped({"goods": goods(1)})
    assert (record.external_id, record.title) == ("601100000000002", "Storage box set")
    assert record.source_created_at == datetime(2025, 12, 1, tzinfo=UTC)
    assert record.source_updated_at is None  # a change of status is no change of price or stock
    assert record.attributes["goodsStatusChangeTime"] == "1766900000000"
    assert (record.category_external_id, record.brand_name) == ("12345", "")
    assert record.image_url.endswith("601100000000002_800x800.jpeg")


def test_the_row_of_a_single_sku_says_its_price_in_major_units_and_its_stock() -> None:
    (sku,) = mapped({"goods": goods(1, quantity=5)}).skus
    assert (sku.external_id, sku.seller_sku) == ("17600000000002", "BOX-6-GR")
    assert (sku.price, sku.currency, sku.stock_count) == (Decimal("11.33"), "USD", 5)
    assert sku.original_price is None  # "0.00"


def test_skus_of_the_list_have_their_own() -> None:
    white, black = mapped({"goods": goods(), "skus": result("sku_list")["skuList"]}).skus
    assert (white.external_id, white.seller_sku, white.name) == ("17600000000001", "LAMP-W", "white")
    assert (white.price, white.currency, white.stock_count, white.raw_status) == (Decimal("25.99"), "USD", 42, "2001")
    assert (black.seller_sku, black.price, black.stock_count, black.currency) == ("LAMP-B", None, None, "USD")


def test_a_retail_price_comes_before_the_other() -> None:
    row = {**result("sku_list")["skuList"][0], "price": "1.00", "listPrice": {"amount": "29.99", "currency": "USD"}}
    sku = mapped({"goods": goods(), "skus": [row]}).skus[0]
    assert (sku.price, sku.original_price) == (Decimal("25.99"), Decimal("29.99"))
    del row["retailPrice"]
    assert mapped({"goods": goods(), "skus": [row]}).skus[0].price == Decimal("1.00")


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (2001, ProductStatus.ACTIVE),
        (2101, ProductStatus.ACTIVE),
        (3001, ProductStatus.BANNED),
        (3002, ProductStatus.INACTIVE),
        (3003, ProductStatus.INACTIVE),
        (4001, ProductStatus.UNDER_REVIEW),
        (4003, ProductStatus.REJECTED),
        (4004, ProductStatus.DRAFT),
        (5001, ProductStatus.DRAFT),
        (6002, ProductStatus.DELETED),
        (101, ProductStatus.UNKNOWN),
    ],
)
def test_status(number: int, status: ProductStatus) -> None:
    record = mapped({"goods": goods(goodsShowSubStatus=number)})
    assert (record.status, record.raw_status, record.problems) == (status, str(number), ())


def test_unreadable_values_are_told_and_left_out() -> None:
    row = {**result("sku_list")["skuList"][0], "stock": -1, "retailPrice": {"amount": "2,5", "currency": "dollars"}}
    record = mapped({"goods": goods(crtTime=1764547200000), "skus": [row]})
    assert record.source_created_at is None
    assert (record.skus[0].stock_count, record.skus[0].price) == (None, Decimal("25.99"))
    assert record.problems == (
        "goods.crtTime is '1764547200000' instead of a time in seconds.",
        "skus[0].retailPrice.currency is 'dollars' instead of a currency code.",
        "skus[0].retailPrice.amount is '2,5' instead of an amount.",
        "skus[0].stock is '-1' instead of a count.",
    )


def test_a_sku_that_the_goods_do_not_name_is_a_problem() -> None:
    record = mapped({"goods": goods(), "skus": [{"skuId": 5}]})
    assert record.problems == ("skus[0].skuId 5 is none of the SKUs that the goods name.",)


@pytest.mark.parametrize("broken", [None, 7, {}, {"goods": {"goodsId": "x" * 70}}])
def test_what_has_no_number_is_no_product(broken: object) -> None:
    assert isinstance(map_product(broken), UnreadableRecord)
