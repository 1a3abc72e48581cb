"""Links transactions to their orders and statements: whichever of two comes later, both find each other.

An order is named by its number. A statement is, too, or only by the last day of its period, which the marketplace
tells before there is a statement.
"""

from collections.abc import Collection
from typing import Any

from django.db import connection

_MATCH = """
    UPDATE orders_transaction AS moved SET order_id = found.id
    FROM orders_order AS found
    WHERE moved.order_id IS NULL AND moved.order_external_id <> ''
      AND found.shop_id = moved.shop_id AND found.external_id = moved.order_external_id
"""


def match_transactions(ids: Collection[int] | None = None) -> int:
    """Link what has an order by now; of some transactions, or of all that are unmatched. Return how many were linked.

    An order number changes nothing that was linked: it is the marketplace's key, and the order's as well.
    """
    if ids is not None and not ids:
        return 0
    with connection.cursor() as cursor:
        if ids is None:
            cursor.execute(_MATCH)
        else:
            cursor.execute(f"{_MATCH} AND moved.id = ANY(%s)", [sorted(ids)])
        return int(cursor.rowcount)


# Statements are drawn up after their period, and before the next one of a week is over. The bounds are at noon in UTC:
# wherever a shop is, the period's last day is over then or is not yet.
_NAME_STATEMENTS = """
    UPDATE orders_transaction AS moved SET statement_external_id = found.external_id
    FROM (
        SELECT waiting.shop_id, waiting.ends_on, min(statement.external_id) AS external_id
        FROM (
            SELECT DISTINCT moved.shop_id, moved.attributes ->> 'statement_period_ends_on' AS ends_on
            FROM orders_transaction AS moved WHERE {waiting}
        ) AS waiting
        JOIN orders_statement AS statement ON statement.shop_id = waiting.shop_id
            AND statement.source_updated_at >= (waiting.ends_on || 'T12:00Z')::timestamptz
            AND statement.source_updated_at < (waiting.ends_on || 'T12:00Z')::timestamptz + interval '7 days'
        GROUP BY waiting.shop_id, waiting.ends_on HAVING count(*) = 1
    ) AS found
    WHERE moved.shop_id = found.shop_id AND moved.attributes ->> 'statement_period_ends_on' = found.ends_on
      AND {waiting}
"""
_WAITING = "moved.statement_external_id = '' AND moved.attributes ? 'statement_period_ends_on'"


def match_statements(ids: Collection[int] | None = None, *, shop_id: int | None = None) -> int:
    """Write the number of their statement to transactions that only name its period, where exactly one fits.

    Of some transactions, of a shop's, or of all. Return how many.
    """
    if ids is not None and not ids:
        return 0
    waiting, wanted = _WAITING, dict[str, Any]()
    if ids is not None:
        waiting, wanted = f"{waiting} AND moved.id = ANY(%(ids)s)", {"ids": sorted(ids)}
    elif shop_id is not None:
        waiting, wanted = f"{waiting} AND moved.shop_id = %(shop)s", {"shop": shop_id}
    with connection.cursor() as cursor:
        cursor.execute(_NAME_STATEMENTS.format(waiting=waiting), wanted)
        return int(cursor.rowcount)
