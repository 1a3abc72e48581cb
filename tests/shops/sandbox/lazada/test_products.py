"""Products: mixed key styles, milliseconds in text, filters, limits, and the truth."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.shops.sandbox.conftest import EPOCH
from tests.shops.sandbox.lazada.calling import PRODUCTS, code

DAY = 86_400


def products(client, **parameters):
    return client.data(PRODUCTS, **{"filter": "all", **parameters})["products"]


def price_now(sku):
    """What a buyer pays: the special price where there is one."""
    return Decimal(str(sku["special_price"] or sku["price"]))


def test_products_agree_with_the_truth(clients):
    for client in clients:
        truth = {int(line["id"]): line for line in client.truth("products")}
        found = products(client)
        assert {product["item_id"] for product in found} == set(truth)
        for product in found:
            agreed = truth[product["item_id"]]
            assert (product["status"], product["attributes"]["name"]) == (agreed["status"], agreed["title"])
            assert product["updated_time"] == f"{agreed['update_time']}000"
            for sku, line in zip(product["skus"], agreed["skus"], strict=True):
                assert (str(sku["SkuId"]), sku["SellerSku"]) == (line["id"], line["seller_sku"])
                assert (price_now(sku), sku["quantity"]) == (Decimal(line["price"]), line["stock"])
                assert sku["ShopSku"] == f"{product['item_id']}_{client.shop['region']}-{sku['SkuId']}"


def test_products_are_those_that_are_ordered(client):
    sold = {product["item_id"]: {sku["SkuId"] for sku in product["skus"]} for product in products(client)}
    order = client.orders()[0]["order_id"]
    for line in client.lines([order])[order]:
        assert int(line["sku_id"]) in sold[int(line["product_id"])]


def test_windows_filters_and_pages(client):
    everything = products(client)
    moments = sorted(int(product["updated_time"]) // 1000 for product in everything)
    middle = moments[len(moments) // 2]
    text = datetime.fromtimestamp(middle, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
    later = [product for product in everything if int(product["updated_time"]) >= middle * 1000]
    assert products(client, update_after=text) == later
    assert products(client, update_before=text) == [
        product for product in everything if int(product["updated_time"]) <= middle * 1000
    ]
    for word, status in (
        ("live", "Active"),
        ("deleted", "Deleted"),
        ("inactive", "InActive"),
        ("pending", "Pending"),
    ):
        assert products(client, filter=word) == [product for product in everything if product["status"] == status]
    sku = everything[0]["skus"][0]["SellerSku"]
    assert products(client, sku_seller_list=f'["{sku}"]') == everything[:1]
    paged = [
        product
        for offset in range(0, len(everything), 3)
        for product in products(client, limit="3", offset=str(offset))
    ]
    assert paged == everything
    assert client.data(PRODUCTS, limit="1")["total_products"] == len(everything)


def test_one_product(client):
    wanted = products(client)[0]
    assert client.data("/product/item/get", item_id=str(wanted["item_id"])) == wanted
    assert client.data("/product/item/get", seller_sku=wanted["skus"][0]["SellerSku"]) == wanted
    assert code(client.get("/product/item/get", item_id="1")) == "208"
    assert code(client.get("/product/item/get")) == "MissingParameter"


def test_prices_and_stock_move(client):
    before = {product["item_id"]: product for product in products(client)}
    client.move_clock(now=EPOCH - DAY)
    changed = [product for product in products(client) if product != before[product["item_id"]]]
    assert changed
    assert all(product["updated_time"] < before[product["item_id"]]["updated_time"] for product in changed)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"limit": "51"}, "19"),
        ({"offset": "10001"}, "14"),
        ({"update_after": "soon"}, "17"),
        ({"filter": "everything"}, "InvalidParameter"),
        ({"sku_seller_list": "SKU-1"}, "70"),
    ],
)
def test_what_cannot_be_listed_is_refused(client, parameters, expected):
    assert code(client.get(PRODUCTS, **parameters)) == expected
