"""Stores the batches that wait in this host's files, in the order in which they were read, shop by shop.

A pass:
1. What a dead process left in work goes back; that was a try.
2. The rows that people see are made to say what the folders hold; what a person asked to try again is tried again.
3. Each waiting batch is mapped and stored; then its chunk is settled; then its file is deleted. Dying anywhere between
   two of these steps leaves a file that the next pass goes on with, and storing twice changes nothing.

A failure counts as a try only where the database could be written right afterwards; otherwise the pass ends.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from psycopg.errors import DiskFull

from backoffice.common import clock
from backoffice.common.deadlocks import repeat_on_deadlock
from backoffice.common.errors import NotPossible
from backoffice.common.ingest import Origin
from backoffice.common.outages import drop_broken_connection, is_outage
from backoffice.common.plurals import say_count
from backoffice.common.sources import PayloadSource
from backoffice.common.stopping import is_stopping
from shops.connections import build_mapper
from shops.marketplaces.contract import Connector
from shops.marketplaces.records import UnreadableRecord
from shops.models import Shop
from syncjobs.buffer import ledger
from syncjobs.buffer.files import BatchFacts, BatchFile, BatchStore, DamagedFile, Folder, name_mapping
from syncjobs.intake import Stored, map_again, store_batch
from syncjobs.models import BatchFileState, BufferedBatch
from syncjobs.streams import Stream, get_stream

log = structlog.get_logger(__name__)

CloseRun = Callable[[int], object]
GONE = "The file is gone from the folder of its host."


class DatabaseAway(Exception):
    """The database cannot be written: the pass ends, and everything waits as before."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one file: the folder it is in now, or none where it was stored."""

    file: BatchFile
    folder: Folder | None
    note: str = ""


@dataclass
class Pass:
    """One look into the folders of this host."""

    outcomes: list[Replayed] = field(default_factory=list)
    is_locked_out: bool = False  # another process of this host is at it
    is_database_away: bool = False


def replay_waiting(
    close_run: CloseRun,
    *,
    shop_id: int | None = None,
    limit: int | None = None,
    seconds: float | None = None,
    failed_too: bool = False,
) -> Pass:
    """Store what waits, of one shop or of all; `close_run` is called for each run whose chunk was settled.

    With `failed_too` the batches that were given up are tried again.
    """
    until = None if seconds is None else clock.monotonic_seconds() + seconds
    store, done = ledger.open_store(), Pass()
    with store.locked() as is_ours:
        done.is_locked_out = not is_ours
        if not is_ours:
            return done
        store.drop_unfinished(clock.unix_seconds())
        try:
            _recover(store, close_run)
            _update_rows(store, close_run)
            if failed_too:
                _take_failed(store, shop_id)
            for outcome in _replay_each(store, close_run, _choose(store, shop_id)):
                done.outcomes.append(outcome)
                is_over = until is not None and clock.monotonic_seconds() > until
                if is_over or is_stopping() or len(done.outcomes) == limit:
                    break
        except DatabaseAway:
            done.is_database_away = True
        except (DatabaseError, InterfaceError) as error:
            if not is_outage(error):
                raise
            drop_broken_connection()
            done.is_database_away = True
    return done


def _recover(store: BatchStore, close_run: CloseRun) -> None:
    """Go on with what a process that died had in work: its batch may be stored already."""
    for file in store.list_files(Folder.REPLAYING):
        if ledger.is_stored(file):
            _finish(store, file, close_run)
        else:
            _put_back(store, file, "The process that stored it ended without a word.")


def _update_rows(store: BatchStore, close_run: CloseRun) -> None:
    """Bring rows and folders together, both ways: a person's "replay now" is a row that waits while its file does not.

    The rows are read before the folders, so that a file written in between is not taken for one that vanished.
    """
    rows = {row.file_name: row for row in BufferedBatch.objects.filter(host=ledger.name_host()).exclude(
        state=BatchFileState.STORED
    )}  # fmt: skip
    files = store.list_files()
    for file in files:
        row = rows.pop(file.name, None)
        if row is not None and row.state == BatchFileState.WAITING and file.folder is Folder.FAILED:
            store.move(file, Folder.WAITING, try_count=0)
        elif row is None or row.state != file.folder.value:
            ledger.mirror(file, _peek(store, file))
    for row in rows.values():
        if row.state != BatchFileState.DAMAGED:
            BufferedBatch.objects.filter(pk=row.pk).exclude(state=BatchFileState.STORED).update(
                state=BatchFileState.DAMAGED, error=GONE, changed_at=clock.now()
            )
            log.error("buffered_batch_gone", file=row.file_name, shop=row.shop_id)
            _settle(row.chunk_id, close_run)


def _peek(store: BatchStore, file: BatchFile) -> BatchFacts | None:
    try:
        return store.read(file)[0]
    except (DamagedFile, OSError):
        return None


def _take_failed(store: BatchStore, shop_id: int | None) -> None:
    for file in store.list_files(Folder.FAILED):
        if shop_id in (None, file.shop_id):
            ledger.mirror(store.move(file, Folder.WAITING, try_count=0), None)


