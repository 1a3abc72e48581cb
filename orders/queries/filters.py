"""What a list of orders can be narrowed by: one vocabulary for the API, the admin's list, saved views and exports."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from backoffice.common import clock
from backoffice.common.models import Viewer
from orders.choices import TO_SHIP, OrderStatus, ShipBy
from orders.models import Order
from orders.queries.search import search_orders
from shops.choices import Marketplace
from shops.models import Shop

DAY = timedelta(days=1)
LAST_YEAR = 9998  # a day later must still be a date


class MomentField(forms.CharField):
    """A point in time: a day ("2026-11-21", in the present zone) or a time with its zone ("2026-11-21T08:00:00Z")."""

    default_error_messages = {
        "invalid": "Neither a day like 2026-11-21 nor a time with its zone like 2026-11-21T08:00:00Z.",
    }

    def __init__(self, *, is_end: bool = False, **options: Any) -> None:
        self.is_end = is_end
        super().__init__(max_length=40, **options)

    def to_python(self, value: Any) -> Any:
        """Return an aware time; a day that ends a range is in the range, so the next one's beginning."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            moment = _read_moment(text, is_end=self.is_end)
        except (ValueError, OverflowError):
            moment = None
        if moment is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return moment


def _read_moment(text: str, *, is_end: bool) -> datetime | None:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        day = parse_date(text)
        if day is None or not 1 < day.year <= LAST_YEAR:
            return None
        return timezone.make_aware(datetime.combine(day + DAY if is_end else day, time.min))
    # In an address a plus sign means a blank, so that "+07:00" often arrives as " 07:00".
    moment = parse_datetime(re.sub(r" (?=\d{2}:?\d{2}$)", "+", text))
    if moment is None or moment.tzinfo is None or not 1 < moment.year <= LAST_YEAR:
        return None
    return moment.astimezone(UTC)


class MomentFilter(django_filters.Filter):  # type: ignore[misc]
    """Compares a column with a point in time."""

    field_class = MomentField


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


def _shops_of(request: HttpRequest | None) -> QuerySet[Shop]:
    viewer = getattr(request, "user", None)
    return Shop.objects.visible_to(viewer) if viewer is not None else Shop.objects.none()


class OrderFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of an order list by name. `viewer` stands in for the request where there is none."""

    q = django_filters.CharFilter(method="search", label="Beginning of an order or tracking number, or a whole SKU")
    shop = django_filters.ModelMultipleChoiceFilter(queryset=_shops_of, label="Shop id; may be given several times")
    marketplace = django_filters.ChoiceFilter(
        field_name="shop__marketplace", choices=Marketplace.choices, label="Marketplace"
    )
    status = django_filters.MultipleChoiceFilter(
        choices=OrderStatus.choices, label="Status; may be given several times"
    )
    ship_by = django_filters.ChoiceFilter(method="by_ship_by", choices=ShipBy.choices, label="Ship-by time")
    ordered_from = _moment("source_created_at", "gte", "Ordered at or after")
    ordered_to = _moment("source_created_at", "lt", "Ordered before; a day is included", is_end=True)
    changed_from = _moment("source_updated_at", "gte", "Changed at the marketplace at or after")
    changed_to = _moment("source_updated_at", "lt", "Changed at the marketplace before; a day is included", is_end=True)
    updated_since = _moment("synced_at", "gte", "Stored here at or after")
    external_id = django_filters.CharFilter(label="Order number, exactly")
    is_valid = django_filters.BooleanFilter(label="Whether everything in it could be read")
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

    def by_tag(self, orders: QuerySet[Order], _: str, tag: str) -> QuerySet[Order]:
        """Narrow by a tag, in any case."""
        return orders.filter(handling__tags__contains=[tag.strip().lower()])
