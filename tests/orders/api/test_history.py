"""The history of an order over the API: what changed, when, by which door; in small pages."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.common import clock
from orders.models import OrderPayload
from tests.factories.api import make_caller, make_person
from tests.factories.orders import store_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(shop):
    return store_order(shop, payload={"n": 0})


def add(order, number, source="poll", run_id=None):
    at = clock.now() + timedelta(minutes=number)
    OrderPayload.objects.create(order=order, received_at=at, source=source, run_id=run_id, payload={"n": number})


def history(caller, order, **parameters):
    answer = caller.get(f"orders/{order.pk}/history/", **parameters)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_each_payload_is_shown_with_its_door_its_run_and_its_changes(caller, order):
    add(order, 1, "backfill", 12)
    newest, first = history(caller, order)["results"]
    assert (newest["door"], newest["run"], newest["is_first"], newest["is_whole"]) == ("backfill", 12, False, True)
    assert newest["changes"] == [{"path": "n", "kind": "changed", "before": "0", "after": "1"}]
    assert newest["received_at"].endswith("Z")
    assert (first["door"], first["run"], first["is_first"], first["changes"]) == ("poll", None, True, [])


def test_pages_follow_one_another_and_the_last_of_each_is_compared_too(caller, order):
    for number in range(1, 6):
        add(order, number)
    found, page = [], history(caller, order, page_size=2)
    while True:
        found += page["results"]
        if page["next"] is None:
            break
        page = caller.client.get(page["next"], headers=caller.headers).json()
    assert [[change["after"] for change in one["changes"]] for one in found] == [["5"], ["4"], ["3"], ["2"], ["1"], []]
    assert [one["is_first"] for one in found] == [False] * 5 + [True]


def test_the_number_of_queries_does_not_grow(caller, order):
    def count():
        with CaptureQueriesContext(connection) as captured:
            history(caller, order)
        return len(captured)

    history(caller, order)  # the first call of a minute is stamped
    few = count()
    for number in range(1, 15):
        add(order, number)
    assert count() == few


@pytest.mark.parametrize(("parameters", "field"), [
    ({"page_size": 51}, "page_size"), ({"page_size": 0}, "page_size"), ({"cursor": "x"}, "cursor"),
    ({"status": "unpaid"}, "status"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(caller, order, parameters, field):
    answer = caller.get(f"orders/{order.pk}/history/", **parameters)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_an_order_without_payloads_has_an_empty_history(caller, order):
    order.payloads.all().delete()
    assert history(caller, order) == {"results": [], "next": None, "next_cursor": None}


def test_an_order_that_is_not_there_and_a_person_who_may_not_look(caller, order, shop):
    assert caller.get(f"orders/{order.pk + 1}/history/").status_code == 404
    blind = make_caller(person=make_person(shop, may=("view_shop",)))
    assert blind.get(f"orders/{order.pk}/history/").status_code == 403
