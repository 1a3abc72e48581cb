"""Rows that others name by number, and the last events of parcels: one query, and never those of another shop."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Order
from orders.queries.by_number import find_ids
from orders.queries.tracking import find_last_events
from shops.marketplaces.records import TrackingEventRecord
from tests.factories.orders import store_order
from tests.factories.records import UPDATED_AT
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db


def test_the_same_number_in_two_shops_is_two_orders(shop):
    other = make_shop()
    mine, theirs = store_order(shop, "n1"), store_order(other, "n1")
    store_order(other, "n2")
    assert find_ids(Order.objects.all(), [(shop.pk, "n1"), (shop.pk, "n2")]) == {(shop.pk, "n1"): mine.pk}
    assert find_ids(Order.objects.all(), [(other.pk, "n1"), (shop.pk, "")]) == {(other.pk, "n1"): theirs.pk}


@pytest.mark.parametrize(("numbers", "queries"), [((), 0), (("",), 0), (("n1", "n2", "n1"), 1)])
def test_it_costs_one_query_or_none(shop, numbers, queries):
    with CaptureQueriesContext(connection) as captured:
        find_ids(Order.objects.all(), [(shop.pk, number) for number in numbers])
    assert len(captured) == queries


def test_the_last_event_of_each_parcel_is_found(shop):
    def make(number, *hours):
        events = tuple(TrackingEventRecord(f"e{hour}", UPDATED_AT.replace(hour=hour), f"at {hour}") for hour in hours)
        return store_record(shop, "shipment", number, events=events)

    first, second, silent = make("a", 9, 11, 10), make("b", 3), make("c")
    with CaptureQueriesContext(connection) as captured:
        found = find_last_events([first.pk, second.pk, silent.pk])
    assert {pk: event.text for pk, event in found.items()} == {first.pk: "at 11", second.pk: "at 3"}
    assert len(captured) == 1
