"""Puts what happened to an order, and what must still happen, into one line of time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from orders.choices import STATUS_RANK, OrderStatus
from orders.models import Order
from orders.queries.payloads import Entry

CHANGES_AT_MOST = 50  # of staff
STEPS = {
    "source_created_at": "Ordered",
    "paid_at": "Paid",
    "shipped_at": "Shipped",
    "collected_at": "Collected by the carrier",
    "delivered_at": "Delivered",
    "cancel_requested_at": "Cancellation requested",
    "cancelled_at": "Cancelled",
}
# Each deadline is open until the order has come further than this.
DEADLINES = {
    "ship_by_at": ("Ship by", OrderStatus.PARTIALLY_SHIPPED),
    "collect_by_at": ("Collect by", OrderStatus.AWAITING_COLLECTION),
    "deliver_by_at": ("Deliver by", OrderStatus.IN_TRANSIT),
}


class EventKind(StrEnum):
    """What an event is, which decides how it looks."""

    STEP = "step"
    DEADLINE = "deadline"  # still ahead
    OVERDUE = "overdue"  # passed, and still not done
    PAST_DEADLINE = "past_deadline"
    PAYLOAD = "payload"
    STAFF = "staff"


@dataclass(frozen=True)
class Event:
    """One point on the line; `anchor` is the place on the page that says more."""

    at: datetime
    label: str
    kind: EventKind
    detail: str = ""
    anchor: str = ""


def list_staff_changes(order: Order) -> QuerySet[LogEntry]:
    """List what staff did to an order, newest first."""
    kind = ContentType.objects.get_for_model(Order)
    changes = LogEntry.objects.filter(content_type=kind, object_id=str(order.pk)).select_related("user")
    return changes.order_by("-action_time", "-pk")[:CHANGES_AT_MOST]


def build_timeline(
    order: Order, payloads: Iterable[Entry], changes: Iterable[LogEntry], *, now: datetime
) -> list[Event]:
    """Return the events, the latest first, so that what is still ahead is on top."""
    events = [*_list_steps(order), *_list_deadlines(order, now)]
    events += [_describe_payload(entry) for entry in payloads]
    events += [
        Event(change.action_time, change.user.get_username(), EventKind.STAFF, change.get_change_message())
        for change in changes
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _list_steps(order: Order) -> Iterable[Event]:
    for column, label in STEPS.items():
        if at := getattr(order, column):
            yield Event(at, label, EventKind.STEP)


def _list_deadlines(order: Order, now: datetime) -> Iterable[Event]:
    for column, (label, last_status) in DEADLINES.items():
        at = getattr(order, column)
        is_open = STATUS_RANK[order.status] <= STATUS_RANK[last_status]
        if at is None or (at > now and not is_open):  # a deadline that was met is no news; one that was missed is
            continue
        passed = EventKind.OVERDUE if is_open else EventKind.PAST_DEADLINE
        yield Event(at, label, EventKind.DEADLINE if at > now else passed)


def _describe_payload(entry: Entry) -> Event:
    detail = ""
    if entry.diff is not None:
        count = len(entry.diff.changes)
        detail = f"{count}{'' if entry.diff.is_whole else '+'} field{'s' if count != 1 else ''} changed"
    label = "First payload kept" if entry.is_first else "Payload received"
    return Event(entry.row.received_at, label, EventKind.PAYLOAD, detail, f"payload-{entry.row.pk}")
