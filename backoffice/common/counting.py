"""Counts for people, ended at a limit: an exact count of a million rows costs more than the page that shows it."""

from typing import Any

from django.db.models import QuerySet

COUNT_LIMIT = 10_000


def count_up_to(limit: int, rows: QuerySet[Any]) -> int:
    """Count rows, up to one more than the limit."""
    return rows.order_by().values("pk")[: limit + 1].count()


def show_count(count: int) -> str:
    """Write a count for people: "9,876", or "10,000+" where counting was ended."""
    return f"{count:,}" if count <= COUNT_LIMIT else f"{COUNT_LIMIT:,}+"
