"""Makes the exporter of a list that a FilterSet narrows: the rows of the list, and its filters in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet
from django.http import QueryDict

from backoffice.common.errors import NotPossible
from backoffice.common.lists.exporters import Column, Exporter
from backoffice.common.sorting import order_rows
from orders.queries.synced_filters import NEWEST_FIRST, VALIDITY, ScopedFilterSet

TRUTHS = {"is_valid": VALIDITY, "is_paid": (("true", "Yes"), ("false", "No"))}


@dataclass(frozen=True)
class FilteredList:
    """A list as its FilterSet narrows it. `fields` are all that is read: payloads and the like stay where they are.

    `make_order` says in which order the list is read by itself; `shown` gives the rows all that their columns need.
    """

    filterset: type[ScopedFilterSet]
    fields: tuple[str, ...]
    related: tuple[str, ...] = ("shop",)
    make_order: Callable[[Mapping[str, Any]], tuple[str, ...]] = lambda filters: NEWEST_FIRST
    annotations: Mapping[str, Any] = field(default_factory=dict)

    @property
    def model(self) -> type[Model]:
        """The model of the rows."""
        model: type[Model] = self.filterset._meta.model
        return model

    def select(self, person: Any, filters: QueryDict) -> QuerySet[Any]:
        """Return the rows that a person may see, narrowed as on their list, in the order that it has by itself."""
        chosen = self._read(person, filters)
        rows: QuerySet[Any] = chosen.qs.select_related(*self.related).only(*self.fields).annotate(**self.annotations)
        return order_rows(rows, self.make_order(chosen.form.cleaned_data))

    def describe(self, person: Any, filters: QueryDict) -> list[tuple[str, str]]:
        """Say in words what is set: (what, to what)."""
        chosen, labels = self._read(person, filters), self.filterset.labels
        said = {name: ", ".join(_in_words(chosen, name, values)) for name, values in filters.lists()}
        return [(labels.get(name, name), words) for name, words in said.items()]

    def _read(self, person: Any, filters: QueryDict) -> Any:
        rows: Any = self.model._default_manager.all()
        chosen: Any = self.filterset(filters, queryset=rows.visible_to(person), viewer=person)
        labels = self.filterset.labels
        problems = [f"{labels.get(name, name)}: {' '.join(errors)}" for name, errors in chosen.errors.items()]
        problems += [f"There is no filter named “{name}”." for name in filters if name not in chosen.filters]
        if problems:
            raise NotPossible(f"These filters make no sense, so nothing is exported. {' '.join(problems)}")
        return chosen


def make_exporter(listed: FilteredList, label: str, columns: Mapping[str, Column]) -> Exporter:
    """Make the exporter of a list, for those who may see its rows."""
    meta = listed.model._meta
    return Exporter(
        kind=f"{meta.app_label}.{meta.model_name}s",
        model=listed.model,
        label=label,
        permission=f"{meta.app_label}.view_{meta.model_name}",
        columns=columns,
        select=listed.select,
        describe=listed.describe,
    )


def text(label: str, name: str) -> Column:
    """Make a column of what a row says by this name, be it a text, a number or an amount."""
    return Column(label, lambda row: getattr(row, name))


def moment(label: str, name: str) -> Column:
    """Make a column of a time."""
    return Column(label, lambda row: getattr(row, name), is_time=True)


def choice(label: str, name: str) -> Column:
    """Make a column of one of our words, as people read it."""
    return Column(label, lambda row: getattr(row, f"get_{name}_display")())


SHOP = {
    "shop": Column("Shop", lambda row: row.shop.name),
    "marketplace": Column("Marketplace", lambda row: row.shop.get_marketplace_display()),
}
READING = {"is_valid": text("Everything readable", "is_valid"), "synced_at": moment("Stored at", "synced_at")}


def _in_words(chosen: Any, name: str, values: list[str]) -> list[str]:
    if name == "shop":
        return [shop.name for shop in chosen.form.cleaned_data[name]]
    choices: Any = TRUTHS.get(name) or getattr(chosen.form.fields[name], "choices", ())
    labels = dict(choices)
    return [str(labels.get(value, value)) for value in values]
