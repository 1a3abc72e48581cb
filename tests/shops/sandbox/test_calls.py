"""The sandbox's count of calls: each piece of work by itself where a client says what it works on."""

import pytest

from shops.sandbox.calls import Asker, Ledger
from tests.shops.sandbox.calling import control, send


@pytest.fixture
def ledger():
    return Ledger()


def least(ledger, shop="7", endpoint="list"):
    return ledger.report()["shops"][shop][endpoint]["least_possible"]


def test_a_query_that_nobody_says_the_purpose_of_counts_once(ledger):
    for _ in range(2):
        ledger.need_pages("7", "list", b"query", rows=150, rows_each=100)
    assert least(ledger) == 2


def test_two_resources_that_are_found_by_the_same_list_need_it_both(ledger):
    for resource in ("orders", "shipments", "shipments"):
        ledger.asker = Asker(resource, "chunk 1")
        ledger.need_pages("7", "list", b"query", rows=150, rows_each=100)
        ledger.count("7", "list", "ok")
    report = ledger.report()
    assert least(ledger) == 4
    assert {name: counts["least_possible"] for name, counts in report["resources"].items()} == {
        "orders": 2,
        "shipments": 2,
    }
    assert (report["resources"]["shipments"]["ok"], report["total"]["ok"]) == (2, 3)


def test_each_chunk_fills_the_calls_for_its_ids_by_itself(ledger):
    for chunk in ("chunk 1", "chunk 2"):
        ledger.asker = Asker("orders", chunk)
        first = 0 if chunk == "chunk 1" else 100
        ledger.need_ids("7", "detail", list(range(first, first + 60)), 50)
    assert least(ledger, endpoint="detail") == 4


def test_an_id_that_a_second_chunk_asks_for_is_no_new_need(ledger):
    for chunk in ("chunk 1", "chunk 2"):
        ledger.asker = Asker("orders", chunk)
        ledger.need_ids("7", "detail", list(range(50)), 50)
        ledger.need_versions("7", "parcel", [("a", 1), ("b", 1)], 1)
    assert (least(ledger, endpoint="detail"), least(ledger, endpoint="parcel")) == (1, 2)


def test_an_id_of_a_list_without_times_is_needed_by_each_chunk_that_lists_it_but_once_by_each(ledger):
    for chunk in ("chunk 1", "chunk 2", "chunk 2"):
        ledger.asker = Asker("orders", chunk)
        ledger.need_ids("7", "detail", list(range(50)), 50, in_each_piece=True)
    assert least(ledger, endpoint="detail") == 2


def test_indexes_far_apart_are_told_apart(ledger):
    far = [0, 8_191, 8_192, 10**12, 10**12 + 8_192]
    for _ in range(2):
        ledger.need_ids("7", "detail", far, 1)
    assert least(ledger, endpoint="detail") == len(far)


@pytest.mark.parametrize(
    ("user_agent", "resource"),
    [
        ("backoffice (orders; chunk 3)", "orders"),
        ("backoffice (returns)", "returns"),
        ("backoffice", "other"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "other"),
    ],
)
def test_a_client_says_what_its_calls_are_for_in_its_user_agent(sandbox, client, user_agent, resource):
    control(sandbox.control_url, "DELETE", "/calls")
    send(client.app["api_url"], "GET", "/nowhere", headers={"User-Agent": user_agent})
    counted = control(sandbox.control_url, "GET", "/calls").json["tiktok"]["resources"]
    assert {name: counts["refused"] for name, counts in counted.items()} == {resource: 1}
