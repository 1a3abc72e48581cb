"""Shopee's items: list, base information and variants agree with the truth."""

from decimal import Decimal

import pytest

from tests.shops.sandbox.shopee.calling import Client

ALL = [("item_status", status) for status in ("NORMAL", "BANNED", "UNLIST", "REVIEWING", "SELLER_DELETE")]


def rows_of(client, size=3, more=()):
    found, offset = [], 0
    while True:
        page = client.get("/product/get_item_list", [*ALL, *more, ("offset", offset), ("page_size", size)])
        found += page["item"]
        if not page["has_next_page"]:
            assert page["total_count"] == len(found)
            return found
        offset = page["next_offset"]


def skus_of(client, item):
    if not item["has_model"]:
        return [(item["item_id"], item["item_sku"], item["price_info"], item["stock_info_v2"])]
    models = client.get("/product/get_model_list", {"item_id": item["item_id"]})["model"]
    return [(one["model_id"], one["model_sku"], one["price_info"], one["stock_info_v2"]) for one in models]


@pytest.mark.parametrize("number", [0, 2], ids=["VND", "THB"])
def test_all_items_agree_with_the_truth(control_url, number):
    one = Client(control_url, number)
    rows = rows_of(one)
    items = one.get("/product/get_item_base_info", {"item_id_list": ",".join(str(row["item_id"]) for row in rows)})
    read = [
        {
            "id": str(item["item_id"]),
            "status": item["item_status"],
            "update_time": item["update_time"],
            "title": item["item_name"],
            "skus": [
                {
                    "id": str(sku_id),
                    "seller_sku": seller_sku,
                    "price": Decimal(str(price[0]["current_price"])),
                    "currency": price[0]["currency"],
                    "stock": stock["summary_info"]["total_available_stock"],
                }
                for sku_id, seller_sku, price, stock in skus_of(one, item)
            ],
        }
        for item in items["item_list"]
    ]
    truth = one.truth("products")
    for product in truth:
        for sku in product["skus"]:
            sku["price"] = Decimal(sku["price"])
    assert read == truth
    assert [(row["item_id"], row["update_time"]) for row in rows] == [
        (int(product["id"]), product["update_time"]) for product in truth
    ]


def test_an_item_with_models_has_no_price_and_one_without_has_no_models(client):
    ids = ",".join(str(row["item_id"]) for row in rows_of(client))
    items = client.get("/product/get_item_base_info", [("item_id_list", f"[{ids}]")])["item_list"]
    assert {item["has_model"] for item in items} == {True, False}
    for item in items:
        assert ("price_info" in item) == (not item["has_model"])
        assert isinstance(item["weight"], str)
    single = next(item for item in items if not item["has_model"])
    assert client.get("/product/get_model_list", {"item_id": single["item_id"]})["model"] == []


def test_orders_name_items_and_models_of_the_list(client):
    known = {(product["id"], sku["id"]) for product in client.truth("products") for sku in product["skus"]}
    sold = {
        (str(line["item_id"]), str(line["model_id"] or line["item_id"]))
        for order in client.orders()
        for line in order["item_list"]
    }
    assert sold and sold <= known


def test_only_what_changed_in_the_window(client):
    rows = rows_of(client)
    moments = sorted(row["update_time"] for row in rows)
    start, end = moments[2], moments[4]
    found = rows_of(client, more=[("update_time_from", start), ("update_time_to", end)])
    assert found == [row for row in rows if start <= row["update_time"] <= end]
    assert 0 < len(found) < len(rows)


@pytest.mark.parametrize(
    ("path", "query", "error"),
    [
        ("/product/get_item_list", [("offset", 0), ("page_size", 5)], "error_param"),
        ("/product/get_item_list", [*ALL, ("page_size", 5)], "error_param"),
        ("/product/get_item_list", [*ALL, ("offset", 0), ("page_size", 101)], "error_param"),
        ("/product/get_item_list", [*ALL, ("offset", 10_001), ("page_size", 5)], "error_param"),
        ("/product/get_item_list", [("item_status", "GOOD"), ("offset", 0), ("page_size", 5)], "error_param"),
        ("/product/get_item_base_info", [], "error_param"),
        ("/product/get_item_base_info", [("item_id_list", ",".join(str(one) for one in range(51)))], "error_param"),
        ("/product/get_item_base_info", [("item_id_list", "5")], "product.error_item_not_found"),
        ("/product/get_model_list", [("item_id", "5")], "product.error_item_not_found"),
    ],
)
def test_what_is_refused(client, path, query, error):
    assert client.call(path, query).json["error"] == error


def test_the_least_possible_asks_for_models_only_where_there_are_some(client):
    rows = rows_of(client, size=100)
    ids = [row["item_id"] for row in rows]
    client.get("/product/get_item_base_info", {"item_id_list": ",".join(str(one) for one in ids)})
    for item_id in ids:
        client.get("/product/get_model_list", {"item_id": item_id})
    counted = client.counted()
    assert [counted[name]["least_possible"] for name in ("item_list", "item_base_info")] == [1, 1]
    assert counted["model_list"]["least_possible"] == len(ids) - 1
