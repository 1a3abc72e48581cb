"""The real tables, filled and emptied for the benches, and the ways to fill them that the writer is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

import orjson
from django.db import connection, transaction

from backoffice.common.ingest import Origin
from backoffice.common.payloads import digest, dump_payload
from backoffice.common.upsert import Row, copy_rows, table_of
from benchmarks.payloads import make_page
from orders.ingest import ingest_orders
from orders.ingest import orders as ingest
from orders.models import Order, OrderLine, OrderPayload, Package
from shops.marketplaces.records import OrderRecord
from shops.marketplaces.tiktok.mapping.orders import map_order
from shops.models import MarketplaceApp, Shop

BATCH = 300
ORIGIN = Origin("poll", datetime(2026, 8, 2, tzinfo=UTC), 1)


def get_bench_shop() -> Shop:
    """Return the one shop that all rows belong to."""
    app, _ = MarketplaceApp.objects.get_or_create(
        marketplace="tiktok", app_key="bench", defaults={"name": "Bench", "app_secret": "none"}
    )
    shop, _ = Shop.objects.get_or_create(
        app=app, marketplace="tiktok", region="VN", external_id="bench", defaults={"name": "Bench"}
    )
    return shop


def make_records(number: int) -> list[OrderRecord]:
    """Make so many orders as the connector delivers them."""
    payloads = orjson.loads(make_page(0, number))["data"]["orders"]
    return [record for record in map(map_order, payloads) if isinstance(record, OrderRecord)]


def empty_tables() -> None:
    """Remove all orders, with everything that refers to them."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE orders_order CASCADE")


def write_in_batches(shop: Shop, records: Sequence[OrderRecord]) -> None:
    """The product's way: batches of 300, each in a transaction of its own."""
    for start in range(0, len(records), BATCH):
        with transaction.atomic():
            ingest_orders(shop.pk, records[start : start + BATCH], ORIGIN)


@dataclass
class ReadyRows:
    """The same rows as tuples with ids given: the least that any writer has to send."""

    orders: list[Row]
    lines: list[Row]
    packages: list[Row]
    payloads: list[Row]

    def copy(self) -> None:
        """Copy all of them in one transaction."""
        with transaction.atomic():
            copy_rows(table_of(Order), ("id", *ingest.ORDER_TARGET.columns), self.orders)
            copy_rows(table_of(OrderLine), ("id", *ingest.LINES.target.columns), self.lines)
            copy_rows(table_of(Package), ("id", *ingest.PACKAGES.target.columns), self.packages)
            copy_rows(
                table_of(OrderPayload), ("id", "order_id", "received_at", "source", "run_id", "payload"), self.payloads
            )


def make_ready_rows(shop: Shop, records: Sequence[OrderRecord]) -> ReadyRows:
    """Prepare the rows of a bare COPY."""
    rows = ReadyRows([], [], [], [])
    line_ids, package_ids = count(1), count(1)
    for order_id, record in enumerate(records, start=1):
        payload = dump_payload(record.payload)
        rows.orders.append((order_id, *ingest.order_row(shop.pk, record, digest(payload), ORIGIN)))
        rows.lines += [(next(line_ids), *ingest.LINES.make_row(order_id, line)) for line in record.lines]
        rows.packages += [
            (next(package_ids), *ingest.PACKAGES.make_row(order_id, item)) for item in record.packages or ()
        ]
        rows.payloads.append((order_id, order_id, ORIGIN.stored_at, "poll", 1, payload.decode()))
    return rows
