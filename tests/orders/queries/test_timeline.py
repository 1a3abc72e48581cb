"""What is on the line of time of an order, in which order, and how deadlines are marked."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from orders.models import Order
from orders.queries.payloads import list_payload_history
from orders.queries.timeline import STEPS, EventKind, build_timeline, list_staff_changes
from orders.services import change_handling
from shops.marketplaces.records import OrderStatus
from tests.factories.orders import make_staff, store, store_order
from tests.factories.records import UPDATED_AT, make_order

pytestmark = pytest.mark.django_db
NOW = UPDATED_AT + timedelta(days=1)
HOUR = timedelta(hours=1)


def line(order, payloads=(), changes=()):
    return build_timeline(order, payloads, changes, now=NOW)


def test_every_step_that_has_a_time_is_on_it_the_latest_first(shop):
    times = {column: UPDATED_AT + number * HOUR for number, column in enumerate(STEPS)}
    order = store_order(shop, "584001", status=OrderStatus.CANCELLED, **times)
    assert [(event.label, event.at) for event in line(order)] == [
        (STEPS[column], at) for column, at in reversed(times.items())
    ]


def test_an_order_without_times_has_an_empty_line(shop):
    order = store_order(shop, source_created_at=None)
    assert line(order) == []


@pytest.mark.parametrize(
    ("status", "hours", "kind"),
    [
        (OrderStatus.AWAITING_SHIPMENT, 1, EventKind.DEADLINE),
        (OrderStatus.PARTIALLY_SHIPPED, 1, EventKind.DEADLINE),
        (OrderStatus.AWAITING_SHIPMENT, -1, EventKind.OVERDUE),
        (OrderStatus.IN_TRANSIT, -1, EventKind.PAST_DEADLINE),
        (OrderStatus.CANCELLED, -1, EventKind.PAST_DEADLINE),
        (OrderStatus.IN_TRANSIT, 1, None),
        (OrderStatus.CANCELLED, 1, None),
    ],
)
def test_a_deadline_is_ahead_overdue_or_past_and_gone_once_it_was_met(shop, status, hours, kind):
    order = store_order(shop, status=status, source_created_at=None, ship_by_at=NOW + hours * HOUR)
    assert [(event.label, event.kind) for event in line(order)] == ([("Ship by", kind)] if kind else [])


@pytest.mark.parametrize(
    ("status", "open_deadlines"),
    [
        (OrderStatus.AWAITING_SHIPMENT, {"Ship by", "Collect by", "Deliver by"}),
        (OrderStatus.AWAITING_COLLECTION, {"Collect by", "Deliver by"}),
        (OrderStatus.IN_TRANSIT, {"Deliver by"}),
        (OrderStatus.DELIVERED, set()),
    ],
)
def test_each_deadline_is_open_until_the_order_has_passed_it(shop, status, open_deadlines):
    ahead = dict.fromkeys(("ship_by_at", "collect_by_at", "deliver_by_at"), NOW + HOUR)
    order = store_order(shop, "584001", status=status, source_created_at=None, **ahead)
    assert {event.label for event in line(order)} == open_deadlines


def test_what_is_ahead_is_on_top(shop):
    order = store_order(shop, ship_by_at=NOW + HOUR)
    assert [event.label for event in line(order)] == ["Ship by", "Ordered"]


def test_payloads_and_what_staff_did_stand_between_the_steps(shop):
    person = make_staff("mai", shop)
    [order] = store(shop, make_order())
    [order] = store(shop, make_order(later_by=60, payload={"id": "other", "tax": 1}))
    change_handling(order, version=0, note="", tags=["vip"], assignee=None, person=person)
    events = line(order, list_payload_history(order).entries, list_staff_changes(order))
    assert [(event.kind, event.label, event.detail) for event in events] == [
        (EventKind.STAFF, "mai", "Tags: +vip."),
        (EventKind.PAYLOAD, "Payload received", events[1].detail),
        (EventKind.PAYLOAD, "First payload kept", ""),
        (EventKind.STEP, "Ordered", ""),
    ]
    assert events[1].detail.endswith("fields changed")
    assert events[1].anchor == f"payload-{order.payloads.latest('pk').pk}"


def test_what_staff_did_to_another_order_or_thing_is_not_on_it(shop):
    person = make_staff("mai", shop)
    first, second = store_order(shop, "a"), store_order(shop, "b")
    change_handling(first, version=0, note="a", tags=[], assignee=None, person=person)
    assert list(list_staff_changes(second)) == []
    assert len(list_staff_changes(first)) == 1


def test_what_staff_did_to_one_order_is_read_from_an_index(shop):
    order = store_order(shop)
    person, kind = make_staff("mai", shop), ContentType.objects.get_for_model(Order)
    LogEntry.objects.bulk_create(
        LogEntry(user=person, content_type=kind, object_id=str(other), action_flag=CHANGE) for other in range(2_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE django_admin_log")
    assert "admin_log_of_a_row" in list_staff_changes(order).explain()
