"""Works on one claimed chunk, and leaves it done, due again or failed, whatever it met.

The runner never computes dates and never moves a watermark. Reading is the reader's part, what an error means is
decided in outcomes; here the one is tied to the other, and the chunk's row is told.
"""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings

from backoffice.common import clock
from backoffice.common.outages import drop_broken_connection, is_outage, write_when_back
from shops.marketplaces.errors import MarketplaceError
from shops.marketplaces.rate_limit import Lane
from shops.tokens import mark_needs_reauthorisation, open_connection
from syncjobs import leases
from syncjobs.engine.journal import note_event
from syncjobs.engine.outcomes import Outcome, decide_outcome, is_credential_dead
from syncjobs.engine.reader import ChunkReader
from syncjobs.models import Chunk, ChunkState, EventLevel

log = structlog.get_logger(__name__)

NOWHERE: dict[str, Any] = {"position": None, "seen_ids": None}


def work_on_chunk(chunk: Chunk, owner: str) -> None:
    """Read a claimed chunk to its end, or leave it as its trouble deserves."""
    try:
        _read_and_leave(chunk, owner)
    except leases.LeaseLost as error:  # whoever holds the chunk now decides about it
        log.warning("chunk_lost", chunk=chunk.pk, reason=str(error))


def _read_and_leave(chunk: Chunk, owner: str) -> None:
    reader: ChunkReader | None = None
    try:
        connection = open_connection(chunk.run.shop, Lane(chunk.run.lane))
        reader = ChunkReader(chunk, owner, connection, lambda text: note_event(chunk, EventLevel.WARNING, text))
        reader.read_window()
    except leases.LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001  whatever it is, the chunk's row must say so
        _leave(chunk, owner, error, reader)
    else:
        _end(chunk, reader)


def _end(chunk: Chunk, reader: ChunkReader) -> None:
    worked_seconds, counts = chunk.worked_seconds + reader.worked_seconds, reader.take_counts()

    def tell() -> None:
        reader.tell_unknown_words()
        reader.writer.end(worked_seconds=worked_seconds, additions=counts)

    _tell_database(tell)


def _leave(chunk: Chunk, owner: str, error: Exception, reader: ChunkReader | None) -> None:
    outcome = decide_outcome(
        error,
        attempt=chunk.attempt_count,
        unexpected=chunk.unexpected_count,
        most_attempts=settings.SYNC_MAX_ATTEMPTS,
        most_unexpected=settings.SYNC_MAX_UNEXPECTED_ERRORS,
        retry_after_seconds=settings.SYNC_RETRY_AFTER_SECONDS,
        never_again=settings.SYNC_NON_RETRYABLE_ERRORS,
        jitter=random.random(),  # noqa: S311  no secret
    )
    if outcome.is_unexpected:
        log.error("chunk_failed", chunk=chunk.pk, run=chunk.run_id, exc_info=error)
    if is_outage(error):
        drop_broken_connection()
    facts = _facts_to_keep(chunk, error, outcome, reader)

    def tell() -> None:
        if reader is not None:
            reader.tell_unknown_words()
            reader.writer.register_files()
        if is_credential_dead(error, outcome):
            mark_needs_reauthorisation(chunk.run.shop_id, error, reader.connection.connector.token if reader else None)
        if outcome.state == ChunkState.FAILED:
            leases.end(chunk, owner, ChunkState.FAILED, error=outcome.text, **facts)
        else:
            due_at = clock.now() + timedelta(seconds=outcome.wait_seconds)
            tries = outcome.counts_as_try
            leases.give_back(chunk, owner, due_at=due_at, counts_as_try=tries, error=outcome.text, **facts)
        note_event(chunk, outcome.level, outcome.text)

    _tell_database(tell)


def _facts_to_keep(chunk: Chunk, error: Exception, outcome: Outcome, reader: ChunkReader | None) -> dict[str, Any]:
    """Return what the row keeps: calls that were made, time that was spent, and where the next worker goes on."""
    if reader is None:
        return {}
    facts: dict[str, Any] = {"worked_seconds": chunk.worked_seconds + reader.worked_seconds}
    if outcome.is_unexpected:
        facts["unexpected_count"] = chunk.unexpected_count + 1
    # What went wrong with one call leaves the pages before it true; anything else is read from the start again.
    is_place_true = isinstance(error, MarketplaceError) or not outcome.counts_as_try
    facts |= _keep_position(chunk, reader) if is_place_true else NOWHERE
    return {**facts, "additions": reader.take_counts()}


def _keep_position(chunk: Chunk, reader: ChunkReader) -> dict[str, Any]:
    """Write what was read and return where to go on; where it cannot be written, the window is read from its start."""
    try:
        reader.store_rest()
    except leases.LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001  then the position is not true, whatever the reason
        log.warning("position_not_kept", chunk=chunk.pk, reason=str(error))
        return NOWHERE
    return reader.position.as_columns()


def _tell_database(tell: Callable[[], None]) -> None:
    """Change the chunk's row. Where the database stays away the lease runs out, and another worker goes on."""
    if not write_when_back(tell):
        log.error("chunk_not_told", reason="The database did not come back; the sweep returns the chunk.")
