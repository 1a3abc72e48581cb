"""Counts for people, ended at a limit: an exact count of a million rows costs more than the page that shows it."""

from collections import Counter
from typing import Any

from django.db.models import Count, QuerySet

COUNT_LIMIT = 10_000


def count_up_to(limit: int, rows: QuerySet[Any]) -> int:
    """Count rows, up to one more than the limit."""
    return rows.order_by().values("pk")[: limit + 1].count()


def count_by_shop(rows: QuerySet[Any]) -> Counter[int]:
    """Count few rows by their shop, all of them."""
    counted: Any = rows.order_by().values_list("shop_id").annotate(Count("pk"))
    return Counter(dict(counted))


def show_count(count: int) -> str:
    """Write a count for people: "9,876", or "10,000+" where counting was ended."""
    return f"{count:,}" if count <= COUNT_LIMIT else f"{COUNT_LIMIT:,}+"
