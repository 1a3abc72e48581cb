"""Lists that end at a depth: read whole all the same, and never taken for ended when they are not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shops.marketplaces import errors
from shops.marketplaces.lazada.client.orders import OrderReader
from shops.marketplaces.lazada.client.pages import Place, Spans, read_place, spans_of, write_token
from shops.marketplaces.lazada.client.products import ProductReader
from shops.marketplaces.records import Resource, Window
from tests.shops.marketplaces.lazada.calling import DAY, START, connector, ok, order_page, order_row
from tests.shops.marketplaces.scripted_server import ScriptedServer


class Shelf:
    """A list by time that is asked by start, offset and limit, as Lazada's is: rows beyond the depth are refused."""

    def __init__(self, times: list[int], limit: int, deepest: int) -> None:
        self.rows = sorted((time, number) for number, time in enumerate(times))
        self.limit, self.deepest = limit, deepest

    def read_whole(self, start: int) -> tuple[list[int], list[int]]:
        """Follow the places to the end; give the rows' numbers and the totals told on the way."""
        place: Place | None = Place(start)
        seen, totals = [], []
        while place is not None:
            assert place.offset <= self.deepest, "asked beyond the depth"
            left = [row for row in self.rows if row[0] >= place.start]
            page = left[place.offset : place.offset + self.limit]
            seen += [number for _, number in page]
            totals.append(place.before + len(left))
            place = place.next([datetime.fromtimestamp(time, UTC) for time, _ in page], len(left), self.deepest)
        return seen, totals


