"""Products, their prices and their stock agree with the truth in all versions."""

import pytest

from tests.shops.sandbox.calling import control
from tests.shops.sandbox.conftest import EPOCH
from tests.shops.sandbox.tiktok.reading import PRODUCTS, by_id, get, post, rows, truth


def as_truth(product):
    return {
        "id": product["id"],
        "status": product["status"],
        "update_time": product["update_time"],
        "title": product["title"],
        "skus": [
            {
                "id": sku["id"],
                "seller_sku": sku["seller_sku"],
                "price": sku["price"]["tax_exclusive_price"],
                "currency": sku["price"]["currency"],
                "stock": sum(place["quantity"] for place in sku["inventory"]),
            }
            for sku in product["skus"]
        ],
    }


@pytest.mark.parametrize("version", ["202309", "202312", "202502"])
def test_every_product_agrees_with_the_truth(sandbox, each_client, version):
    found = rows(each_client, "POST", PRODUCTS.replace("202502", version), "products", page_size="3")
    assert [as_truth(product) for product in found] == truth(sandbox, "products", each_client)
    for product in found:
        detail = get(each_client, f"/product/202309/products/{product['id']}").json["data"]
        assert as_truth(detail) == as_truth(product)
        assert all(sku["sales_attributes"] for sku in detail["skus"])


def test_bounds_of_times_are_inclusive_on_both_sides(client):
    products = rows(client, "POST", PRODUCTS, "products", page_size="100")
    moment = products[2]["update_time"]
    window = {"update_time_ge": moment, "update_time_le": moment}
    found = rows(client, "POST", PRODUCTS, "products", window, page_size="100")
    assert products[2] in found
    assert found == [product for product in products if product["update_time"] == moment]


def test_what_changed_is_found_by_its_update_time(sandbox, client):
    before = by_id(truth(sandbox, "products", client, as_of=EPOCH - 4 * 3600))
    found = rows(client, "POST", PRODUCTS, "products", {"update_time_ge": EPOCH - 4 * 3600 + 1}, page_size="100")
    after = by_id(truth(sandbox, "products", client))
    assert {product["id"] for product in found} == {number for number in after if after[number] != before[number]}


def test_filters(client):
    products = rows(client, "POST", PRODUCTS, "products", page_size="100")
    gone = rows(client, "POST", PRODUCTS, "products", {"status": "DELETED"}, page_size="100")
    assert gone == [product for product in products if product["status"] == "DELETED"] != []
    sku = products[1]["skus"][0]
    assert rows(client, "POST", PRODUCTS, "products", {"sku_ids": [sku["id"]]}, page_size="9") == [products[1]]
    found = rows(client, "POST", PRODUCTS, "products", {"seller_skus": [sku["seller_sku"]]}, page_size="9")
    assert found == [products[1]]


@pytest.mark.parametrize(
    ("filters", "status", "code"),
    [
        ({"sku_ids": ["1"] * 11}, 200, 12019087),
        ({"seller_skus": ["1"] * 11}, 200, 12019027),
        ({"status": "SOLD"}, 400, 36009004),
        ({"update_time_ge": "now"}, 400, 36009004),
    ],
)
def test_mistakes_are_refused(client, filters, status, code):
    answer = post(client, PRODUCTS, filters, page_size="10")
    assert (answer.status, answer.code) == (status, code)


def test_products_that_are_not_there(client, us_client):
    foreign = rows(us_client, "POST", PRODUCTS, "products", page_size="1")[0]["id"]
    codes = [get(client, f"/product/202309/products/{number}").code for number in ("abc", "17", foreign)]
    assert codes == [12052031, 12052032, 12052034]


def test_a_detail_is_needed_once_per_version(sandbox, client):
    product = rows(client, "POST", PRODUCTS, "products", page_size="100")[0]["id"]
    control(sandbox.control_url, "POST", "/clock", {"now": EPOCH - 20 * 3600})
    control(sandbox.control_url, "DELETE", "/calls")
    for _ in range(2):
        get(client, f"/product/202309/products/{product}")
        get(client, f"/product/202309/products/{product}")
        control(sandbox.control_url, "POST", "/clock", {"now": EPOCH})
    counted = control(sandbox.control_url, "GET", "/calls").json["tiktok"]["shops"][client.shop["external_id"]]
    assert (counted["product_detail"]["ok"], counted["product_detail"]["least_possible"]) == (4, 2)
