"""One table: what can be synced, and for each resource how it is stored, cut into windows and compared."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from aftersales.ingest import ingest_returns
from aftersales.models import SyncedReturn
from backoffice.common.errors import NotPossible
from backoffice.common.ingest import Ingested, Origin
from orders.ingest import ingest_orders, ingest_products, ingest_shipments, ingest_transactions
from orders.models import Order, Product, Shipment, Transaction
from orders.queries.statement_sums import list_whole_statements
from shops.marketplaces.records import Resource, Stub

ALL_TIME = timedelta(days=3_650)  # products of a shop may have been there for years without a change


class UnknownResource(NotPossible):
    """Nothing of this name can be synced."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One resource of a shop. The functions keep their callers free of tables.

    `ingest` writes one batch inside the caller's transaction. `rows` are all that is stored, each row with a shop, an
    `external_id`, a `source_updated_at` and `is_valid`; `more_rows` are those of what else the stream brings.
    `get_chunk` is the longest window of one chunk unless the marketplace's lists take less; `get_depth` is how far back
    a shop is read at first, and, with the marketplace's code, how far a full sync of its shops goes. `word` is the
    column in which a row says "unknown" where the marketplace's own word has no meaning here.
    """

    resource: Resource
    ingest: Callable[[int, Sequence[Any], Origin], Ingested]
    rows: Callable[[], QuerySet[Any]]
    get_batch_size: Callable[[], int]
    get_chunk: Callable[[], timedelta]
    get_depth: Callable[[str], timedelta]
    more_rows: Callable[[], Sequence[QuerySet[Any]]] = tuple
    word: str = "status"

    def count_stored(self, shop_id: int, start: datetime, end: datetime) -> int:
        """Count what is stored of a shop with a time of change in [start, end)."""
        changed = {"source_updated_at__gte": start, "source_updated_at__lt": end}
        return self.rows().filter(shop_id=shop_id, **changed).count()

    def list_unknown(self) -> QuerySet[Any]:
        """List the rows whose status, or kind, is a word that nobody here knows; a small index finds them."""
        return self.rows().filter(**{self.word: "unknown"})

    def list_stored(self, shop_id: int) -> QuerySet[Any]:
        """List a shop's rows."""
        return self.rows().filter(shop_id=shop_id)

    def list_known(self, shop_id: int, stubs: Collection[Stub]) -> set[str]:
        """Return which of the stubs need not be completed: what they name is stored, makes sense, and is not older."""
        dated = {stub.external_id: stub.source_updated_at for stub in stubs if stub.source_updated_at is not None}
        if not dated:
            return set()
        known: set[str] = set()
        for rows in (self.rows(), *self.more_rows()):
            stored = rows.filter(shop_id=shop_id, external_id__in=dated, is_valid=True, source_updated_at__isnull=False)
            if rows.model is self.rows().model:
                stored = stored.exclude(**{self.word: "unknown"})
            times = stored.values_list("external_id", "source_updated_at")
            known |= {external_id for external_id, changed_at in times if changed_at >= dated[external_id]}
        return known


def _full_depth(marketplace: str) -> timedelta:
    return timedelta(days=settings.TEMU_FULL_SYNC_DAYS if marketplace == "temu" else settings.FULL_SYNC_DAYS)


def _chunk_days() -> timedelta:
    return timedelta(days=settings.SYNC_CHUNK_DAYS)


STREAMS: Mapping[str, Stream] = {
    stream.resource.value: stream
    for stream in (
        Stream(
            resource=Resource.ORDERS,
            ingest=ingest_orders,
            rows=Order.objects.all,
            get_batch_size=lambda: settings.SYNC_BATCH_SIZE_ORDERS,
            get_chunk=_chunk_days,
            get_depth=_full_depth,
        ),
        Stream(
            resource=Resource.PRODUCTS,
            ingest=ingest_products,
            rows=Product.objects.all,
            get_batch_size=lambda: settings.SYNC_BATCH_SIZE_PRODUCTS,
            get_chunk=lambda: ALL_TIME,
            get_depth=lambda marketplace: ALL_TIME,
        ),
        Stream(
            resource=Resource.SHIPMENTS,
            ingest=ingest_shipments,
            rows=Shipment.objects.all,
            get_batch_size=lambda: settings.SYNC_BATCH_SIZE_SHIPMENTS,
            get_chunk=_chunk_days,
            get_depth=_full_depth,
        ),
        Stream(
            resource=Resource.RETURNS,
            ingest=ingest_returns,
            rows=SyncedReturn.objects.all,
            get_batch_size=lambda: settings.SYNC_BATCH_SIZE_RETURNS,
            get_chunk=lambda: timedelta(days=settings.SYNC_RETURNS_CHUNK_DAYS),
            get_depth=_full_depth,
        ),
        Stream(
            resource=Resource.TRANSACTIONS,
            ingest=ingest_transactions,
            rows=Transaction.objects.all,
            word="kind",
            more_rows=lambda: (list_whole_statements(),),  # known with all of their transactions only
            get_batch_size=lambda: settings.SYNC_BATCH_SIZE_TRANSACTIONS,
            get_chunk=lambda: timedelta(days=settings.SYNC_TRANSACTIONS_CHUNK_DAYS),
            get_depth=_full_depth,
        ),
    )
}


def get_stream(resource: str) -> Stream:
    """Return the stream of a resource; raises UnknownResource with what there is."""
    try:
        return STREAMS[resource]
    except KeyError:
        raise UnknownResource(f"Nothing is called {resource!r} here; there are: {', '.join(STREAMS)}.") from None
