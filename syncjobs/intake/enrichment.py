"""Makes the tasks of orders that are on their way without a package number, in the transaction that stored them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, transaction

from backoffice.common.fast_queue import FastQueue
from orders.models import Order, OrderLine, Package, Shipment
from shops.marketplaces.records import OrderRecord, OrderStatus
from shops.models import Shop
from syncjobs.models import EnrichmentPriority, EnrichmentTask

QUEUE = FastQueue("enrichment")

# Some of it has been handed over, so that a package number exists or will soon.
ON_ITS_WAY: tuple[OrderStatus, ...] = (
    OrderStatus.PARTIALLY_SHIPPED,
    OrderStatus.AWAITING_COLLECTION,
    OrderStatus.IN_TRANSIT,
    OrderStatus.DELIVERED,
    OrderStatus.COMPLETED,
)

# The parcels of the batch are looked up at once: order by order, a plan made while there were few would read all of a
# shop's parcels for each.
_CREATE = f"""
WITH asked AS MATERIALIZED (
    SELECT value::varchar AS number FROM jsonb_array_elements_text(%(numbers)s::jsonb)
), packed AS MATERIALIZED (
    SELECT DISTINCT unnest(order_external_ids) AS number FROM {Shipment._meta.db_table}
    WHERE shop_id = %(shop_id)s AND order_external_ids && ARRAY(SELECT number FROM asked)
)
INSERT INTO {EnrichmentTask._meta.db_table} (
    shop_id, order_id, parent_order_sn, order_ids, status, package_sns, error_message, cause, retry_count, max_retries,
    looks, priority, deadline_at, next_try_at, created_at, lease_owner
)
SELECT
    "order".shop_id, "order".id, "order".external_id,
    ARRAY(SELECT external_id FROM {OrderLine._meta.db_table} WHERE order_id = "order".id),
    'pending', '{{}}', '', '', 0, %(max_retries)s, 0, %(priority)s,
    CASE "order".status
        WHEN 'partially_shipped' THEN ship_by_at WHEN 'awaiting_collection' THEN collect_by_at
        WHEN 'in_transit' THEN deliver_by_at
    END,
    %(now)s, %(now)s, ''
FROM asked
JOIN {Order._meta.db_table} AS "order" ON "order".shop_id = %(shop_id)s AND "order".external_id = asked.number
WHERE "order".status = ANY(%(statuses)s)
    AND NOT EXISTS (SELECT FROM {Package._meta.db_table} WHERE order_id = "order".id)
    AND NOT EXISTS (SELECT FROM packed WHERE packed.number = "order".external_id)
ORDER BY "order".id
ON CONFLICT (order_id) DO NOTHING
RETURNING id, parent_order_sn
"""  # noqa: S608  names of our own tables


def list_unnumbered(records: Iterable[Any]) -> list[str]:
    """List the orders of a batch that are on their way and told of no package."""
    return [
        record.external_id
        for record in records
        if type(record) is OrderRecord and record.status in ON_ITS_WAY and not record.packages
    ]


def create_enrichment_tasks(
    shop_id: int,
    order_numbers: Collection[str],
    now: datetime,
    priority: EnrichmentPriority = EnrichmentPriority.USUAL,
) -> int:
    """Make a task for each of these orders that is on its way, has no package here, and has no task yet.

    Runs inside the caller's transaction; workers hear of the tasks after its end. Return how many it were.
    """
    if not order_numbers or not is_enriched(shop_id):
        return 0
    wanted: dict[str, Any] = {
        "shop_id": shop_id,
        "numbers": orjson.dumps(sorted(set(order_numbers))).decode(),
        "statuses": [str(status) for status in ON_ITS_WAY],
        "max_retries": settings.ENRICHMENT_MAX_RETRIES,
        "priority": int(priority),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CREATE, wanted)
        items = [name_item(task_id, shop_id, number) for task_id, number in cursor.fetchall()]
    if items:
        transaction.on_commit(lambda: QUEUE.push(items))
    return len(items)


def is_enriched(shop_id: int) -> bool:
    """Whether orders of a shop are asked for package numbers: its own switch, and that of its marketplace."""
    return Shop.objects.filter(pk=shop_id, is_enriched=True, marketplace__in=settings.ENRICHMENT_MARKETPLACES).exists()


def name_item(task_id: int, shop_id: int, order_number: str) -> str:
    """Name a task in the queue: what a worker needs to lock it before it asks the database."""
    return f"{task_id}:{name_order(shop_id, order_number)}"


def name_order(shop_id: int, order_number: str) -> str:
    """Name an order among the locks and the cached states: the numbers of two shops may be the same."""
    return f"{shop_id}:{order_number}"
