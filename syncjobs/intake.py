"""One batch, one transaction: rows and failed records stand or fall together.

Every door ends here. A batch that the database refuses is halved until the record at fault stands alone; that one is
kept as a failed record with the database's words, the others are stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from operator import attrgetter
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction

from backoffice.common.payloads import digest, dump_payload
from orders.ingest import Ingested, Origin, ingest_orders
from shops.marketplaces.records import OrderRecord, UnreadableRecord
from syncjobs.models import FailedRecord

# A clock may be a little off between us and a marketplace, but an update time beyond this is no time: believed, it
# would beat every true update of that order until then.
FARTHEST_FUTURE = timedelta(days=1)


@dataclass
class Stored:
    """What became of a batch, in the words of a chunk's counts."""

    fetched_count: int = 0
    inserted_count: int = 0
    updated_count: int = 0
    unchanged_count: int = 0
    invalid_count: int = 0
    unreadable_count: int = 0


def store_orders(
    shop_id: int, records: Sequence[OrderRecord], unreadable: Sequence[UnreadableRecord], origin: Origin
) -> Stored:
    """Store one batch in one transaction, all of it: as rows where possible, else as failed records."""
    believable = [_without_impossible_time(record, origin) for record in records]
    with transaction.atomic():
        ingested = _ingest_around_bad_ones(shop_id, believable, origin)
        failures = [*unreadable, *_as_failures(ingested.not_stored)]
        _keep_failed_records(shop_id, failures, origin)
    return Stored(
        fetched_count=len(records) + len(unreadable),
        inserted_count=ingested.inserted,
        updated_count=ingested.updated,
        unchanged_count=ingested.unchanged,
        invalid_count=ingested.invalid,
        unreadable_count=len(unreadable) + ingested.refused,
    )


def _without_impossible_time(record: OrderRecord, origin: Origin) -> OrderRecord:
    updated = record.source_updated_at
    if updated is None or updated <= origin.stored_at + FARTHEST_FUTURE:
        return record
    problem = f"update_time is in the future: {updated:%Y-%m-%d %H:%M:%S} UTC"
    return replace(record, source_updated_at=None, problems=(*record.problems, problem))


def _ingest_around_bad_ones(shop_id: int, records: Sequence[OrderRecord], origin: Origin) -> Ingested:
    """Ingest; where the database refuses, find the bad record by halving, keep it apart and store the rest."""
    try:
        with transaction.atomic():
            return ingest_orders(shop_id, records, origin)
    except (DataError, IntegrityError) as error:
        if len(records) == 1:
            failure = UnreadableRecord(records[0].payload, f"The database refused it: {error}")
            _keep_failed_records(shop_id, [failure], origin)
            return Ingested(refused=1)
        # In the order in which every writer takes rows, else two that halve could wait for each other.
        ordered = sorted(records, key=attrgetter("external_id"))
        half = len(ordered) // 2
        first = _ingest_around_bad_ones(shop_id, ordered[:half], origin)
        return first + _ingest_around_bad_ones(shop_id, ordered[half:], origin)


def _as_failures(records: Sequence[OrderRecord]) -> list[UnreadableRecord]:
    """Invalid readings that lost against a stored row are still kept and listed."""
    return [UnreadableRecord(record.payload, "; ".join(record.problems)) for record in records]


def _keep_failed_records(shop_id: int, failures: Sequence[UnreadableRecord], origin: Origin) -> None:
    """Keep each payload once; one that comes again is counted."""
    rows: dict[bytes, list[Any]] = {}
    for failure in failures:
        dumped = dump_payload(failure.payload)
        rows[digest(dumped)] = [dumped.decode(), failure.error]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {FailedRecord._meta.db_table} AS kept"  # noqa: S608  a table name of ours
            " (shop_id, resource, run_id, payload, payload_hash, error, seen_count, first_seen_at, last_seen_at)"
            " VALUES (%s, 'orders', %s, %s::jsonb, %s, %s, 1, %s, %s)"
            " ON CONFLICT (shop_id, resource, payload_hash) DO UPDATE SET seen_count = kept.seen_count + 1,"
            " last_seen_at = excluded.last_seen_at, run_id = excluded.run_id, error = excluded.error",
            [
                [shop_id, origin.run_id, payload, key, error, origin.stored_at, origin.stored_at]
                for key, (payload, error) in sorted(rows.items())
            ],
        )
