"""The lists of goods, and the SKUs of goods with several."""

from typing import Any

import pytest

from shops.marketplaces import errors
from shops.marketplaces.records import Payload, Resource, Stub, Token
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.temu.client.connecting import TOKEN, WINDOW, connect, sent, success
from tests.shops.marketplaces.temu.samples import result

SKU_LIST = "bg.local.goods.sku.list.query"
LAMP = "601100000000001"


def goods(status: int = 2001) -> Payload:
    return {**result("goods_list")["goodsList"][0], "goodsShowSubStatus": status}


def sku(sku_id: int, **fields: Any) -> Payload:
    return {**result("sku_list")["skuList"][0], "skuId": sku_id, **fields}


WHITE, BLACK = sku(17600000000001), sku(17600000000011)


def test_four_lists_show_all_goods(server: ScriptedServer) -> None:
    connector = connect(server)
    planned = connector.plan_lists(Resource.PRODUCTS, WINDOW)
    for query in planned:
        server.answer(success({"goodsList": [], "total": 0}))
        connector.fetch_page(query)
    kinds = [(each["goodsSearchType"], each["goodsStatusFilterType"]) for _, each in sent(server)]
    assert kinds == [(1, 1), (4, 4), (5, 5), (6, 6)]
    assert sent(server)[0][1]["orderType"] == 1
    assert sent(server)[0][1]["pageNo"] == 1


def test_goods_with_one_sku_are_whole_and_those_with_more_wait(server: ScriptedServer) -> None:
    server.answer(payloads.load("temu/goods_list"))
    connector = connect(server)
    page = connector.fetch_page(connector.plan_lists(Resource.PRODUCTS, WINDOW)[0])
    assert [record.external_id for record in page.records] == ["601100000000002"]
    assert [(stub.external_id, stub.step) for stub in page.stubs] == [(LAMP, "active_skus")]
    assert page.stubs[0].source_updated_at is None


def test_skus_of_several_goods_are_one_call(server: ScriptedServer) -> None:
    other = {**goods(), "goodsId": 7}
    stubs = [Stub(LAMP, "active_skus", {"goods": goods()}), Stub("7", "active_skus", {"goods": other})]
    rows = [WHITE, BLACK, {**WHITE, "goodsId": 7}, {**BLACK, "goodsId": 7}]
    server.answer(success({"skuList": rows, "total": 4}))
    records = connect(server).fetch_details(Resource.PRODUCTS, stubs).records
    asked = {"pageNo": 1, "pageSize": 100, "skuSearchType": 2, "skuStatusFilterType": 2}
    assert sent(server) == [(SKU_LIST, {**asked, "goodsIdList": [601100000000001, 7]})]
    assert [len(record.skus) for record in records] == [2, 2]


def test_goods_on_sale_with_variants_off_it_are_asked_for_both(server: ScriptedServer) -> None:
    connector = connect(server)
    server.answer(success({"skuList": [WHITE], "total": 1}))
    page = connector.fetch_details(Resource.PRODUCTS, [Stub(LAMP, "active_skus", {"goods": goods()})])
    assert [(stub.external_id, stub.step) for stub in page.stubs] == [(LAMP, "inactive_skus")]
    server.answer(success({"skuList": [BLACK], "total": 1}))
    (record,) = connector.fetch_details(Resource.PRODUCTS, page.stubs).records
    assert [one.external_id for one in record.skus] == ["17600000000001", "17600000000011"]
    assert set(record.payload) == {"goods", "skus"}


def test_a_variant_in_neither_list_has_no_price_and_ends_the_asking(server: ScriptedServer) -> None:
    connector = connect(server)
    page = None
    stubs: Any = [Stub(LAMP, "inactive_skus", {"goods": goods(3002)})]
    for _ in range(2):
        server.answer(success({"skuList": [], "total": 0}))
        page = connector.fetch_details(Resource.PRODUCTS, stubs)
        stubs = page.stubs
    assert page is not None
    assert [(one.external_id, one.price, one.seller_sku) for one in page.records[0].skus] == [
        ("17600000000001", None, "LAMP-W"),
        ("17600000000011", None, "LAMP-B"),
    ]


def test_goods_that_did_not_fit_on_a_page_are_read_by_themselves(server: ScriptedServer) -> None:
    connector = connect(server)
    server.answer(success({"skuList": [WHITE, BLACK, *[{**WHITE, "goodsId": 7}] * 98], "total": 101}))
    stubs = [
        Stub(LAMP, "active_skus", {"goods": goods()}),
        Stub("7", "active_skus", {"goods": {**goods(), "goodsId": 7}}),
    ]
    page = connector.fetch_details(Resource.PRODUCTS, stubs)
    assert [record.external_id for record in page.records] == [LAMP]
    (paged,) = page.stubs
    assert (paged.external_id, paged.step) == ("7", "paged_skus")
    server.answer(success({"skuList": [WHITE], "total": 101}))
    page = connector.fetch_details(Resource.PRODUCTS, [paged])
    server.answer(success({"skuList": [BLACK], "total": 101}))
    (record,) = connector.fetch_details(Resource.PRODUCTS, page.stubs).records
    assert [parameters["pageNo"] for _, parameters in sent(server)] == [1, 1, 2]
    assert len(record.skus) == 2


def test_goods_off_the_shelves_are_asked_for_in_the_other_list(server: ScriptedServer) -> None:
    connector = connect(server)
    stub = Stub(LAMP, "deleted_skus", {"goods": goods(6001)})
    server.answer(success({"skuList": [WHITE, BLACK], "total": 2, "pagination": {"nextToken": None}}))
    (record,) = connector.fetch_details(Resource.PRODUCTS, [stub]).records
    asked = {"pageSize": 100, "skuSearchType": "DELETED", "goodsIdList": [LAMP]}
    assert sent(server) == [("temu.local.sku.list.retrieve", asked)]
    assert len(record.skus) == 2
    answers: list[dict[str, Any]] = [
        {"skuList": []},
        {"skuList": [], "pagination": {}},
        {"pagination": {"nextToken": ""}},
    ]
    for broken in answers:
        server.answer(success(broken))
        with pytest.raises(errors.UnreadableAnswer):
            connector.fetch_details(Resource.PRODUCTS, [stub])


def test_without_the_scope_goods_come_without_prices_of_their_skus(server: ScriptedServer) -> None:
    server.answer(payloads.load("temu/goods_list"))
    connector = connect(server, token=Token(TOKEN.access_token, scopes=("bg.local.goods.list.query",)))
    page = connector.fetch_page(connector.plan_lists(Resource.PRODUCTS, WINDOW)[0])
    assert [len(record.skus) for record in page.records] == [2, 1]
    assert page.stubs == ()
