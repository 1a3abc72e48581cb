"""What a list of orders can be narrowed by: one vocabulary for the API, the admin's list, saved views and exports."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from backoffice.common import clock
from backoffice.common.filters import DAY, AnyChoiceFilter, AnyRowFilter, MomentFilter, TruthFilter, midnight
from backoffice.common.models import Viewer
from orders.choices import TO_SHIP, OrderedIn, OrderStatus, ShipBy
from orders.models import Order
from orders.queries.search import search_orders
from shops.choices import Marketplace
from shops.queries import list_shops_to_choose

# What each filter is called on the list and in the description of an export.
LABELS = {
    "q": "Search", "status": "Status", "shop": "Shop", "ship_by": "Ship by", "marketplace": "Marketplace",
    "ordered_in": "Ordered in", "ordered_from": "Ordered from", "ordered_to": "Ordered to",
    "changed_from": "Changed from", "changed_to": "Changed to", "updated_since": "Stored since",
    "external_id": "Order number", "is_valid": "Validity", "tag": "Tag", "assignee": "Assigned to",
}  # fmt: skip
VALIDITY = (("true", "Valid"), ("false", "Invalid"))
# The first day and the day after the last, counted from today.
DAYS_OF = {
    OrderedIn.TODAY: (0, 1),
    OrderedIn.YESTERDAY: (-1, 0),
    OrderedIn.LAST_7_DAYS: (-6, 1),
    OrderedIn.LAST_30_DAYS: (-29, 1),
}


def _moment(field_name: str, lookup: str, label: str, *, is_end: bool = False) -> MomentFilter:
    return MomentFilter(field_name=field_name, lookup_expr=lookup, label=label, is_end=is_end)


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
    return ("-source_updated_at", "-id")


class OrderFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of an order list by name. `viewer` stands in for the request where there is none."""

    q = django_filters.CharFilter(method="search", label="Beginning of an order or tracking number, or a whole SKU")
    shop = AnyRowFilter(queryset=list_shops_to_choose, label="Shop id; may be given several times")
    marketplace = django_filters.ChoiceFilter(
        field_name="shop__marketplace", choices=Marketplace.choices, label="Marketplace"
    )
    status = AnyChoiceFilter(choices=OrderStatus.choices, label="Status; may be given several times")
    ship_by = django_filters.ChoiceFilter(method="by_ship_by", choices=ShipBy.choices, label="Ship-by time")
    ordered_in = django_filters.ChoiceFilter(method="by_ordered_in", choices=OrderedIn.choices, label="Ordered in")
    ordered_from = _moment("source_created_at", "gte", "Ordered at or after")
    ordered_to = _moment("source_created_at", "lt", "Ordered before; a day is included", is_end=True)
    changed_from = _moment("source_updated_at", "gte", "Changed at the marketplace at or after")
    changed_to = _moment("source_updated_at", "lt", "Changed at the marketplace before; a day is included", is_end=True)
    updated_since = _moment("synced_at", "gte", "Stored here at or after")
    external_id = django_filters.CharFilter(label="Order number, exactly")
    is_valid = TruthFilter(label="Whether everything in it could be read")
    tag = django_filters.CharFilter(method="by_tag", label="A tag that staff gave")
    assignee = django_filters.CharFilter(
        field_name="handling__assignee__username", label="Login name of whoever is assigned"
    )

    class Meta:
        model = Order
        fields: list[str] = []

    def __init__(self, *arguments: Any, viewer: Viewer | None = None, **options: Any) -> None:
        if viewer is not None:
            options["request"] = HttpRequest()
            options["request"].user = viewer
        super().__init__(*arguments, **options)

    def search(self, orders: QuerySet[Order], _: str, text: str) -> QuerySet[Order]:
        """Find by number or SKU."""
        return search_orders(orders, text)

    def by_ship_by(self, orders: QuerySet[Order], _: str, choice: str) -> QuerySet[Order]:
        """Narrow by the ship-by time."""
        return narrow_by_ship_by(orders, choice)

    def by_ordered_in(self, orders: QuerySet[Order], _: str, choice: str) -> QuerySet[Order]:
        """Narrow by days counted from today."""
        return narrow_by_ordered_in(orders, choice)

    def by_tag(self, orders: QuerySet[Order], _: str, tag: str) -> QuerySet[Order]:
        """Narrow by a tag, in any case."""
        return orders.filter(handling__tags__contains=[tag.strip().lower()])