@pytest.mark.parametrize("distinct", [1_000, 60, 25])
def test_a_list_deeper_than_its_offset_is_read_whole(distinct: int) -> None:
    times = [1_700_000_000 + number * distinct // 1_000 for number in range(1_000)]
    seen, totals = Shelf(times, limit=10, deepest=90).read_whole(min(times))
    assert set(seen) == set(range(1_000))
    assert len(seen) < 2_000  # rows of the newest second come again, no more
    assert set(totals) == {1_000}  # the same from the first page to the last, so that a shifted list shows


def test_more_rows_in_one_second_than_the_depth_are_not_passed_over() -> None:
    with pytest.raises(errors.UnreadableAnswer):
        Shelf([1_700_000_000] * 200, limit=10, deepest=90).read_whole(1_700_000_000)


def test_a_list_that_is_not_in_order_is_not_cut_at_its_depth() -> None:
    times = [datetime.fromtimestamp(1_700_000_000 - number, UTC) for number in range(10)]
    with pytest.raises(errors.UnreadableAnswer):
        Place(1_600_000_000, offset=90).next(times, 200, 90)


def test_a_window_in_no_order_is_halved_until_its_parts_are_shallow() -> None:
    times = [1_700_000_000 + number for number in range(0, 4_000, 4)]
    window = Window(datetime.fromtimestamp(times[0], UTC), datetime.fromtimestamp(times[-1] + 1, UTC))
    spans: Spans | None = spans_of(window)
    seen: set[int] = set()
    totals, calls = set(), 0
    while spans is not None:
        assert spans.offset <= 90
        span = [time for time in times if spans.start <= time < spans.ends[0]]
        page = span[spans.offset : spans.offset + 10]
        seen.update(page)
        totals.add(len(span) if spans.total is None else spans.total)
        spans = spans.next(len(page), len(span), 90)
        calls += 1
    assert seen == set(times)
    assert totals == {1_000}
    assert calls < 130  # of 100 at least


@pytest.mark.parametrize("place", [Place(1_700_000_000), Spans(1_700_000_000, (1_700_003_600,))])
def test_a_total_that_is_less_than_what_came_ends_no_list(place: Place | Spans) -> None:
    moment = datetime.fromtimestamp(1_700_000_001, UTC)

    def after(at: Place | Spans, count: int) -> Place | Spans | None:
        return at.next([moment] * count, 0, 90) if isinstance(at, Place) else at.next(count, 0, 90)

    following = after(place, 10)
    assert following is not None
    assert following.offset == 10
    assert after(following, 0) is None


def test_a_page_token_of_another_list_is_refused() -> None:
    for token in ("x", "7", "[]", '{"offset": 3, "page": 2}'):
        with pytest.raises(errors.BadRequest):
            read_place(token, DAY)


def test_a_page_token_brings_back_the_place() -> None:
    place = Place(START, 200, 7, START + 5, 2)
    assert read_place(write_token(place), DAY) == place
    assert write_token(None) == ""


def test_orders_are_asked_for_in_ascending_time_with_an_offset(server: ScriptedServer) -> None:
    rows = [order_row(number, START + number) for number in range(100)]
    server.answer(order_page(rows, 101))
    server.answer(order_page([order_row(100, START + 100)], 101))
    lazada = connector(server)
    (query,) = lazada.plan_lists(Resource.ORDERS, DAY)
    first = lazada.fetch_page(query)
    second = lazada.fetch_page(query, first.next_token)
    asked = server.requests[0].query
    assert asked["update_after"] == "2024-01-20T17:00:00+00:00"
    assert asked["update_before"] == "2024-01-21T17:00:00+00:00"
    assert (asked["sort_by"], asked["sort_direction"], asked["limit"]) == ("updated_at", "ASC", "100")
    assert [request.query["offset"] for request in server.requests] == ["0", "100"]
    assert [stub.external_id for stub in (*first.stubs, *second.stubs)] == [str(number) for number in range(101)]
    assert (first.stubs[1].step, first.stubs[1].source_updated_at) == ("items", DAY.start + timedelta(seconds=1))
    assert (first.total_count, second.total_count, second.next_token) == (101, 101, "")


def test_an_order_list_starts_again_where_its_offset_ends(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OrderReader, "deepest_offset", 2)
    times = (START, START + 5, START + 5, START + 9)
    server.answer(order_page([order_row(number, time) for number, time in enumerate(times[:3])], 4))
    server.answer(order_page([order_row(number, times[number]) for number in (1, 2, 3)], 3))
    lazada = connector(server)
    (query,) = lazada.plan_lists(Resource.ORDERS, DAY)
    first = lazada.fetch_page(query)
    second = lazada.fetch_page(query, first.next_token)
    assert server.requests[1].query["update_after"] == "2024-01-20T17:00:05+00:00"
    assert server.requests[1].query["offset"] == "0"
    assert (first.total_count, second.total_count, second.next_token) == (4, 4, "")


def test_a_row_without_an_id_is_kept_apart(server: ScriptedServer) -> None:
    row: dict[str, Any] = order_row(7, START) | {"order_id": None}
    server.answer(order_page([row, order_row(8, START)], 2))
    lazada = connector(server)
    page = lazada.fetch_page(lazada.plan_lists(Resource.ORDERS, DAY)[0])
    assert [stub.external_id for stub in page.stubs] == ["8"]
    assert page.unreadable[0].payload == {"order": row}


def test_products_are_asked_for_by_change_and_halved_beyond_the_depth(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProductReader, "deepest_offset", 0)
    for total, rows in ((2, 1), (1, 1), (1, 1)):
        server.answer(ok({"total_products": total, "products": [{"item_id": 5}] * rows}))
    lazada = connector(server)
    (query,) = lazada.plan_lists(Resource.PRODUCTS, DAY)
    token, totals = "", []
    for _ in range(3):
        page = lazada.fetch_page(query, token)
        token = page.next_token
        totals.append(page.total_count)
    assert (token, totals) == ("", [2, 2, 2])
    spans = [(sent.query["update_after"], sent.query["update_before"]) for sent in server.requests]
    assert spans == [
        ("2024-01-20T17:00:00+0000", "2024-01-21T17:00:00+0000"),
        ("2024-01-20T17:00:00+0000", "2024-01-21T05:00:00+0000"),
        ("2024-01-21T05:00:00+0000", "2024-01-21T17:00:00+0000"),
    ]
    assert (server.requests[0].query["filter"], server.requests[0].query["limit"]) == ("all", "50")
