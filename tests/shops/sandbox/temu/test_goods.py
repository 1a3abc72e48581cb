"""Products agree with the truth over both kinds of lists, detail and stock, each in its own units and types."""

import pytest

from tests.shops.sandbox.calling import control
from tests.shops.sandbox.conftest import EPOCH
from tests.shops.sandbox.temu.calling import TemuClient

GOODS, SKUS = "bg.local.goods.list.query", "bg.local.goods.sku.list.query"
GOODS_RETRIEVE, SKU_RETRIEVE = "temu.local.goods.list.retrieve", "temu.local.sku.list.retrieve"
DETAIL, STOCK = "bg.local.goods.detail.query", "temu.local.goods.sku.stock.query"


def numbered(client, kind, rows, buckets, name, **filters):
    found = []
    for bucket in buckets:
        found += client.pages(kind, rows, "total", "pageNo", **{name: bucket}, **filters)
    return found


def cursored(client, kind, rows, **filters):
    found, token = [], None
    while True:
        result = client.result(kind, pageToken=token, **filters)
        found += result[rows]
        token = result["pagination"]["nextToken"]
        if token is None:
            assert result["total"] == len(found)
            return found


@pytest.fixture
def everywhere(temu):
    """A moment at which some shop has products in several states, with that shop's client."""
    for hours in range(0, 96, 4):
        control(temu, "POST", "/clock", {"now": EPOCH + hours * 3600})
        for number in range(3):
            client = TemuClient(temu, number)
            statuses = {one["status"] for one in client.truth("products").values()}
            if {"2001", "3002", "4002", "6001"} <= statuses:
                return client
    raise AssertionError("No shop has products in all states.")


def test_the_buckets_together_are_the_truth(everywhere):
    rows = numbered(everywhere, GOODS, "goodsList", (1, 4, 5, 6), "goodsSearchType")
    truth = everywhere.truth("products")
    assert len(rows) == len(truth)
    for row in rows:
        one = truth[str(row["goodsId"])]
        assert (str(row["goodsShowSubStatus"]), row["goodsName"]) == (one["status"], one["title"])
        assert [(str(sku["skuId"]), sku["skuSn"]) for sku in row["skuInfoList"]] == [
            (sku["id"], sku["seller_sku"]) for sku in one["skus"]
        ]
        assert row["marketPrice"] == round(float(row["price"]) * 100)
        assert row["price"] == min((sku["price"] for sku in one["skus"]), key=float)
        assert row["quantity"] == sum(sku["stock"] for sku in one["skus"])


def test_variants_together_are_the_truth(everywhere):
    rows = numbered(everywhere, SKUS, "skuList", (2, 3, 4, 5, 6), "skuSearchType", pageSize=7)
    found = {str(row["skuId"]): (row["skuSn"], row["price"], row["currency"], row["stock"]) for row in rows}
    assert found == {
        sku["id"]: (sku["seller_sku"], sku["price"], sku["currency"], sku["stock"])
        for one in everywhere.truth("products").values()
        for sku in one["skus"]
    }


def test_only_two_types_of_variants_are_documented(client, switch):
    assert client.code(SKUS, skuSearchType=4) == 1000000
    switch(are_all_sku_types_known=False)
    assert client.code(SKUS, skuSearchType=4) == 150010003
    assert client.code(SKUS, skuSearchType=3) == 1000000


def test_lists_with_cursors_have_ids_as_text_and_statuses_as_words(everywhere):
    truth = everywhere.truth("products")
    rows = cursored(everywhere, GOODS_RETRIEVE, "goodsList", pageSize=2, goodsSearchType="ALL")
    assert [row["goodsId"] for row in rows] == list(truth)
    assert {row["goodsStatus"] for row in rows} == {"Active", "Inactive", "Incomplete", "Deleted"}
    skus = [
        row["skuId"]
        for kind in ("ACTIVE", "INACTIVE", "INCOMPLETE", "DRAFT", "DELETED")
        for row in cursored(everywhere, SKU_RETRIEVE, "skuList", pageSize=4, skuSearchType=kind)
    ]
    assert sorted(skus) == sorted(sku["id"] for one in truth.values() for sku in one["skus"])
    assert cursored(everywhere, GOODS_RETRIEVE, "goodsList", goodsIdList=[rows[0]["goodsId"]]) == rows[:1]


def test_the_same_price_reads_differently_in_the_detail(client):
    for number, truth in client.truth("products").items():
        detail = client.result(DETAIL, goodsId=int(number))
        assert [(str(sku["skuId"]), sku["retailPrice"]["amount"]) for sku in detail["skuList"]] == [
            (sku["id"], sku["price"].replace(".", "").lstrip("0")) for sku in truth["skus"]
        ]


def test_stock_by_product_by_variant_and_by_the_sellers_code(client):
    number, truth = next(iter(client.truth("products").items()))
    (found,) = client.result(STOCK, goodsId=int(number))["stockList"]
    stocks = {str(one["skuId"]): one["selfOrdinaryStock"]["stock"] for one in found["skuStockInfoList"]}
    assert stocks == {sku["id"]: sku["stock"] for sku in truth["skus"]}
    sku = truth["skus"][0]
    for wanted in ({"skuIdList": [int(sku["id"])]}, {"outSkuSnList": [sku["seller_sku"]]}):
        (found,) = client.result(STOCK, **wanted)["stockList"]
        assert [str(one["skuId"]) for one in found["skuStockInfoList"]] == [sku["id"]]
    assert client.code(STOCK) == 150010003


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        (GOODS, {"goodsSearchType": 2}, 150010003),
        (GOODS, {"goodsSearchType": 1, "goodsStatusFilterType": 4}, 150010003),
        (GOODS, {"goodsSearchType": "ACTIVE"}, 3000000),
        (GOODS, {"pageSize": 101}, 150010003),
        (GOODS, {"page": "ignored"}, 1000000),
        (SKUS, {"skuSearchType": 1}, 150010003),
        (GOODS_RETRIEVE, {"goodsSearchType": "SOLD"}, 150010003),
        (GOODS_RETRIEVE, {"pageToken": "bm9uc2Vuc2U"}, 150010003),
        (GOODS_RETRIEVE, {"pageSize": 101}, 150010003),
        (SKU_RETRIEVE, {"skuSearchType": "ALL"}, 150010003),
        (DETAIL, {}, 150010003),
        (DETAIL, {"goodsId": 1}, 150010188),
    ],
)
def test_parameters_are_checked(client, kind, changes, code):
    assert client.code(kind, **changes) == code


def test_creation_is_filtered_in_milliseconds_and_shown_in_seconds(client):
    rows = numbered(client, GOODS, "goodsList", (1,), "goodsSearchType", orderType=1)
    made = [row["crtTime"] for row in rows]
    assert made == sorted(made) and made[0] < 10**10
    later = numbered(client, GOODS, "goodsList", (1,), "goodsSearchType", crtFrom=made[1] * 1000)
    assert {row["crtTime"] for row in later} == set(made[1:])


def test_goods_by_id_and_by_text(client):
    rows = numbered(client, GOODS, "goodsList", (1,), "goodsSearchType")
    wanted = rows[0]["goodsId"]
    assert numbered(client, GOODS, "goodsList", (1,), "goodsSearchType", goodsIdList=[wanted]) == rows[:1]
    found = numbered(client, GOODS, "goodsList", (1,), "goodsSearchType", searchText=rows[0]["goodsName"].upper())
    assert rows[0] in found and len(found) < len(rows)
