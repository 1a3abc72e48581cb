"""Returns: two searches, whose rows are whole; an id can be of either."""

import json
from datetime import UTC, datetime

from shops.marketplaces.records import Resource, ReturnKind, Window
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.tiktok.client.connecting import connector

WINDOW = Window(datetime(2026, 7, 31, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))


def test_both_lists_are_read_by_time_of_change(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/returns_search"))
    server.answer(payloads.load("tiktok/cancellations_search"))
    tiktok = connector(server)
    pages = [tiktok.fetch_page(query) for query in tiktok.plan_lists(Resource.RETURNS, WINDOW)]
    assert [sent.path for sent in server.requests] == [
        "/return_refund/202602/returns/search",
        "/return_refund/202602/cancellations/search",
    ]
    for sent in server.requests:
        assert json.loads(sent.body) == {"update_time_ge": 1785456000, "update_time_lt": 1785542400}
        assert [sent.query[name] for name in ("page_size", "sort_field", "sort_order")] == ["50", "update_time", "ASC"]
    assert [len(page.records) for page in pages] == [3, 2]
    assert {record.kind for record in pages[1].records} == {ReturnKind.CANCEL}
    assert (pages[0].next_token, pages[1].next_token) == ("", "aDU2c2J4Y2FuY2VsdG9rZW4wMDAx")
    assert all(page.stubs == () for page in pages)


def test_what_is_no_return_is_looked_for_among_the_cancellations(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/returns_search"))
    cancellations = payloads.load("tiktok/cancellations_search")
    cancellations["data"] |= {"next_page_token": ""}
    server.answer(cancellations)
    tiktok = connector(server)
    page = tiktok.fetch_by_ids(Resource.RETURNS, ["4041000000000000001", "4042000000000000001", "1"])
    assert json.loads(server.requests[0].body) == {"return_ids": ["4041000000000000001", "4042000000000000001", "1"]}
    assert [stub.external_id for stub in page.stubs] == ["4042000000000000001", "1"]
    found = tiktok.fetch_details(Resource.RETURNS, page.stubs)
    assert json.loads(server.requests[1].body) == {"cancel_ids": ["4042000000000000001", "1"]}
    assert found.records[0].external_id == "4042000000000000001"
