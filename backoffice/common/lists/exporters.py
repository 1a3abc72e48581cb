"""One table of the lists that can be exported. An app registers its own in `AppConfig.ready()`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db.models import Model, QuerySet
from django.http import QueryDict


@dataclass(frozen=True)
class Column:
    """One column of a file; `read(row)` gives text, number, Decimal, aware datetime, bool or None."""

    label: str
    read: Callable[[Any], Any]


@dataclass(frozen=True)
class Exporter:
    """A list that can be exported.

    `select(person, filters)` returns the rows that the person may see, narrowed and ordered as their list was; raises
    BackofficeError where a filter makes no sense. Each row must have a `shop_id`.
    """

    kind: str
    model: type[Model]
    label: str
    permission: str
    columns: Mapping[str, Column]
    select: Callable[[AbstractUser, QueryDict], QuerySet[Any]]


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
