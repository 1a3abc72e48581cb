"""Lines of marketplaces' cases as their returns list them, and cases linked to orders: whichever of two comes later.

A return names its order by number, and its lines by the order line's number or, on Shopee, by the product's variant
alone: then the one line of the order that has this variant is meant.
"""

from collections.abc import Collection
from typing import Any

from django.db import connection, transaction

from backoffice.common import clock

AT_ONCE = 1_000  # cases that one transaction links: some 50 ms

# What was asked for at first stays; pieces can become more, as an invalid reading may have told of fewer.
_WRITE_LINES = """
    INSERT INTO order_aftersales_line AS old (
        case_id, external_id, order_line_external_id, quantity, requested_quantity, requested_amount, amount,
        product_external_id, sku_external_id, seller_sku, product_name, sku_name, image_url, holds_line
    )
    SELECT moved.id, told.external_id, told.order_line_external_id, told.quantity, told.quantity, told.refund_amount,
        told.refund_amount, told.product_external_id, told.sku_external_id, told.seller_sku, told.product_name,
        '', '', false
    FROM order_aftersales AS moved
    JOIN aftersales_syncedreturnline AS told ON told.synced_return_id = moved.synced_return_id
    WHERE moved.id = ANY(%(ids)s)
    ORDER BY moved.id, told.id
    ON CONFLICT (case_id, external_id) DO UPDATE SET
        order_line_external_id = coalesce(nullif(excluded.order_line_external_id, ''), old.order_line_external_id),
        quantity = excluded.quantity,
        requested_quantity = greatest(old.requested_quantity, excluded.quantity),
        requested_amount = coalesce(old.requested_amount, excluded.amount),
        amount = excluded.amount,
        product_external_id = excluded.product_external_id,
        sku_external_id = excluded.sku_external_id,
        seller_sku = excluded.seller_sku,
        product_name = coalesce(nullif(excluded.product_name, ''), old.product_name)
    WHERE (old.quantity, old.amount, old.product_external_id, old.sku_external_id, old.seller_sku) IS DISTINCT FROM
        (excluded.quantity, excluded.amount, excluded.product_external_id, excluded.sku_external_id,
         excluded.seller_sku)
        OR excluded.order_line_external_id NOT IN ('', old.order_line_external_id)
        OR excluded.product_name NOT IN ('', old.product_name)
"""
_REMOVE_LINES = """
    DELETE FROM order_aftersales_line AS gone USING order_aftersales AS moved
    WHERE moved.id = ANY(%(ids)s) AND gone.case_id = moved.id AND NOT EXISTS (
        SELECT FROM aftersales_syncedreturnline AS told
        WHERE told.synced_return_id = moved.synced_return_id AND told.external_id = gone.external_id
    )
"""
# Cases are locked in the order of their ids, as by everybody; one that somebody moves now is linked the next time.
_LINK = """
    WITH found AS (
        SELECT moved.id, place.id AS order_id
        FROM order_aftersales AS moved
        JOIN orders_order AS place ON place.shop_id = moved.shop_id AND place.external_id = moved.order_external_id
        WHERE moved.order_id IS NULL AND moved.order_external_id <> '' {wanted}
        ORDER BY moved.id LIMIT %(limit)s FOR UPDATE OF moved SKIP LOCKED
    )
    UPDATE order_aftersales AS moved SET order_id = found.order_id, updated_at = %(now)s
    FROM found WHERE moved.id = found.id
    RETURNING moved.id
"""
_LINK_LINES = """
    UPDATE order_aftersales_line AS moved SET
        order_id = found.order_id,
        order_line_external_id = coalesce(found.external_id, moved.order_line_external_id),
        ordered_quantity = found.quantity,
        unit_price = found.price,
        product_name = coalesce(nullif(moved.product_name, ''), found.product_name, ''),
        sku_name = coalesce(found.sku_name, ''),
        image_url = coalesce(found.image_url, '')
    FROM (
        SELECT claimed.id, named.order_id, place.external_id, place.quantity, place.price, place.product_name,
            place.sku_name, place.image_url
        FROM order_aftersales AS named
        JOIN order_aftersales_line AS claimed ON claimed.case_id = named.id
        LEFT JOIN LATERAL (
            SELECT min(line.external_id) AS external_id, min(line.quantity) AS quantity, min(line.price) AS price,
                min(line.product_name) AS product_name, min(line.sku_name) AS sku_name, min(line.image_url) AS image_url
            FROM orders_orderline AS line
            WHERE line.order_id = named.order_id AND (
                line.external_id = claimed.order_line_external_id
                OR (claimed.order_line_external_id = '' AND claimed.sku_external_id <> ''
                    AND line.sku_external_id = claimed.sku_external_id)
            )
            HAVING count(*) = 1
        ) AS place ON true
        WHERE named.id = ANY(%(ids)s) AND named.order_id IS NOT NULL
    ) AS found
    WHERE moved.id = found.id AND (
        moved.order_id IS DISTINCT FROM found.order_id OR (found.external_id IS NOT NULL AND
            (moved.order_line_external_id, moved.ordered_quantity, moved.unit_price)
            IS DISTINCT FROM (found.external_id, found.quantity, found.price))
    )
"""


def write_lines(case_ids: Collection[int], *, known: Collection[int]) -> None:
    """Write the lines of marketplaces' cases as their returns list them, in the caller's transaction.

    `known` are those of them that may have lines already.
    """
    if known:
        _run(_REMOVE_LINES, {"ids": sorted(known)})
    _run(_WRITE_LINES, {"ids": sorted(case_ids)})


def link_cases(case_ids: Collection[int]) -> None:
    """Link these cases and their lines to their orders, as far as those are here, in the caller's transaction."""
    ids = sorted(case_ids)
    _run(_LINK.format(wanted="AND moved.id = ANY(%(ids)s)"), {"ids": ids, "limit": len(ids), "now": clock.now()})
    _run(_LINK_LINES, {"ids": ids})


def link_waiting_cases() -> int:
    """Link all cases whose order came after them; return how many. A small index holds those without an order."""
    linked_count = 0
    while True:
        with transaction.atomic():
            ids = _run(_LINK.format(wanted=""), {"limit": AT_ONCE, "now": clock.now()})
            _run(_LINK_LINES, {"ids": ids})
        linked_count += len(ids)
        if len(ids) < AT_ONCE:
            return linked_count


def _run(statement: str, parameters: dict[str, Any]) -> list[int]:
    """Carry out a statement; return the ids that it gives back, if it gives any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()] if cursor.description else []
