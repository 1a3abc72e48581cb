"""Keeps the database from walking a whole table in the order of a list, in search of the few rows that a filter leaves.

Asked for the first 50 rows, it likes to walk an index that has the list's order and to keep what fits, in the hope of
meeting 50 soon. Where those that fit are old, or fewer than it believes, it walks through millions of others.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import F, Func, Model, OrderBy, QuerySet

from backoffice.common.counting import count_up_to

ModelT = TypeVar("ModelT", bound=Model)

# Not every marketplace says when a row changed. In the order of a list, newest first, what has no such time comes last.
BY_CHANGE = (F("source_updated_at").desc(nulls_last=True), F("id").desc())  # for indexes
AS_INDEXED = {
    "-source_updated_at": BY_CHANGE[0],
    "source_updated_at": F("source_updated_at").asc(nulls_first=True),
}
SORTED_AT_MOST = 5_000  # rows; finding and sorting so many takes some ten milliseconds


def sort_few(rows: QuerySet[ModelT], *, found: int | None = None) -> QuerySet[ModelT]:
    """Have few rows found by what they are narrowed by, and sorted then; leave many to an index that has their order.

    `found` is their number, if it is known; else so many are counted as matter.
    """
    if not rows.query.where:
        return rows
    if found is None:
        found = count_up_to(SORTED_AT_MOST, rows)
    return hide_order(rows) if found <= SORTED_AT_MOST else rows


def order_rows(rows: QuerySet[ModelT], keys: Iterable[str]) -> QuerySet[ModelT]:
    """Order by columns as the indexes have them: what has no time of change comes last, and first if turned round."""
    return rows.order_by(*(AS_INDEXED.get(key, key) for key in keys))


def hide_order(rows: QuerySet[ModelT]) -> QuerySet[ModelT]:
    """Return the same rows in the same order, but in words in which no index is known to have it."""
    first, *others = rows.query.order_by or ("",)
    key: Any = _read_key(first) if isinstance(first, str) else first
    column: Any = key.expression if isinstance(key, OrderBy) and isinstance(key.expression, F) else None
    if column is None or not _is_column(rows.model, column.name):
        return rows
    hidden = key.copy()
    hidden.expression = Func(column, function="GREATEST")  # of one value this is the value
    return rows.order_by(hidden, *others)


def _read_key(key: str) -> OrderBy:
    column = F(key.lstrip("-"))
    return column.desc() if key.startswith("-") else column.asc()


def _is_column(model: type[Model], name: str) -> bool:
    return any(name == column.name and not column.is_relation for column in model._meta.concrete_fields)
