"""One table: what can be synced, and for each resource how it is fetched, stored and cut."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from backoffice.common.errors import NotPossible
from orders.ingest import Ingested, Origin, ingest_orders
from orders.models import Order
from orders.queries import count_recent_orders
from shops.marketplaces.contract import Connector, OrderQuery
from shops.marketplaces.records import Page, Payload, UnreadableRecord


class UnknownResource(NotPossible):
    """Nothing of this name can be synced."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One resource of a shop. The functions keep their callers free of marketplaces and tables.

    `fetch_page` makes one call; `ingest` writes one batch inside the caller's transaction; `map_payload` maps a kept
    payload again without a call; `count_stored` counts what is stored of a shop with an update time in [start, end).
    `longest_window` is the longest that the marketplaces' calls take. `fetch_by_ids` asks for up to
    `get_ids_limit(connector)` records in one call; `list_stored` gives a shop's rows, each with an `external_id` and a
    `source_updated_at`.
    """

    resource: str
    fetch_page: Callable[[Connector, OrderQuery, str], Page[Any]]
    ingest: Callable[[int, Sequence[Any], Origin], Ingested]
    map_payload: Callable[[Connector, Payload], Any | UnreadableRecord]
    count_stored: Callable[[int, datetime, datetime], int]
    get_batch_size: Callable[[], int]
    longest_window: timedelta
    fetch_by_ids: Callable[[Connector, Sequence[str]], Page[Any]]
    get_ids_limit: Callable[[Connector], int]
    list_stored: Callable[[int], QuerySet[Any]]


STREAMS: Mapping[str, Stream] = {
    "orders": Stream(
        resource="orders",
        fetch_page=lambda connector, query, token: connector.fetch_order_page(query, token),
        ingest=ingest_orders,
        map_payload=lambda connector, payload: connector.map_order(payload),
        count_stored=count_recent_orders,
        get_batch_size=lambda: settings.SYNC_BATCH_SIZE_ORDERS,
        longest_window=timedelta(days=365),
        fetch_by_ids=lambda connector, external_ids: connector.fetch_orders_by_id(external_ids),
        get_ids_limit=lambda connector: connector.order_details_limit,
        list_stored=lambda shop_id: Order.objects.filter(shop_id=shop_id),
    ),
}


def get_stream(resource: str) -> Stream:
    """Return the stream of a resource; raises UnknownResource with what there is."""
    try:
        return STREAMS[resource]
    except KeyError:
        raise UnknownResource(f"Nothing is called {resource!r} here; there are: {', '.join(STREAMS)}.") from None
