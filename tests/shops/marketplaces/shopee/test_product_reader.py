"""How articles are listed and completed: offsets that end at a depth, rows that move, variants one article a call."""

from datetime import UTC, datetime, timedelta

import pytest

from shops.marketplaces import errors
from shops.marketplaces.records import Page, ProductRecord, Resource
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.shopee.calling import FROM, TO, WINDOW, asked, connector, query, wrapped
from tests.shops.marketplaces.shopee.samples import response

PRODUCTS = query(Resource.PRODUCTS)


def answer(server: ScriptedServer, *items: int, total: int = 3, more: bool = False, following: int = 0) -> None:
    rows = [{"item_id": item, "item_status": "NORMAL", "update_time": 1705200000} for item in items]
    server.answer(wrapped({"item": rows, "total_count": total, "has_next_page": more, "next_offset": following}))


def test_the_list_names_every_state_and_tells_times_of_change(server: ScriptedServer) -> None:
    server.answer(payloads.load("shopee/item_list")["response"])
    page = connector(server).fetch_page(PRODUCTS)
    states = [value for name, value in server.requests[0].pairs if name == "item_status"]
    assert states == ["NORMAL", "UNLIST", "BANNED", "REVIEWING", "SELLER_DELETE", "SHOPEE_DELETE"]
    assert (asked(server)["offset"], asked(server)["page_size"]) == ("0", "100")
    assert (asked(server)["update_time_from"], asked(server)["update_time_to"]) == (FROM, TO)
    assert [(stub.external_id, stub.step) for stub in page.stubs] == [("28000000001", "base"), ("28000000002", "base")]
    assert page.stubs[0].source_updated_at == datetime(2024, 1, 14, 2, 40, tzinfo=UTC)
    assert page.total_count == 3


def test_pages_follow_each_other_by_offset(server: ScriptedServer) -> None:
    answer(server, 1, 2, more=True, following=2)
    answer(server, 3)
    shopee = connector(server)
    first = shopee.fetch_page(PRODUCTS)
    last = shopee.fetch_page(PRODUCTS, first.next_token)
    assert (asked(server)["offset"], last.next_token) == ("2", "")


def test_an_offset_that_stands_still_is_counted_on(server: ScriptedServer) -> None:
    answer(server, 1, 2, more=True, following=0)
    answer(server, 3)
    shopee = connector(server)
    shopee.fetch_page(PRODUCTS, shopee.fetch_page(PRODUCTS).next_token)
    assert asked(server)["offset"] == "2"


def test_rows_that_move_forward_are_read_again(server: ScriptedServer) -> None:
    """Two articles of the first page changed and left the window: two of the second page took their places."""
    answer(server, 1, 2, 3, total=6, more=True, following=3)
    answer(server, 6, total=4)
    answer(server, 4, 5, 6, total=4)
    shopee = connector(server)
    token, offsets, seen = "", [], set()
    while True:
        page = shopee.fetch_page(PRODUCTS, token)
        offsets.append(asked(server)["offset"])
        seen |= {stub.external_id for stub in page.stubs}
        token = page.next_token
        if not token:
            break
    assert offsets == ["0", "3", "1"]
    assert seen == {"1", "2", "3", "4", "5", "6"}


def test_a_list_that_is_too_deep_is_read_in_halves_of_its_window(server: ScriptedServer) -> None:
    answer(server, 1, 2, total=5001, more=True, following=100)
    answer(server, 1, total=1)
    answer(server, 2, total=1)
    shopee = connector(server)
    first = shopee.fetch_page(PRODUCTS)
    assert first.stubs == ()  # they come again with their half
    second = shopee.fetch_page(PRODUCTS, first.next_token)
    middle = str(int((WINDOW.start + timedelta(hours=12)).timestamp()))
    assert (asked(server)["update_time_from"], asked(server)["update_time_to"]) == (FROM, middle)
    last = shopee.fetch_page(PRODUCTS, second.next_token)
    assert (asked(server)["update_time_from"], asked(server)["update_time_to"]) == (middle, TO)
    assert (last.next_token, last.stubs[0].external_id) == ("", "2")


def test_base_info_gives_whole_articles_and_those_with_variants_need_a_call_more(server: ScriptedServer) -> None:
    for name in ("item_base_info", "model_list"):
        server.answer(payloads.load(f"shopee/{name}")["response"])
    shopee = connector(server)
    page = shopee.fetch_by_ids(Resource.PRODUCTS, ["28000000001", "28000000002"])
    assert asked(server)["item_id_list"] == "28000000001,28000000002"
    assert [record.external_id for record in page.records] == ["28000000002"]
    (stub,) = page.stubs
    assert (stub.external_id, stub.step) == ("28000000001", "models")
    (record,) = shopee.fetch_details(Resource.PRODUCTS, [stub]).records
    assert asked(server) == {"item_id": "28000000001"}
    assert isinstance(record, ProductRecord)
    assert record.payload == {"item": response("item_base_info")["item_list"][0], "models": response("model_list")}


def test_articles_that_are_not_known_are_missing(server: ScriptedServer) -> None:
    server.answer({"error": "product.error_item_not_found", "message": ""})
    assert connector(server).fetch_by_ids(Resource.PRODUCTS, ["1"]) == Page(())


def test_a_list_that_does_not_say_whether_it_goes_on_has_no_end(server: ScriptedServer) -> None:
    server.answer(wrapped({"item": [], "total_count": 0}))
    with pytest.raises(errors.UnreadableAnswer):
        connector(server).fetch_page(PRODUCTS)
