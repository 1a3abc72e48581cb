"""The payload history of an order: newest first, with differences, and bounded in number and size."""

from datetime import timedelta

import pytest

from backoffice.common import clock
from orders.models import OrderPayload
from orders.queries import payloads
from orders.queries.payloads import SHOWN_AT_MOST, list_payload_history
from tests.factories.orders import store_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(shop):
    return store_order(shop, payload={"n": 0})


def changes(entry):
    assert entry.diff is not None
    return [(one.before, one.after) for one in entry.diff.changes]


def add(order, payload, number=1):
    at = clock.now() + timedelta(minutes=number)
    return OrderPayload.objects.create(order=order, received_at=at, source="poll", payload=payload)


def test_the_first_payload_has_nothing_before_it(order):
    history = list_payload_history(order)
    assert [(entry.is_first, entry.diff) for entry in history.entries] == [(True, None)]
    assert (history.newest, history.has_older) == ({"n": 0}, False)


def test_each_payload_is_compared_with_the_one_before(order):
    for number in (1, 2):
        add(order, {"n": number}, number)
    history = list_payload_history(order)
    assert [changes(entry) for entry in history.entries[:-1]] == [[("1", "2")], [("0", "1")]]
    assert (history.entries[-1].is_first, history.newest) == (True, {"n": 2})


def test_only_the_newest_are_read_and_the_oldest_of_them_is_compared_too(order, django_assert_num_queries):
    for number in range(1, SHOWN_AT_MOST + 3):
        add(order, {"n": number}, number)
    with django_assert_num_queries(1):
        history = list_payload_history(order)
    assert (len(history.entries), history.has_older) == (SHOWN_AT_MOST, True)
    assert not any(entry.is_first for entry in history.entries)
    assert changes(history.entries[-1]) == [("2", "3")]


def test_exactly_as_many_as_are_shown_reach_back_to_the_first(order):
    for number in range(1, SHOWN_AT_MOST):
        add(order, {"n": number}, number)
    history = list_payload_history(order)
    assert (len(history.entries), history.has_older, history.entries[-1].is_first) == (SHOWN_AT_MOST, False, True)


def test_a_payload_that_is_too_large_is_neither_read_nor_compared(order, monkeypatch):
    monkeypatch.setattr(payloads, "LARGEST_BYTES", 500)
    add(order, {"n": list(range(5_000))}, 1)
    add(order, {"n": 2}, 2)
    newest, large, first = list_payload_history(order).entries
    assert (newest.diff, large.diff, first.is_first) == (None, None, True)
    assert vars(large.row)["small_payload"] is None
    add(order, {"n": list(range(5_001))}, 3)
    assert list_payload_history(order).newest is None


def test_an_order_may_have_no_payload(order):
    OrderPayload.objects.all().delete()
    history = list_payload_history(order)
    assert (history.entries, history.newest, history.has_older) == ((), None, False)
