"""Reads one chunk's window page by page into the tables. Knows the marketplace's lists, and nothing of leases' ends.

Memory holds one batch and the ids of one window. Every step can be repeated without harm.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from backoffice.common import clock
from backoffice.common.errors import BackofficeError, NotPossible
from backoffice.common.ingest import Origin
from backoffice.common.sources import PayloadSource
from backoffice.common.stopping import is_stopping
from shops.connections import Postponed, ShopConnection
from shops.marketplaces.contract import ListQuery
from shops.marketplaces.errors import Action, MarketplaceError, UnreadableAnswer
from shops.marketplaces.records import Page, Stub, Window
from syncjobs.engine.completing import CarefulCaller, Completer
from syncjobs.engine.outcomes import SetAside, Stopping
from syncjobs.engine.positions import Position, load_position
from syncjobs.engine.unknown_words import UnknownWords
from syncjobs.engine.writer import Batch, BatchWriter, sum_up
from syncjobs.models import Chunk, RunKind, Trigger
from syncjobs.streams import get_stream

log = structlog.get_logger(__name__)

READINGS_OF_A_WINDOW = 3  # a list that shifts while it is read shows fewer rows than it counts
ROWS_THAT_MAKE_ZERO_SUSPICIOUS = 20
PLACE_EVERY_SECONDS = 2  # a place has eight bytes for each order seen: 22 kB for a day of 2,700

DOORS = {
    Trigger.BACKFILL: PayloadSource.BACKFILL,
    Trigger.WEBHOOK: PayloadSource.WEBHOOK,
    Trigger.PERSON: PayloadSource.PERSON,
}


class WindowIncomplete(BackofficeError):
    """The marketplace counts more orders in the window than its pages showed, reading after reading."""


class ChunkTooLong(BackofficeError):
    """A chunk took longer than any chunk may."""


class ChunkReader:
    """Reads one chunk's window into the tables, from where it was left."""

    def __init__(
        self, chunk: Chunk, owner: str, connection: ShopConnection, note: Callable[[str], None] = lambda text: None
    ) -> None:
        self.chunk = chunk
        self.owner = owner
        self.connection = connection
        self.connection.on_attempt = self._before_each_call
        self.connection.announce(f"{chunk.run.resource}; chunk {chunk.pk}")
        self.note = note
        self.stream = get_stream(chunk.run.resource)
        self.position = self._find_position()
        self.caller = CarefulCaller(connection)
        self.batch = Batch()
        self.unknown_words = UnknownWords()
        self.writer = BatchWriter(chunk, owner)
        self.origin_of_run = DOORS.get(Trigger(chunk.run.trigger), PayloadSource.POLL)
        self.began_at = clock.monotonic_seconds()
        self.place_kept_at = self.began_at
        self.store_seconds = 0.0
        self.window = Window(chunk.window_start, chunk.window_end)
        self.queries = self._plan_lists()

    @property
    def worked_seconds(self) -> float:
        """How long this worker has had the chunk."""
        return clock.monotonic_seconds() - self.began_at

    def take_counts(self) -> dict[str, float]:
        """Return calls and seconds since this was last asked, in the words of a chunk's counts."""
        taken = {**self.connection.counts.take(), "store_seconds": self.store_seconds}
        self.store_seconds = 0.0
        return sum_up(self.writer.take_untold(), taken)

    def _find_position(self) -> Position:
        """Return where the chunk goes on; at its start where a release since then knows a step of it no more."""
        at = load_position(self.chunk)
        capability = self.connection.connector.capabilities[self.stream.resource]
        return at if {stub.step for stub in at.pending} <= capability.details.keys() else Position()

    def tell_unknown_words(self) -> None:
        """Note once which of the marketplace's words have no meaning here; their rows are stored as they are."""
        if text := str(self.unknown_words):
            self.note(text)
            self.unknown_words.forget()

    def _plan_lists(self) -> tuple[ListQuery, ...]:
        run = self.chunk.run
        queries = self.connection.connector.plan_lists(self.stream.resource, self.window, run.status_filter)
        if not queries:
            raise NotPossible(
                f"{run.shop.get_marketplace_display()} cannot search for {run.resource} in status "
                f"{run.status_filter!r}."
            )
        is_latest = self.chunk.window_end >= run.window_end
        return tuple(query for query in queries if query.is_windowed or is_latest)

    def read_window(self) -> None:
        """Store everything in the window, for each status asked for."""
        self._refuse_before_its_end()
        while self.position.query < len(self.queries):
            self._read_until_complete(self.queries[self.position.query])
            self.position = Position(query=self.position.query + 1)

    def _refuse_before_its_end(self) -> None:
        """Leave a window until it is over: where the clock of whoever planned it is ahead, changes are yet to come."""
        early_seconds = (self.window.end - clock.now()).total_seconds()
        if early_seconds > 0:
            raise Postponed(
                early_seconds + settings.SYNC_END_GUARD_SECONDS,
                "The window is not over by this machine's clock. Is that of the machine that planned it right?",
            )

    def store_rest(self) -> None:
        """Write what was read but not yet stored, so that the position is true."""
        if self.batch:
            self._store(self.batch)
            self.batch = Batch()

    def _read_until_complete(self, query: ListQuery) -> None:
        """Read the list; again where it showed fewer rows than it counts, or nothing where something is likely.

        An order that is updated while we read leaves this window for the next one, and the last total with it. If
        pages are cut by position, another order then slips past between two pages unseen; nothing tells the two cases
        apart. So a total that fell is reason for one more reading, and the last total is what must be seen in any.
        """
        while True:
            self._read_list(query)
            at = self.position
            suspicious_zero = not at.seen_count and at.reading == 1 and self._is_zero_suspicious()
            is_whole = at.seen_count >= at.most_counted or (at.seen_count >= at.counted and at.reading > 1)
            if not suspicious_zero and (is_whole or not settings.SYNC_VERIFY_TOTALS):
                return
            if at.reading >= READINGS_OF_A_WINDOW:
                raise WindowIncomplete(
                    f"The marketplace counts {at.counted} {self.stream.resource} in this window but showed "
                    f"{at.seen_count} in each of {READINGS_OF_A_WINDOW} readings. Nothing was marked as read; the "
                    "window is tried again. If its counts are known to be wrong, set SYNC_VERIFY_TOTALS=false."
                )
            self.note(f"Read again: {self._say_why(suspicious_zero)}.")
            log.warning("window_shifted", chunk=self.chunk.pk, seen=at.seen_count, counted=at.counted)
            at.begin_reading(at.reading + 1)

    def _say_why(self, is_suspicious_zero: bool) -> str:
        if is_suspicious_zero:
            return "nothing came where the day before makes 20 rows or more likely"
        return (
            f"the marketplace counts {self.position.most_counted} {self.stream.resource}, and showed "
            f"{self.position.seen_count}"
        )

    def _read_list(self, query: ListQuery) -> None:
        """Read the pages from the position to the end, storing batch after batch."""
        at = self.position
        if not at.token and not at.is_listed:  # from the start: nothing of this reading has been seen
            at.begin_reading(at.reading)
        completer = Completer(self.caller, self.stream.resource, at.pending)
        if not at.is_listed:
            for page in self._pages(query):
                # First of all: the position lies behind this page, whatever becomes of the next steps.
                at.pending += page.stubs
                self._add(page)
                self._drop_known(page.stubs)
                self._store_if_full()
                for completed in completer.complete_full():
                    self._take(completed)
        for completed in completer.complete_all():
            self._take(completed)
        self.store_rest()

    def _take(self, page: Page[Any]) -> None:
        """Put what completes a list on its way into the tables."""
        self._add(page)
        self._store_if_full()

    def _add(self, page: Page[Any]) -> None:
        self.unknown_words.take(page.records)
        self.batch.records += page.records
        self.batch.unreadable += page.unreadable

    def _store_if_full(self) -> None:
        if len(self.batch) >= self.stream.get_batch_size():
            self.store_rest()

    def _drop_known(self, stubs: Sequence[Stub]) -> None:
        """Leave out of what waits what is stored already as the list describes it."""
        try:
            known = self.stream.list_known(self.chunk.run.shop_id, stubs)
        except (DatabaseError, InterfaceError) as error:
            self.writer.bear(error)
            return
        done = {id(stub) for stub in stubs if stub.external_id in known}
        self.position.pending[:] = [stub for stub in self.position.pending if id(stub) not in done]

    def _pages(self, query: ListQuery) -> Iterator[Page[Any]]:
        spacing = self.chunk.run.shop.app.page_spacing_seconds
        tokens_used = {self.position.token}
        while True:
            page = self._read_first_kept(query) if len(tokens_used) == 1 else self._read_page(query)
            at = self.position
            at.see((*(row.external_id for row in (*page.records, *page.stubs)), *page.passed_ids))
            at.unreadable += len(page.unreadable)
            at.counted = page.total_count or 0
            at.most_counted = max(at.counted, at.most_counted)
            # The position moves before the batch is written: whoever keeps it writes the rest first (store_rest).
            at.token, at.is_listed = page.next_token, not page.next_token
            yield page
            if not page.next_token:
                return
            if page.next_token in tokens_used:
                raise WindowIncomplete("The list leads back to a page that was read already; it would never end.")
            tokens_used.add(page.next_token)
            self._rest_between_pages(spacing)

    def _read_first_kept(self, query: ListQuery) -> Page[Any]:
        """Read the first page of this worker; where a kept page is refused or makes no sense, the list from its start.

        A list that became shorter while its page was kept counts rows that it shows no more.
        """
        try:
            return self._read_page(query)
        except MarketplaceError as error:
            is_of_no_use = error.action == Action.GIVE_UP or isinstance(error, UnreadableAnswer)
            if not self.position.token or not is_of_no_use:
                raise
            self.note(f"The kept page cannot be read any more ({error}); the list is read from its start.")
            self.position.begin_reading(self.position.reading)
            return self._read_page(query)

    def _rest_between_pages(self, spacing_seconds: int) -> None:
        """Pause as the app asks; and make room for others after a job's time."""
        if is_stopping():
            raise Stopping
        if self.worked_seconds >= settings.SYNC_JOB_SECONDS:
            raise SetAside
        clock.sleep(spacing_seconds)

    def _read_page(self, query: ListQuery) -> Page[Any]:
        return self.caller.read(
            lambda connector: connector.fetch_page(query, self.position.token), self.stream.resource
        )

    def _is_zero_suspicious(self) -> bool:
        """Whether the day before this window makes 20 or more orders likely in it."""
        run = self.chunk.run
        if run.kind != RunKind.INCREMENTAL:
            return False
        day = timedelta(days=1)
        before = self.stream.count_stored(run.shop_id, self.window.start - day, self.window.start)
        return before * ((self.window.end - self.window.start) / day) >= ROWS_THAT_MAKE_ZERO_SUSPICIOUS

    def _store(self, batch: Batch) -> None:
        began = clock.monotonic_seconds()
        origin = Origin(self.origin_of_run, clock.now(), self.chunk.run_id)
        self.writer.store(batch, origin, self.take_counts(), self._place_if_due())
        self.store_seconds += clock.monotonic_seconds() - began

    def _place_if_due(self) -> dict[str, Any]:
        """Return the place now and then: a worker that is killed then costs seconds, and a batch few bytes."""
        now = clock.monotonic_seconds()
        if now - self.place_kept_at < PLACE_EVERY_SECONDS:
            return {}
        self.place_kept_at = now
        return self.position.as_columns()

    def _before_each_call(self) -> None:
        if is_stopping():
            raise Stopping
        if self.chunk.worked_seconds + self.worked_seconds > settings.SYNC_CHUNK_TIMEOUT_SECONDS:
            raise ChunkTooLong(
                f"The chunk was not read within {settings.SYNC_CHUNK_TIMEOUT_SECONDS} s (SYNC_CHUNK_TIMEOUT_SECONDS). "
                "Make chunks shorter with SYNC_CHUNK_DAYS, or allow more time."
            )
        self.writer.keep_lease()
