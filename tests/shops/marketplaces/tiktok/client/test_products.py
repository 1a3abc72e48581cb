"""Products: one search by time of change, one detail for each product that changed."""

import json
from datetime import UTC, datetime

import pytest

from shops.marketplaces import errors
from shops.marketplaces.contract import ListQuery
from shops.marketplaces.records import ProductStatus, Resource, Stub, Window
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.tiktok.client.connecting import connector

WINDOW = Window(datetime(2026, 7, 31, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))
QUERY = ListQuery(Resource.PRODUCTS, WINDOW)


def test_the_search_asks_for_all_states_up_to_the_last_second_before_the_end(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/product_search_202502"))
    connector(server).fetch_page(QUERY, "WzE3NzUxMjMyMTQzMTBd")
    sent = server.requests[0]
    assert (sent.method, sent.path) == ("POST", "/product/202502/products/search")
    assert json.loads(sent.body) == {
        "status": "ALL",
        "update_time_ge": 1785456000,
        "update_time_le": 1785542399,
    }
    assert (sent.query["page_size"], sent.query["page_token"]) == ("100", "WzE3NzUxMjMyMTQzMTBd")
    assert "sort_field" not in sent.query  # this search knows no sorting


def test_a_row_is_a_stub_with_its_time_of_change_and_the_detail_completes_it(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/product_search_202502"))
    server.answer(payloads.load("tiktok/product_detail_202309"))
    tiktok = connector(server)
    page = tiktok.fetch_page(QUERY)
    (stub,) = page.stubs
    assert (page.records, page.total_count) == ((), 117)
    assert (stub.external_id, stub.step) == ("1729000000000000101", "detail")
    assert stub.source_updated_at == datetime.fromtimestamp(1782892330, UTC)
    (record,) = tiktok.fetch_details(Resource.PRODUCTS, page.stubs).records
    assert server.requests[1].path == "/product/202309/products/1729000000000000101"
    assert (record.external_id, record.skus[0].name) == ("1729000000000000101", "Đen, M")
    assert tiktok.map_payload(Resource.PRODUCTS, record.payload) == record


def test_a_deleted_product_is_taken_from_the_search(server: ScriptedServer) -> None:
    answer = payloads.load("tiktok/product_search_202502")
    answer["data"]["products"][0]["status"] = "DELETED"
    server.answer(answer)
    page = connector(server).fetch_page(QUERY)
    assert page.stubs == ()
    assert page.records[0].status is ProductStatus.DELETED
    assert page.records[0].is_valid


def test_a_row_without_an_id_is_kept_apart(server: ScriptedServer) -> None:
    answer = payloads.load("tiktok/product_search_202502")
    answer["data"]["products"] += [{"title": "x"}, 7]
    server.answer(answer)
    page = connector(server).fetch_page(QUERY)
    assert len(page.stubs) == 1
    assert [one.payload for one in page.unreadable] == [{"listed": {"title": "x"}}, {"listed": 7}]


def test_a_product_that_is_refused_concerns_no_other(server: ScriptedServer) -> None:
    refusal = payloads.load("tiktok/errors")["business_error"]["body"]
    server.answer(refusal)
    server.answer(refusal)
    tiktok = connector(server)
    assert tiktok.fetch_by_ids(Resource.PRODUCTS, ["1"]).records == ()
    with pytest.raises(errors.RecordRefused):
        tiktok.fetch_details(Resource.PRODUCTS, [Stub("1", "detail", {})])


def test_a_detail_of_another_product_is_no_answer(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/product_detail_202309"))
    with pytest.raises(errors.UnreadableAnswer):
        connector(server).fetch_by_ids(Resource.PRODUCTS, ["1"])
