"""Fields of filter panels that lists of synced rows share; what a filter means and is called the FilterSet says."""

from collections.abc import Iterable
from typing import Any

from django.forms import Widget
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.common.admin.filters import DayInput, FilterField, SelectSeveral, SuggestedRows
from orders.queries.synced_filters import VALIDITY, ScopedFilterSet
from shops.choices import Marketplace

ANY = ("", "Any")


def choose_one(choices: Iterable[tuple[Any, Any]]) -> Widget:
    """One of a few choices, or any."""
    widget: Widget = UnfoldAdminSelectWidget(choices=(ANY, *choices))
    return widget


def make_field(filterset: type[ScopedFilterSet], name: str, widget: Widget, *, is_half: bool = True) -> FilterField:
    """Make a field under the filter's own label."""
    return FilterField(name, filterset.labels[name], widget, is_half=is_half)


def make_fields(
    filterset: type[ScopedFilterSet],
    *,
    several: Iterable[str] = (),
    one_of: Iterable[tuple[str, Iterable[tuple[Any, Any]]]] = (),
    texts: Iterable[str] = (),
) -> tuple[FilterField, ...]:
    """Make the panel of a list: its own words first, then shop, marketplace, days, numbers and validity."""

    def make(name: str, widget: Widget, *, is_half: bool = True) -> FilterField:
        return make_field(filterset, name, widget, is_half=is_half)

    fields = [make(name, SelectSeveral(), is_half=False) for name in several]
    fields.append(make("shop", SuggestedRows("admin:shops_shop_suggestions"), is_half=False))
    fields.append(make("marketplace", choose_one(Marketplace.choices)))
    fields += [make(name, choose_one(choices)) for name, choices in one_of]
    dates = [name for name in ("changed_from", "changed_to") if name in filterset.base_filters]
    fields += [make(name, DayInput()) for name in dates]
    fields += [make(name, UnfoldAdminTextInputWidget()) for name in texts]
    if "is_valid" in filterset.base_filters:
        fields.append(make("is_valid", choose_one(VALIDITY)))
    return tuple(fields)
