"""Keeps the database from walking a whole table in the order of a list, in search of the few rows that a filter leaves.

Asked for the first 50 rows, it likes to walk an index that has the list's order and to keep what fits, in the hope of
meeting 50 soon. Where those that fit are old, or fewer than it believes, it walks through millions of others.
"""

from typing import TypeVar

from django.db.models import F, Func, Model, QuerySet

from backoffice.common.counting import count_up_to

ModelT = TypeVar("ModelT", bound=Model)

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


def hide_order(rows: QuerySet[ModelT]) -> QuerySet[ModelT]:
    """Return the same rows in the same order, but in words in which no index is known to have it."""
    first, *others = rows.query.order_by or ("",)
    if not isinstance(first, str) or not _is_column(rows.model, first.lstrip("-")):
        return rows
    # GREATEST of one value is this value.
    hidden = Func(F(first.lstrip("-")), function="GREATEST")
    return rows.order_by(hidden.desc() if first.startswith("-") else hidden.asc(), *others)


def _is_column(model: type[Model], name: str) -> bool:
    return any(name == column.name and not column.is_relation for column in model._meta.concrete_fields)
