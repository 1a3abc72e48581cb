"""What a list of orders can be narrowed by: one vocabulary for the API, the admin's list, saved views and exports."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.common import clock
from backoffice.common.filters import DAY, AnyChoiceFilter, midnight
from orders.choices import TO_SHIP, OrderedIn, OrderStatus, ShipBy
from orders.models import Order
from orders.queries.search import ways_to_orders
from orders.queries.synced_filters import LABELS as SYNCED_LABELS
from orders.queries.synced_filters import NEWEST_FIRST, SyncedFilterSet, make_moment_filter, make_unknown_filter

# What each filter is called on the list and in the description of an export.
LABELS = {
    **SYNCED_LABELS, "external_id": "Order number", "ship_by": "Ship by", "ordered_in": "Ordered in",
    "ordered_from": "Ordered from", "ordered_to": "Ordered to", "tag": "Tag", "assignee": "Assigned to",
}  # fmt: skip
# The first day and the day after the last, counted from today.
DAYS_OF = {
    OrderedIn.TODAY: (0, 1),
    OrderedIn.YESTERDAY: (-1, 0),
    OrderedIn.LAST_7_DAYS: (-6, 1),
    OrderedIn.LAST_30_DAYS: (-29, 1),
}


def narrow_by_ship_by(orders: QuerySet[Order], choice: str) -> QuerySet[Order]:
    """Keep the orders that must be shipped and stand so against their ship-by time."""
    now = clock.now()
    to_ship = orders.filter(status__in=TO_SHIP)
    if choice == ShipBy.OVERDUE:
        return to_ship.filter(ship_by_at__lt=now)
    if choice == ShipBy.DUE_24H:
        return to_ship.filter(ship_by_at__gte=now, ship_by_at__lt=now + DAY)
    return to_ship.filter(ship_by_at__gte=now + DAY)


def narrow_by_ordered_in(orders: QuerySet[Order], choice: str) -> QuerySet[Order]:
    """Keep the orders of days that are counted from today, in the present zone."""
    today = timezone.localdate(clock.now())
    first, end = DAYS_OF[OrderedIn(choice)]
    return orders.filter(
        source_created_at__gte=midnight(today + first * DAY), source_created_at__lt=midnight(today + end * DAY)
    )


def order_of_list(filters: Mapping[str, Any]) -> tuple[str, ...]:
    """Return in which order a list that is narrowed so is read: always one that an index has.

    The most urgent come first where the ship-by time counts. What is narrowed by when it was ordered is read by that
    time: read by the time of change, orders of last year would be looked for among all that changed since.
    """
    if filters.get("ship_by"):
        return ("ship_by_at", "-id")
    if any(filters.get(name) for name in ("ordered_in", "ordered_from", "ordered_to")):
        return ("-source_created_at", "-id")
    return NEWEST_FIRST


class OrderFilterSet(SyncedFilterSet):
    """The filters of an order list by name."""

    labels = LABELS
    ways = ways_to_orders

    q = django_filters.CharFilter(method="by_text", label="Beginning of an order or tracking number, or a whole SKU")
    status = AnyChoiceFilter(choices=OrderStatus.choices, label="Status; may be given several times")
    unknown = make_unknown_filter("status")
    ship_by = django_filters.ChoiceFilter(method="by_ship_by", choices=ShipBy.choices, label="Ship-by time")
    ordered_in = django_filters.ChoiceFilter(method="by_ordered_in", choices=OrderedIn.choices, label="Ordered in")
    ordered_from = make_moment_filter("source_created_at", "gte", "Ordered at or after")
    ordered_to = make_moment_filter("source_created_at", "lt", "Ordered before; a day is included", is_end=True)
    tag = django_filters.CharFilter(method="by_tag", label="A tag that staff gave")
    assignee = django_filters.CharFilter(
        field_name="handling__assignee__username", label="Login name of whoever is assigned"
    )

    class Meta:
        model = Order
        fields: list[str] = []

    def by_ship_by(self, orders: QuerySet[Order], _: str, choice: str) -> QuerySet[Order]:
        """Narrow by the ship-by time."""
        return narrow_by_ship_by(orders, choice)

    def by_ordered_in(self, orders: QuerySet[Order], _: str, choice: str) -> QuerySet[Order]:
        """Narrow by days counted from today."""
        return narrow_by_ordered_in(orders, choice)

    def by_tag(self, orders: QuerySet[Order], _: str, tag: str) -> QuerySet[Order]:
        """Narrow by a tag, in any case."""
        return orders.filter(handling__tags__contains=[tag.strip().lower()])