def _choose(store: BatchStore, shop_id: int | None) -> list[BatchFile]:
    return [file for file in store.list_files(Folder.WAITING) if shop_id in (None, file.shop_id)]


def _replay_each(store: BatchStore, close_run: CloseRun, files: Iterable[BatchFile]) -> Iterator[Replayed]:
    """Replay one after another; behind a batch that could not be stored the later ones of its shop wait."""
    waiting_shops: set[int] = set()
    for file in files:
        if file.shop_id in waiting_shops:
            continue
        outcome = _replay(store, file, close_run)
        if outcome.folder is Folder.WAITING:
            waiting_shops.add(file.shop_id)
        yield outcome


def _replay(store: BatchStore, file: BatchFile, close_run: CloseRun) -> Replayed:
    file = store.move(file, Folder.REPLAYING)
    try:
        facts, payloads = store.read(file)
        ledger.mirror(file, facts)
        repeat_on_deadlock(partial(_store, file, facts, payloads))
    except DamagedFile as error:
        return _set_aside(store, file, str(error), close_run)
    except Exception as error:  # whatever it is, the batch must not be lost with it
        drop_broken_connection()
        if isinstance(error.__cause__, DiskFull) or not _is_writable(file):
            store.move(file, Folder.WAITING)
            raise DatabaseAway from error
        log.warning("buffered_batch_not_stored", file=file.name, shop=file.shop_id, exc_info=error)
        return _put_back(store, file, f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")
    _finish(store, file, close_run)
    return Replayed(file, None, say_count(len(payloads), "record"))


def _store(file: BatchFile, facts: BatchFacts, payloads: Sequence[Any]) -> None:
    """Map and store one batch in one transaction, and note in the same that it is stored."""
    stream = get_stream(facts.resource)
    shop = Shop.objects.select_related("app").filter(pk=facts.shop_id).first()
    if shop is None:
        raise NotPossible(f"There is no shop {facts.shop_id} here.")
    if facts.mapping != name_mapping(shop.marketplace, facts.resource):
        raise NotPossible(f"The payloads are of {facts.mapping}, but the shop is of {shop.get_marketplace_display()}.")
    records, unreadable = _map(stream, build_mapper(shop), payloads)
    with transaction.atomic():
        row = BufferedBatch.objects.select_for_update().filter(file_name=file.name).first()
        if row is not None and row.state == BatchFileState.STORED:
            return
        origin = Origin(PayloadSource.REPLAY, clock.now(), facts.run_id, facts.buffered_at)
        stored: Stored = store_batch(facts.resource, shop.pk, records, unreadable, origin)
        ledger.mark_stored(file, facts, stored)


def _map(stream: Stream, connector: Connector, payloads: Sequence[Any]) -> tuple[list[Any], list[UnreadableRecord]]:
    records: list[Any] = []
    unreadable: list[UnreadableRecord] = []
    for payload in payloads:
        mapped = map_again(connector, stream.resource, payload)
        if isinstance(mapped, UnreadableRecord):
            unreadable.append(mapped)
        else:
            records.append(mapped)
    return records, unreadable


def _finish(store: BatchStore, file: BatchFile, close_run: CloseRun) -> None:
    """Settle the chunk of a batch that is stored; its file goes last, so that dying before leaves it to be found."""
    _settle(file.chunk_id, close_run)
    store.remove(file)


def _settle(chunk_id: int | None, close_run: CloseRun) -> None:
    run_id = ledger.settle_chunk(chunk_id)
    if run_id is not None:
        close_run(run_id)


def _put_back(store: BatchStore, file: BatchFile, error: str) -> Replayed:
    """Count the try; after the last one a person must look."""
    tries = file.try_count + 1
    is_last = tries >= settings.SYNC_BUFFER_MAX_RETRIES
    file = store.move(file, Folder.FAILED if is_last else Folder.WAITING, try_count=tries)
    ledger.mirror(file, None, error=error)
    if is_last:
        log.error("buffered_batch_given_up", file=file.name, shop=file.shop_id, tries=tries, error=error)
    return Replayed(file, file.folder, error)


def _set_aside(store: BatchStore, file: BatchFile, error: str, close_run: CloseRun) -> Replayed:
    """Keep a damaged file for a person, and let its window be read again."""
    file = store.move(file, Folder.DAMAGED)
    log.error("buffered_batch_damaged", file=str(file.path), shop=file.shop_id, error=error)
    ledger.mirror(file, None, error=error)
    _settle(file.chunk_id, close_run)
    return Replayed(file, Folder.DAMAGED, error)


def _is_writable(file: BatchFile) -> bool:
    """Whether the database takes a write at this moment; else a batch has not had its chance."""
    try:
        BufferedBatch.objects.filter(file_name=file.name).update(changed_at=clock.now())
    except (DatabaseError, InterfaceError) as error:
        if not is_outage(error):
            raise
        drop_broken_connection()
        return False
    return True
