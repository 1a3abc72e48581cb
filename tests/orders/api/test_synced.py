"""Products, parcels, returns and money over the API: what is shown, to whom, page by page, with how many queries."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shops.marketplaces.records import ReturnLineRecord, SkuRecord, TrackingEventRecord
from tests.factories.api import make_caller, make_chief, make_person
from tests.factories.records import UPDATED_AT
from tests.factories.shops import make_shop
from tests.factories.synced import KINDS, store_record

pytestmark = pytest.mark.django_db
ADDRESSES = {f"{kind}s/": kind for kind in KINDS}
# What belongs to a row, of which there may be many.
CHILDREN: dict[str, Callable[[int], dict[str, Any]]] = {
    "product": lambda n: {"skus": tuple(SkuRecord(f"s{k}") for k in range(n))},
    "shipment": lambda n: {"events": tuple(TrackingEventRecord(f"e{k}", UPDATED_AT, "On") for k in range(n))},
    "return": lambda n: {"lines": tuple(ReturnLineRecord(f"l{k}") for k in range(n))},
    "transaction": lambda n: {"statement_external_id": f"st{n}"},
    "statement": lambda n: {},
}

WIDE = ('payload"', '"payload_hash"', '"attributes"', '"validation_errors"')


@pytest.fixture(params=ADDRESSES)
def address(request):
    return request.param


@pytest.fixture
def put(shop, address):
    """Store a row of the address's kind."""
    return lambda number, **changes: store_record(shop, ADDRESSES[address], number, **changes)


def count_queries(caller, address):
    with CaptureQueriesContext(connection) as queries:
        assert caller.get(address).status_code == 200
    return len(queries), " ".join(query["sql"] for query in queries)


def test_a_list_shows_the_same_as_a_single_row(caller, address, put, shop):
    row = put("a1")
    (listed,) = caller.get(address).json()["results"]
    assert listed == caller.get(f"{address}{row.pk}/").json()
    assert (listed["id"], listed["shop"], listed["external_id"]) == (row.pk, shop.pk, "a1")
    assert (listed["source_updated_at"], listed["is_valid"]) == ("2026-08-01T08:00:00Z", True)
    assert datetime.fromisoformat(listed["synced_at"]) == row.synced_at


def test_rows_come_page_by_page_in_the_order_in_which_they_were_stored(caller, address, put):
    rows = [put(f"n{number}", later_by=-number) for number in range(5)]
    found, parameters = [], {"page_size": 2}
    while True:
        page = caller.get(address, **parameters).json()
        found += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        parameters = {"page_size": 2, "cursor": page["next_cursor"]}
    assert found == [row.pk for row in rows]
    assert set(page) == {"results", "next", "next_cursor"}


def test_whoever_follows_asks_by_the_time_of_storing_and_its_very_moment_is_included(caller, address, put):
    first, second = put("a1"), put("b2", later_by=-500)
    assert first.synced_at < second.synced_at
    moment = second.synced_at.isoformat().replace("+00:00", "Z")
    assert caller.ids(address, updated_since=moment) == [second.pk]
    after = (second.synced_at + timedelta(microseconds=1)).isoformat()
    assert caller.ids(address, updated_since=after) == []
    again = put("a1", later_by=60, problems=("late: no",))
    assert caller.ids(address, updated_since=moment) == [second.pk, again.pk]


def test_only_rows_of_ones_own_shops_are_there(caller, address, put):
    mine = put("mine")
    foreign = store_record(make_shop(), ADDRESSES[address], "foreign")
    assert caller.ids(address) == [mine.pk]
    for tail in ("", "history/"):
        gone, hidden = (caller.get(f"{address}{pk}/{tail}") for pk in (foreign.pk + 1, foreign.pk))
        assert (gone.status_code, hidden.status_code) == (404, 404)
        assert hidden.json()["message"] == gone.json()["message"].replace(str(foreign.pk + 1), str(foreign.pk))
    assert caller.get(address, shop=foreign.shop_id).status_code == 400
    assert sorted(make_chief().ids(address)) == sorted([mine.pk, foreign.pk])


def test_a_limited_token_sees_no_more_than_its_shops(shop, address, put):
    mine, other = put("mine"), make_shop()
    theirs = store_record(other, ADDRESSES[address], "other")
    limited = make_caller(shop, other, only=(other,))
    assert limited.ids(address) == [theirs.pk]
    assert limited.get(f"{address}{mine.pk}/").status_code == 404


def test_each_kind_needs_a_permission_of_its_own(shop, address, put):
    row = put("a1")
    permission = f"view_{row._meta.model_name}"
    blind = make_caller(person=make_person(shop, may=("view_shop", "view_order")))
    for path in (address, f"{address}{row.pk}/", f"{address}{row.pk}/history/"):
        answer = blind.get(path)
        assert (answer.status_code, permission in answer.json()["message"]) == (403, True)
    assert make_caller(person=make_person(shop, may=(permission,))).ids(address) == [row.pk]


def test_nothing_is_written_over_these_addresses(caller, address, put):
    assert caller.post(address, {}).status_code == 405
    assert caller.post(f"{address}{put('a1').pk}/", {}).status_code == 405


def test_the_number_of_queries_is_the_same_for_little_and_for_much(caller, address, put):
    children = CHILDREN[ADDRESSES[address]]
    caller.get(address)  # its first call of a minute is stamped
    row = put("n0", **children(1))
    few, single = count_queries(caller, address)[0], count_queries(caller, f"{address}{row.pk}/")[0]
    for number in range(1, 12):
        put(f"n{number}", **children(number))
    assert count_queries(caller, address)[0] == few <= 8
    assert count_queries(caller, f"{address}{row.pk}/")[0] == single <= 7


def test_payloads_and_other_wide_columns_are_never_read(caller, address, put):
    row = put("a1")
    for path in (address, f"{address}{row.pk}/"):
        said = count_queries(caller, path)[1]
        assert not [name for name in WIDE if name in said]


def test_the_history_says_what_changed_when_and_by_which_door(caller, address, put):
    row = put("a1")
    put("a1", later_by=60, raw_status="Other")
    newest, first = caller.get(f"{address}{row.pk}/history/").json()["results"]
    assert (first["is_first"], first["changes"], newest["door"], newest["is_whole"]) == (True, [], "poll", True)
    assert [(change["path"], change["kind"]) for change in newest["changes"]] == [("seen", "changed")]
    assert caller.get(f"{address}{row.pk}/history/", page_size=51).status_code == 400


@pytest.mark.parametrize(("name", "value"), [
    ("shop", "abc"), ("marketplace", "amazon"), ("is_valid", "maybe"), ("updated_since", "yesterday"),
    ("changed_from", "2026-08-01T08:00:00"), ("q", "a\x00b"), ("external_id", "\x00"), ("colour", "red"),
    ("cursor", "x"), ("page_size", 501),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_with_the_reason(caller, address, name, value):
    answer = caller.get(address, **{name: value})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [name])


@pytest.mark.parametrize("q", ["x" * 10_000, "'; DROP TABLE orders_order; --", "%_%", "🙂🙂🙂"])
def test_odd_texts_find_nothing(caller, address, put, q):
    put("a1")
    assert caller.ids(address, q=q) == []


def test_what_changed_since_is_found_although_it_was_stored_at_any_time_after(caller, address, put):
    put("old", later_by=-3 * 86_400)
    new = put("new", later_by=3_600)
    assert caller.ids(address, changed_from="2026-08-01T08:00:01Z") == [new.pk]
