"""Writes the batches of one chunk: into the tables, or into files of this host while the database cannot be written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from psycopg.errors import DeadlockDetected

from backoffice.common import clock
from backoffice.common.deadlocks import repeat_on_deadlock
from backoffice.common.ingest import Origin
from backoffice.common.outages import drop_broken_connection, is_outage
from shops.marketplaces.records import UnreadableRecord
from syncjobs import leases
from syncjobs.buffer import ledger
from syncjobs.buffer.files import BatchFacts, BatchFile, NoRoomLeft, name_mapping
from syncjobs.engine.outcomes import NoRoom
from syncjobs.intake import store_batch
from syncjobs.models import Chunk, ChunkState

log = structlog.get_logger(__name__)

HEARTBEATS_A_LEASE = 40  # at most, beside those that come with each batch
REPEAT_AFTER_SECONDS = 1  # a server that restarts, or a proxy that changes over, is mostly back by then


@dataclass
class Batch:
    """Records on their way into one transaction."""

    records: list[Any] = field(default_factory=list)
    unreadable: list[UnreadableRecord] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.records) + len(self.unreadable)


class BatchWriter:
    """Where a chunk's batches go, and the chunk's heartbeat, which goes the same way."""

    def __init__(self, chunk: Chunk, owner: str) -> None:
        self.chunk = chunk
        self.owner = owner
        self.written: list[tuple[BatchFile, BatchFacts]] = []
        self._untold: dict[str, float] = {}
        self._is_silent = False  # the database, when it was last asked
        self._lease_ends = clock.monotonic_seconds() + settings.SYNC_LEASE_SECONDS

    def keep_lease(self) -> None:
        """Give the chunk's heartbeat; raises LeaseLost.

        While batches go to files, a silent database is no reason to stop, but only for as long as the lease lasts:
        then another may have the chunk. Before each call is far too often where calls bring one record each: a commit
        for every one of them took a third of the time. Whoever lost the lease meanwhile is stopped when it stores.
        """
        left_seconds = self._lease_ends - clock.monotonic_seconds()
        if left_seconds > settings.SYNC_LEASE_SECONDS * (1 - 1 / HEARTBEATS_A_LEASE):
            return
        try:
            leases.keep(self.chunk, self.owner)
        except (DatabaseError, InterfaceError) as error:
            self.bear(error)
        else:
            self._note_answer()

    def store(
        self, batch: Batch, origin: Origin, counts: dict[str, float], place: Mapping[str, Any] | None = None
    ) -> None:
        """Write a batch with what it cost, to the tables or to a file; a worker that lost its lease stores nothing.

        `place` is where the window goes on once the batch is stored: should this worker be killed, the next one begins
        there. Raises NoRoom where the database cannot be written and the batch cannot be kept in a file either.
        """
        self._untold = sum_up(self._untold, counts)
        for is_last in (True,) if self._is_silent else (False, True):
            try:
                repeat_on_deadlock(lambda: self._write(batch, origin, place or {}))
                return
            except (DatabaseError, InterfaceError) as error:
                if isinstance(error.__cause__, DeadlockDetected):
                    raise
                self.bear(error)
                if is_last:
                    self._put(batch, origin, error)
                else:
                    clock.sleep(REPEAT_AFTER_SECONDS)

    def take_untold(self) -> dict[str, float]:
        """Return the counts that no row has been told of."""
        taken, self._untold = self._untold, {}
        return taken

    def register_files(self) -> None:
        """Write down the files, so that whoever goes on with the chunk knows of them."""
        if self.written:
            ledger.register(self.written)

    def end(self, **facts: Any) -> None:
        """Close the chunk, all of whose window was read: done, or buffered while a file of it waits."""
        with transaction.atomic():
            Chunk.objects.select_for_update().filter(pk=self.chunk.pk).first()
            self.register_files()
            verdict = ledger.judge(self.chunk)
            count = ledger.count_buffered(self.chunk.pk) if verdict.state == ChunkState.BUFFERED else 0
            leases.end(self.chunk, self.owner, verdict.state, error=verdict.error, buffered_count=count, **facts)

    def _write(self, batch: Batch, origin: Origin, place: Mapping[str, Any]) -> None:
        run = self.chunk.run
        with transaction.atomic():
            stored = store_batch(run.resource, run.shop_id, batch.records, batch.unreadable, origin)
            if place:  # whoever begins there must know of the batches before it that wait in files
                self.register_files()
            leases.keep(self.chunk, self.owner, sum_up(vars(stored), self._untold), **place)
        self._untold = {}
        self._note_answer()

    def bear(self, error: DatabaseError | InterfaceError) -> None:
        """Go on without the database where that is possible; else raise what it said."""
        drop_broken_connection()
        if not settings.SYNC_BUFFER_ENABLED or not is_outage(error) or clock.monotonic_seconds() > self._lease_ends:
            raise error
        if not self._is_silent:
            log.warning("database_silent", chunk=self.chunk.pk, error=str(error))
        self._is_silent = True

    def _note_answer(self) -> None:
        self._is_silent = False
        self._lease_ends = clock.monotonic_seconds() + settings.SYNC_LEASE_SECONDS

    def _put(self, batch: Batch, origin: Origin, error: Exception) -> None:
        run = self.chunk.run
        facts = BatchFacts(
            marketplace=run.shop.marketplace,
            mapping=name_mapping(run.shop.marketplace, run.resource),
            shop_id=run.shop_id,
            resource=run.resource,
            run_id=run.pk,
            chunk_id=self.chunk.pk,
            window_start=self.chunk.window_start,
            window_end=self.chunk.window_end,
            source=origin.source,
            buffered_at=origin.stored_at,
            record_count=len(batch),
            error=str(error).partition("\n")[0],
        )
        payloads = [record.payload for record in (*batch.records, *batch.unreadable)]
        try:
            file = ledger.open_store().put(facts, payloads)
        except NoRoomLeft as no_room:
            raise NoRoom(f"The database cannot be written ({facts.error}), and {no_room}") from error
        self.written.append((file, facts))
        self._untold = sum_up(self._untold, {"fetched_count": len(batch)})
        log.warning("batch_buffered", chunk=self.chunk.pk, file=file.name, records=len(batch), error=facts.error)


def sum_up(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """Add two counts, name by name."""
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}
