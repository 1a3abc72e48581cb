"""Products into records: names of variants, prices for one piece, stock over all warehouses, times in seconds."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shops.marketplaces.records import Payload, ProductRecord, ProductStatus
from shops.marketplaces.tiktok.mapping.products import STATUSES, map_product
from tests.shops.marketplaces.tiktok import samples


def mapped(payload: Payload) -> ProductRecord:
    record = map_product(payload)
    assert isinstance(record, ProductRecord)
    return record


def with_sku(**changes: Any) -> Payload:
    payload = samples.product()
    payload["product"]["skus"][0] |= changes
    return payload


def test_maps_a_whole_product() -> None:
    record = mapped(samples.product())
    assert (record.external_id, record.title) == ("1729000000000000101", "Áo thun cotton cổ tròn")
    assert (record.status, record.raw_status) == (ProductStatus.ACTIVE, "ACTIVATE")
    assert record.source_created_at == datetime.fromtimestamp(1775123176, UTC)
    assert record.source_updated_at == datetime.fromtimestamp(1782892330, UTC)
    assert record.image_url == "https://img.example.test/tos-alisg-i-sbx-sg/aaaa0001~origin.jpeg"
    assert (record.category_external_id, record.brand_name) == ("601226", "Sample Brand")
    assert record.attributes["sales_regions"] == ["VN"]  # only the search tells it
    assert record.attributes["audit"]["status"] == "APPROVED"
    assert "description" not in record.attributes
    assert record.problems == ()


def test_maps_a_variant() -> None:
    (sku,) = mapped(samples.product()).skus
    assert (sku.external_id, sku.seller_sku, sku.name) == ("1729000000000000201", "AT-DEN-M", "Đen, M")
    assert (sku.currency, sku.price, sku.stock_count) == ("VND", Decimal(172000), 43)
    assert (sku.raw_status, sku.original_price) == ("NORMAL", None)
    assert sku.attributes["sku_weight"] == {"value": "0.2", "unit": "KILOGRAM"}


def test_from_the_search_alone_only_the_names_are_missing() -> None:
    record = mapped({"listed": samples.product()["listed"]})
    assert [sku.name for sku in record.skus] == ["", ""]
    assert [sku.price for sku in record.skus] == [Decimal(172000), Decimal(172000)]
    assert [sku.stock_count for sku in record.skus] == [43, 0]
    assert record.problems == ()


def test_the_price_that_the_buyer_pays_goes_before_the_one_without_tax() -> None:
    price = {"currency": "EUR", "sale_price": "12.10", "tax_exclusive_price": "10.00"}
    assert mapped(with_sku(price=price)).skus[0].price == Decimal("12.10")
    broken = mapped(with_sku(price=price | {"sale_price": "n/a"}))
    assert broken.skus[0].price is None  # never the other price in its place
    assert broken.problems == ("skus[0].price.sale_price is 'n/a' instead of an amount.",)


def test_stock_is_the_sum_over_warehouses_or_unknown() -> None:
    two = [{"warehouse_id": "1", "quantity": 2}, {"warehouse_id": "2", "quantity": "3"}]
    assert mapped(with_sku(inventory=two)).skus[0].stock_count == 5
    broken = mapped(with_sku(inventory=[*two, {"warehouse_id": "3", "quantity": -1}]))
    assert broken.skus[0].stock_count is None
    assert broken.problems == ("skus[0].inventory[2].quantity is '-1' instead of a count.",)
    assert mapped(with_sku(inventory=None)).skus[0].stock_count is None


@pytest.mark.parametrize(("word", "status"), STATUSES.items())
def test_knows_every_status(word: str, status: ProductStatus) -> None:
    payload = samples.product()
    payload["product"]["status"] = word
    assert mapped(payload).status is status


def test_an_unknown_status_is_valid_and_keeps_its_word() -> None:
    payload = samples.product()
    payload["product"]["status"] = "HALF_PRICE"
    record = mapped(payload)
    assert (record.status, record.raw_status, record.problems) == (ProductStatus.UNKNOWN, "HALF_PRICE", ())


def test_a_variant_without_an_id_is_left_out_and_named() -> None:
    record = mapped(with_sku(id=None))
    assert record.skus == ()
    assert record.problems == ("skus[0].id is missing or cannot be read: the variant is left out.",)


@pytest.mark.parametrize(("word", "is_valid"), [("ACTIVATE", False), ("DRAFT", True), ("DELETED", True)])
def test_a_product_on_sale_that_tells_no_variants_is_no_whole_answer(word: str, is_valid: bool) -> None:
    """Taken as it is, it would take away the variants that are stored."""
    payload = samples.product()
    payload["product"]["status"] = word
    del payload["product"]["skus"]
    assert mapped(payload).is_valid is is_valid


def test_a_name_joined_of_long_values_is_cut_as_every_text() -> None:
    names = [{"value_name": "x" * 4000}, {"value_name": "y" * 4000}]
    assert len(mapped(with_sku(sales_attributes=names)).skus[0].name) == 5000
