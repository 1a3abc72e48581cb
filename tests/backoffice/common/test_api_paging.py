"""Pages by position: nothing is skipped, shown twice or counted, however many rows share a time."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.common.sorting import SORTED_AT_MOST
from orders.models import Order
from tests.factories.api import make_caller
from tests.factories.shops import make_shop
from tests.factories.sync import make_run

pytestmark = pytest.mark.django_db
BATCH_AT = datetime(2026, 8, 1, 8, 0, 0, 123456, tzinfo=UTC)


def store(shop, number, synced_at=BATCH_AT, start=0):
    return Order.objects.bulk_create(
        Order(
            shop=shop, external_id=f"order-{n}", status="completed", status_rank=80, payload_hash=b"x",
            synced_at=synced_at, source_updated_at=synced_at,
        )
        for n in range(start, start + number)
    )  # fmt: skip


def walk(caller, address="orders/", **parameters):
    """Read every page as a client does, following the addresses."""
    answer = caller.get(address, **parameters)
    while True:
        assert answer.status_code == 200, answer.content
        page = answer.json()
        yield page
        if page["next"] is None:
            assert page["next_cursor"] is None
            return
        answer = caller.client.get(page["next"], headers=caller.headers)


def ids(pages):
    return [row["id"] for page in pages for row in page["results"]]


def test_thousands_of_one_batch_are_each_shown_once(shop):
    """DRF's own cursor loses rows from 1,000 equal values on."""
    stored = sorted(order.pk for order in store(shop, 3_001))
    assert ids(walk(make_caller(shop), page_size=500)) == stored


def test_rows_that_change_meanwhile_come_again_and_push_none_out_of_sight(shop):
    orders = store(shop, 2_000)
    seen, chance, later = [], random.Random(5), BATCH_AT + timedelta(hours=1)
    touched = set()
    for number, page in enumerate(walk(make_caller(shop), page_size=250)):
        seen += [row["id"] for row in page["results"]]
        if number < 6:  # some of what was shown and some of what was not is stored anew; others appear and go
            again = {order.pk for order in chance.sample(orders, 100)}
            Order.objects.filter(pk__in=again).update(synced_at=later)
            touched |= again
            store(shop, 10, later, start=10_000 + number * 10)
    untouched = {order.pk for order in orders} - touched
    assert untouched <= set(seen)
    assert all(seen.count(pk) == 1 for pk in untouched)
    assert touched <= set(seen)
    assert set(Order.objects.values_list("pk", flat=True)) == set(seen)


def test_deleted_rows_do_not_move_the_others(shop):
    orders = store(shop, 30)
    caller = make_caller(shop)
    pages = walk(caller, page_size=10)
    first = next(pages)
    Order.objects.filter(pk__in=[row["id"] for row in first["results"]]).delete()
    assert ids(pages) == [order.pk for order in orders[10:]]


def test_orders_come_by_the_time_of_storing_and_runs_newest_first(shop):
    late, early = store(shop, 1, BATCH_AT, 0), store(shop, 1, BATCH_AT - timedelta(microseconds=1), 1)
    runs = [make_run(shop=shop, kind="window").pk for _ in range(5)]
    caller = make_caller(shop)
    assert ids(walk(caller, page_size=1)) == [early[0].pk, late[0].pk]
    assert ids(walk(caller, "runs/", page_size=2)) == runs[::-1]


def test_a_page_says_that_another_follows_only_if_one_does(shop):
    store(shop, 4)
    caller = make_caller(shop)
    assert [len(page["results"]) for page in walk(caller, page_size=2)] == [2, 2]
    assert [len(page["results"]) for page in walk(caller, page_size=3)] == [3, 1]
    assert [len(page["results"]) for page in walk(caller, status="unpaid")] == [0]


def test_the_next_address_keeps_the_filters(shop):
    store(shop, 3)
    other = make_shop()
    store(other, 3)
    pages = list(walk(make_caller(shop, other), shop=other.pk, page_size=2, updated_since="2026-08-01T15:00:00+07:00"))
    assert {row["shop"] for page in pages for row in page["results"]} == {other.pk}
    assert len(ids(pages)) == 3


def test_updated_since_includes_its_very_moment(shop):
    store(shop, 1)
    caller = make_caller(shop)
    assert caller.ids("orders/", updated_since="2026-08-01T08:00:00.123456Z")
    assert not caller.ids("orders/", updated_since="2026-08-01T08:00:00.123457Z")


def test_nothing_is_skipped_over_and_counting_ends_soon(shop):
    store(shop, 20)
    caller = make_caller(shop)
    with CaptureQueriesContext(connection) as queries:
        list(walk(caller, page_size=5))
    said = [query["sql"].upper() for query in queries]
    assert not any("OFFSET" in one for one in said)
    assert all(f"LIMIT {SORTED_AT_MOST + 1})" in one for one in said if "COUNT(" in one)


def test_a_page_is_one_range_of_the_index(shop):
    """A comparison of rows: "or" would read all rows of an equal time again for each page."""
    store(shop, 10)
    caller = make_caller(shop)
    cursor = caller.get("orders/", page_size=3).json()["next_cursor"]
    with CaptureQueriesContext(connection) as queries:
        caller.get("orders/", cursor=cursor)
    page = next(query["sql"] for query in queries if "LIMIT 101" in query["sql"])
    assert '("orders_order"."synced_at", "orders_order"."id") > (' in page


@pytest.fixture
def cursor(shop):
    store(shop, 3)
    return make_caller(shop).get("orders/", page_size=1).json()["next_cursor"]


def broken(cursor):
    position, _, signature = cursor.partition(".")
    yield from (
        "x",
        "....",
        "e30",
        cursor[:-1],
        cursor + "x",
        "é",
        "\x00",
        "x" * 5_000,
        position,
        f"{position}.",
        ".",
        "🙂",
    )
    yield f"{position[:-2]}AA.{signature}"
    yield f"WzEsMl0.{signature}"


def test_a_cursor_that_was_touched_is_refused(shop, cursor):
    caller = make_caller(shop)
    assert caller.get("orders/", cursor=cursor).status_code == 200
    for text in broken(cursor):
        answer = caller.get("orders/", cursor=text)
        assert answer.status_code == 400, text
        assert list(answer.json()["fields"]) == ["cursor"]


def test_a_cursor_of_another_list_is_refused(shop, cursor):
    assert make_caller(shop).get("runs/", cursor=cursor).status_code == 400


def test_a_cursor_of_somebody_else_opens_nothing(shop, cursor):
    other = make_shop()
    store(other, 1)
    assert {row["shop"] for row in make_caller(other).get("orders/", cursor=cursor).json()["results"]} == {other.pk}


@pytest.mark.parametrize("number", [0, 1])
def test_an_empty_cursor_is_the_beginning(shop, number):
    store(shop, number)
    assert len(make_caller(shop).ids("orders/", cursor="")) == number
