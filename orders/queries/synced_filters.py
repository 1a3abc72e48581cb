"""What every list of synced rows can be narrowed by: the words that lists of orders, products and money share."""

from collections.abc import Mapping
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.common.filters import AnyRowFilter, MomentFilter, TruthFilter
from backoffice.common.models import Viewer
from orders.queries.search import Ways, search_rows
from shops.choices import Marketplace
from shops.queries import list_shops_to_choose

# What each filter is called on a list and in the description of an export.
LABELS: Mapping[str, str] = {
    "q": "Search", "shop": "Shop", "marketplace": "Marketplace", "status": "Status", "unknown": "Unknown word",
    "external_id": "Number", "order_external_id": "Order number", "changed_from": "Changed from",
    "changed_to": "Changed to", "updated_since": "Stored since", "is_valid": "Validity",
}  # fmt: skip
VALIDITY = (("true", "Valid"), ("false", "Invalid"))
NEWEST_FIRST = ("-source_updated_at", "-id")


def make_moment_filter(field_name: str, lookup: str, label: str, *, is_end: bool = False) -> MomentFilter:
    """Make a filter by a point in time."""
    return MomentFilter(field_name=field_name, lookup_expr=lookup, label=label, is_end=is_end)


def order_of_list(filters: Mapping[str, Any]) -> tuple[str, ...]:
    """Return in which order a list is read, whatever it is narrowed by: by the time of change, as an index has it."""
    return NEWEST_FIRST


class ScopedFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """Filters of rows that belong to shops. `viewer` stands in for the request where there is none."""

    labels: ClassVar[Mapping[str, str]] = LABELS
    ways: ClassVar[Ways]  # how `q` finds rows

    def __init__(self, *arguments: Any, viewer: Viewer | None = None, **options: Any) -> None:
        if viewer is not None:
            options["request"] = HttpRequest()
            options["request"].user = viewer
        super().__init__(*arguments, **options)

    def by_text(self, rows: QuerySet[Any], _: str, text: str) -> QuerySet[Any]:
        """Find by what people read off a label or a page."""
        return search_rows(rows, text, type(self).ways)


class SyncedFilterSet(ScopedFilterSet):
    """The filters that every kind of synced row has, by name."""

    word: ClassVar[str] = "status"  # the column with our word for what the marketplace said

    shop = AnyRowFilter(queryset=list_shops_to_choose, label="Shop id; may be given several times")
    marketplace = django_filters.ChoiceFilter(
        field_name="shop__marketplace", choices=Marketplace.choices, label="Marketplace"
    )
    external_id = django_filters.CharFilter(label="The marketplace's number, exactly")
    changed_from = make_moment_filter("source_updated_at", "gte", "Changed at the marketplace at or after")
    changed_to = make_moment_filter(
        "source_updated_at", "lt", "Changed at the marketplace before; a day is included", is_end=True
    )
    updated_since = make_moment_filter("synced_at", "gte", "Stored here at or after")
    is_valid = TruthFilter(label="Whether everything in it could be read")

    def by_unknown(self, rows: QuerySet[Any], _: str, said: str) -> QuerySet[Any]:
        """Narrow to what a marketplace called so, where we have no word for it."""
        return rows.filter(**{self.word: "unknown", f"raw_{self.word}": said})


def make_unknown_filter(word: str) -> django_filters.CharFilter:
    """Make the filter by a marketplace's word that we do not know."""
    return django_filters.CharFilter(
        method="by_unknown", label=f"The marketplace's {word}, exactly, where it is one that we do not know"
    )
