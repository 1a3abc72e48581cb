"""One shop's orders from the sandbox into the tables: as the product does it, and with Django's own means.

Each way reads the same pages over HTTP with the same client and mapping, and writes the same rows. It returns how
many orders it stored and how many seconds that took.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import islice

from backoffice.common import clock
from benchmarks import orm_ways
from benchmarks.tables import BATCH
from orders.models import Order
from shops.marketplaces.contract import Connector, ListQuery
from shops.marketplaces.records import OrderRecord, Page, Resource, Window
from shops.models import Shop
from shops.tokens import open_connection
from syncjobs.engine.worker import work_on_run
from syncjobs.models import RunKind, RunState, Trigger
from syncjobs.services import start_run

DEPTH = timedelta(days=8)  # more than the world is old
Timed = tuple[int, float]


def sync(shop: Shop) -> Timed:
    """Sync with the product: a run, its chunks with leases and counts, one worker."""
    started = clock.monotonic_seconds()
    run = start_run(shop, kind=RunKind.FULL, trigger=Trigger.COMMAND)
    assert run is not None
    work_on_run(run.pk, seconds=3_600)
    seconds = clock.monotonic_seconds() - started
    run.refresh_from_db()
    assert run.state == RunState.DONE, run.reason
    return Order.objects.count(), seconds


def bulk_create(shop: Shop) -> Timed:
    """Read batches of 300 and upsert each with `bulk_create(update_conflicts=True)`."""
    started = clock.monotonic_seconds()
    records = read_orders(shop)
    while batch := list(islice(records, BATCH)):
        orm_ways.bulk_create(shop, batch)
    seconds = clock.monotonic_seconds() - started
    return Order.objects.count(), seconds


def update_or_create(shop: Shop, orders: int) -> Timed:
    """Read so many orders, and write each with `update_or_create`."""
    started = clock.monotonic_seconds()
    orm_ways.update_or_create(shop, islice(read_orders(shop), orders))
    seconds = clock.monotonic_seconds() - started
    return Order.objects.count(), seconds


def read_orders(shop: Shop) -> Iterator[OrderRecord]:
    """Read the pages of one window that holds everything, one after another."""
    connection = open_connection(shop)
    now = clock.now()
    query = ListQuery(Resource.ORDERS, Window(now - DEPTH, now))
    token = ""
    while True:
        page = connection.call(partial(_fetch, query=query, token=token))
        yield from page.records
        token = page.next_token
        if not token:
            return


def _fetch(connector: Connector, query: ListQuery, token: str) -> Page[OrderRecord]:
    return connector.fetch_page(query, token)
