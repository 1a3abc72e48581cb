"""Works on one chunk: page by page, batch by batch, until its whole window is stored.

The runner never computes dates and never moves a watermark. Memory holds one batch and the ids of one window. Anything
that stops it leaves the chunk to be read again from its start: every step can be repeated without harm.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db import connection as db_connection
from psycopg.errors import DeadlockDetected

from backoffice.common import clock
from backoffice.common.errors import BackofficeError, NotPossible
from backoffice.common.payloads import digest, dump_payload
from backoffice.common.stopping import is_stopping
from orders.choices import PayloadSource
from orders.ingest import Origin
from orders.queries import count_recent_orders
from shops.connections import Postponed, ShopConnection
from shops.marketplaces.contract import OrderQuery
from shops.marketplaces.errors import Action, MarketplaceError
from shops.marketplaces.records import OrderRecord, OrderStatus, Page, UnreadableRecord, Window
from shops.tokens import mark_needs_reauthorisation, open_connection
from syncjobs import leases
from syncjobs.intake import store_orders
from syncjobs.models import Chunk, RunKind

log = structlog.get_logger(__name__)

READINGS_OF_A_WINDOW = 3  # a list that shifts while it is read shows fewer orders than it counts
WRITINGS_OF_A_BATCH = 3  # of two writers in a deadlock one goes on, so that the next writing mostly succeeds
READINGS_OF_A_BAD_PAGE = 3  # a page with records that cannot be read is asked for again
ROWS_THAT_MAKE_ZERO_SUSPICIOUS = 20
RETRY_CHUNK_AFTER = timedelta(seconds=30)  # doubled with each try


WAITS_FOR_DATABASE_SECONDS = (1, 2, 4, 8, 16)


class WindowIncomplete(BackofficeError):
    """The marketplace counts more orders in the window than its pages showed, reading after reading."""


class ChunkTooLong(BackofficeError):
    """A chunk took longer than any chunk may."""


class Stopping(Exception):
    """The process was asked to end; the chunk goes back as due."""


@dataclass
class _Batch:
    records: list[OrderRecord] = field(default_factory=list)
    unreadable: list[UnreadableRecord] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.records) + len(self.unreadable)


def work_on_chunk(chunk: Chunk, owner: str) -> None:
    """Read a claimed chunk to its end; leave it done, due again or failed, whatever it met."""
    try:
        _read_or_give_back(chunk, owner)
    except leases.LeaseLost as error:  # whoever holds the chunk now decides about it
        log.warning("chunk_lost", chunk=chunk.pk, reason=str(error))


def _read_or_give_back(chunk: Chunk, owner: str) -> None:
    try:
        connection = open_connection(chunk.run.shop)
        try:
            _Reader(chunk, owner, connection).read_window()
        finally:  # the calls of a window that failed were made all the same
            leases.keep(chunk, owner, connection.counts.take())
        leases.finish(chunk, owner)
    except leases.LeaseLost:
        raise
    except Stopping:
        leases.give_back(chunk, owner, error="", due_at=clock.now(), counts_as_try=False)
    except Postponed as wait:
        due_at = clock.now() + timedelta(seconds=wait.seconds)
        leases.give_back(chunk, owner, error=wait.reason, due_at=due_at, counts_as_try=False)
    except MarketplaceError as error:
        is_last_try = chunk.attempt_count >= settings.SYNC_MAX_ATTEMPTS
        # A token that is refused try after try, although it can be renewed, is as dead as one that cannot.
        if error.action == Action.REAUTHORISE or (error.action == Action.REFRESH_TOKEN and is_last_try):
            mark_needs_reauthorisation(chunk.run.shop_id, error)
        _end_after(chunk, owner, f"{error} {error.advice}", final=error.action in (Action.GIVE_UP, Action.REAUTHORISE))
    except NotPossible as error:
        leases.fail(chunk, owner, str(error))
    except Exception as error:
        log.exception("chunk_failed", chunk=chunk.pk, run=chunk.run_id)
        _end_after(chunk, owner, f"{type(error).__name__}: {error}", final=False)


def _end_after(chunk: Chunk, owner: str, error: str, *, final: bool) -> None:
    """Give the chunk back, or fail it. If the database is what failed, wait for it; at last the lease runs out."""
    for wait_seconds in WAITS_FOR_DATABASE_SECONDS:
        try:
            if final or chunk.attempt_count >= settings.SYNC_MAX_ATTEMPTS:
                leases.fail(chunk, owner, error)
            else:
                due_at = clock.now() + RETRY_CHUNK_AFTER * 2 ** (chunk.attempt_count - 1)
                leases.give_back(chunk, owner, error=error, due_at=due_at)
        except (OperationalError, InterfaceError):
            db_connection.close()
            clock.sleep(wait_seconds)
        else:
            return


class _Reader:
    """Reads one chunk's window into the tables."""

    def __init__(self, chunk: Chunk, owner: str, connection: ShopConnection) -> None:
        self.chunk = chunk
        self.owner = owner
        self.connection = connection
        self.connection.on_attempt = self._before_each_call
        self.started_at = clock.now()
        self.doubtful_for_good: set[bytes] = set()
        self.window = Window(chunk.window_start, chunk.window_end)
        status = chunk.run.status_filter
        raw_statuses = connection.connector.raw_statuses(status) if status else ("",)
        if not raw_statuses:
            raise NotPossible(
                f"{chunk.run.shop.get_marketplace_display()} cannot search for orders in status {status!r}."
            )
        self.queries = [OrderQuery(self.window, raw) for raw in raw_statuses]

    def read_window(self) -> None:
        """Store everything in the window, for each status asked for."""
        for query in self.queries:
            self._read_until_complete(query)

    def _read_until_complete(self, query: OrderQuery) -> None:
        """Read the list; again where it showed fewer orders than it counts, or nothing where something is likely."""
        for reading in range(1, READINGS_OF_A_WINDOW + 1):
            seen, counted, most_counted = self._read_list(query)
            if not seen and reading == 1 and self._is_zero_suspicious():
                continue
            if seen >= most_counted or not settings.SYNC_VERIFY_TOTALS:
                return
            if seen >= counted and reading > 1:
                return
            log.warning("window_shifted", chunk=self.chunk.pk, seen=seen, counted=counted, reading=reading)
        raise WindowIncomplete(
            f"The marketplace counts {counted} orders in this window but showed {seen} in each of "
            f"{READINGS_OF_A_WINDOW} readings. Nothing was marked as read; the window is tried again. "
            "If its counts are known to be wrong, set SYNC_VERIFY_TOTALS=false."
        )

    def _read_list(self, query: OrderQuery) -> tuple[int, int, int]:
        """Read all pages once; return how many different orders were seen, and the last and the largest total.

        An order that is updated while we read leaves this window for the next one, and the last total with it. If
        pages are cut by position, another order then slips past between two pages unseen; nothing tells the two cases
        apart. So a total that fell is reason for one more reading, and the last total is what must be seen in any.
        """
        seen: set[int] = set()
        unreadable = counted = most_counted = 0
        batch = _Batch()
        for page in self._pages(query):
            seen.update(hash(record.external_id) for record in page.records)
            unreadable += len(page.unreadable)
            counted = page.total_count or 0
            most_counted = max(counted, most_counted)
            batch.records += page.records
            batch.unreadable += page.unreadable
            if len(batch) >= settings.SYNC_BATCH_SIZE_ORDERS:
                self._store(batch)
                batch = _Batch()
        self._store(batch)
        return len(seen) + unreadable, counted, most_counted

    def _pages(self, query: OrderQuery) -> Iterator[Page[OrderRecord]]:
        token = ""
        tokens_used = {token}
        spacing = self.chunk.run.shop.app.page_spacing_seconds
        while True:
            page = self._read_page(query, token)
            yield page
            token = page.next_token
            if not token:
                return
            if token in tokens_used:
                raise WindowIncomplete("The list leads back to a page that was read already; it would never end.")
            tokens_used.add(token)
            clock.sleep(spacing)

    def _read_page(self, query: OrderQuery, token: str) -> Page[OrderRecord]:
        """Read a page; one with records that make no sense is asked for again, as such faults often pass.

        The readings are put together: every record that was readable once, and as many unreadable ones as remain.
        """
        page = first = self._fetch(query, token)
        records = list(first.records)
        for _ in range(READINGS_OF_A_BAD_PAGE - 1):
            doubtful = _doubtful(page) - self.doubtful_for_good
            if not doubtful:
                break
            page = self._fetch(query, token)
            records += page.records
            self.doubtful_for_good |= doubtful & _doubtful(page)
        missing = len(first.records) + len(first.unreadable) - len({record.external_id for record in records})
        return replace(page, records=tuple(records), unreadable=first.unreadable[: max(0, missing)])

    def _fetch(self, query: OrderQuery, token: str) -> Page[OrderRecord]:
        return self.connection.call(lambda connector: connector.fetch_order_page(query, token))

    def _is_zero_suspicious(self) -> bool:
        """Whether the day before this window makes 20 or more orders likely in it."""
        run = self.chunk.run
        if run.kind != RunKind.INCREMENTAL:
            return False
        day = timedelta(days=1)
        before = count_recent_orders(run.shop_id, self.window.start - day, self.window.start)
        return before * ((self.window.end - self.window.start) / day) >= ROWS_THAT_MAKE_ZERO_SUSPICIOUS

    def _store(self, batch: _Batch) -> None:
        """Write a batch; again where the database ended it for a deadlock with another writer of the same orders."""
        origin = Origin(PayloadSource.POLL, clock.now(), self.chunk.run_id)
        calls = self.connection.counts.take()
        for writing in range(1, WRITINGS_OF_A_BATCH + 1):
            try:
                with transaction.atomic():  # a worker that lost its lease stores nothing
                    stored = store_orders(self.chunk.run.shop_id, batch.records, batch.unreadable, origin)
                    leases.keep(self.chunk, self.owner, {**vars(stored), **calls})
            except OperationalError as error:
                if writing == WRITINGS_OF_A_BATCH or not isinstance(error.__cause__, DeadlockDetected):
                    raise
            else:
                return

    def _before_each_call(self) -> None:
        if is_stopping():
            raise Stopping
        if clock.now() - self.started_at > timedelta(seconds=settings.SYNC_CHUNK_TIMEOUT_SECONDS):
            raise ChunkTooLong(
                f"The chunk was not read within {settings.SYNC_CHUNK_TIMEOUT_SECONDS} s (SYNC_CHUNK_TIMEOUT_SECONDS). "
                "Make chunks shorter with SYNC_CHUNK_DAYS, or allow more time."
            )
        leases.keep(self.chunk, self.owner)


def _doubtful(page: Page[OrderRecord]) -> set[bytes]:
    """Return what stands for the page's records that are unreadable, invalid or of a status nobody knows."""
    doubtful = {digest(dump_payload(record.payload)) for record in page.unreadable}
    for record in page.records:
        if not record.is_valid or record.status is OrderStatus.UNKNOWN:
            doubtful.add(digest(dump_payload(record.payload)))
    return doubtful
