"""Products change every few hours, and their update time says when."""

import pytest

from shops.sandbox.shelf import Shelf
from tests.shops.sandbox.test_aftersales import VN, WORLD, shop_in

HOUR = 3600


@pytest.fixture(scope="module")
def shelf():
    return Shelf(WORLD, shop_in(VN)[1].catalogue, "tiktok", 0)


def test_nothing_changes_without_a_new_update_time(shelf):
    before = shelf.products(WORLD.start)
    statuses = set()
    for as_of in range(WORLD.start, WORLD.epoch, HOUR):
        now = shelf.products(as_of)
        for old, new in zip(before, now, strict=True):
            assert old == new if old.updated == new.updated else old.updated < new.updated
            assert new.created <= new.updated <= as_of
        statuses |= {product.status for product in now}
        before = now
    assert statuses == {"active", "inactive", "under_review", "deleted"}


def test_every_sku_of_the_catalogue_has_a_price_and_a_stock(shelf):
    products = shelf.products(WORLD.epoch)
    offers = [offer for product in products for offer in product.skus]
    assert [offer.sku for offer in offers] == list(shop_in(VN)[1].catalogue)
    assert all(offer.price > 0 <= offer.stock for offer in offers)
    assert all({offer.sku.product_id for offer in product.skus} == {product.product_id} for product in products)


def test_a_day_of_changes_is_found_whole(shelf):
    start, end = WORLD.epoch - 6 * HOUR, WORLD.epoch
    found = list(shelf.updated_between(start, end, end))
    assert 0 < len(found) < len(shelf.products(end))
    assert found == [product for product in shelf.products(end) if start <= product.updated < end]


def test_a_deleted_product_stays_deleted(shelf):
    deleted = [product.product_id for product in shelf.products(WORLD.epoch) if product.status == "deleted"]
    assert len(deleted) == 1
    assert shelf.find(deleted[0], WORLD.epoch + 86_400) == shelf.find(deleted[0], WORLD.epoch)
    assert shelf.find(deleted[0], WORLD.start).status != "deleted"
    assert shelf.find("1", WORLD.epoch) is None
