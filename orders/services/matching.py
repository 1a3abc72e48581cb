"""Links transactions to their orders, by the number that they name: whichever of the two comes later, both find it."""

from collections.abc import Collection

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
