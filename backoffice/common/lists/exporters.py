"""One table of the lists that can be exported. An app registers its own in `AppConfig.ready()`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db.models import Model, QuerySet
from django.http import QueryDict


@dataclass(frozen=True)
class Column:
    """One column of a file; `read(row)` gives text, number, Decimal, aware datetime, bool or None.

    What only looks like a number (an order's, a tracking number) must be text: Excel keeps 15 digits of a number.
    Columns of times name the zone in their header.
    """

    label: str
    read: Callable[[Any], Any]
    is_time: bool = False


def describe_by_name(person: Any, filters: QueryDict) -> list[tuple[str, str]]:
    """Describe filters by their names in the address."""
    return [(name, ", ".join(values)) for name, values in filters.lists()]


@dataclass(frozen=True)
class Exporter:
    """A list that can be exported.

    `select(person, filters)` returns the rows that the person may see, narrowed as their list was, in the order that
    such a list has by itself; raises BackofficeError where a filter makes no sense. Each row must have a `shop_id`, and
    `read` must need no query. A column has the name that it has in the list, without "show_", so that a saved view's
    columns are found again.
    `describe(person, filters)` says in words what is set, and raises BackofficeError as well.
    """

    kind: str
    model: type[Model]
    label: str
    permission: str
    columns: Mapping[str, Column]
    select: Callable[[AbstractUser, QueryDict], QuerySet[Any]]
    describe: Callable[[AbstractUser, QueryDict], list[tuple[str, str]]] = describe_by_name


_exporters: dict[str, Exporter] = {}


def register_exporter(exporter: Exporter) -> None:
    """Add an exporter; its kind must be new."""
    if exporter.kind in _exporters:
        raise ValueError(f"There is an exporter {exporter.kind!r} already.")
    _exporters[exporter.kind] = exporter


def get_exporter(kind: str) -> Exporter:
    """Return an exporter; raises KeyError for one that is gone."""
    return _exporters[kind]


def find_exporter(model: type[Model]) -> Exporter | None:
    """Find the exporter of a model's list."""
    return next((exporter for exporter in _exporters.values() if exporter.model is model), None)
