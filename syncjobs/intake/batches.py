"""One batch, one transaction: rows, failed records and enrichment tasks stand or fall together.

Every door ends here. A batch that the database refuses is halved until the record at fault stands alone; that one is
kept as a failed record with the database's words, the others are stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction

from backoffice.common.causes import name_cause
from backoffice.common.ingest import Ingested, Origin
from backoffice.common.payloads import digest, dump_payload
from backoffice.common.sources import PayloadSource
from shops.marketplaces.contract import Connector
from shops.marketplaces.records import Resource, Stub, UnreadableRecord
from syncjobs.intake.enrichment import create_enrichment_tasks, list_unnumbered
from syncjobs.models import FailedRecord, FailedRecordState
from syncjobs.streams import Stream, get_stream

# A clock may be a little off between us and a marketplace, but an update time beyond this is no time: believed, it
# would beat every true update of that order until then.
FARTHEST_FUTURE = timedelta(days=1)
# Marks a payload of which only a list's row is known. No marketplace has this word.
LISTED_ONLY = "listed_only"


@dataclass
class Stored:
    """What became of a batch, in the words of a chunk's counts."""

    fetched_count: int = 0
    inserted_count: int = 0
    updated_count: int = 0
    unchanged_count: int = 0
    invalid_count: int = 0
    unreadable_count: int = 0


@dataclass(frozen=True)
class Failure:
    """What is not stored as a row, and why; with the order's number and time of change where they can be read."""

    payload: Any
    error: str
    external_id: str = ""
    source_updated_at: datetime | None = None


def as_listed_only(stub: Stub, error: str) -> UnreadableRecord:
    """Keep what a list named and no call completed.

    Its payload is marked: mapped like any other, a row of a list would pass for the whole record, which then had lost
    its lines, its variants or its amounts.
    """
    changed_at = stub.source_updated_at
    payload = {
        LISTED_ONLY: stub.payload,
        "external_id": stub.external_id,
        "source_updated_at": changed_at.isoformat() if changed_at else None,
    }
    return UnreadableRecord(payload, error, stub.external_id, changed_at)


def map_again(connector: Connector, resource: Resource, payload: Any) -> Any | UnreadableRecord:
    """Map a payload that was kept; what only a list named stays unreadable, as a payload cannot be completed."""
    if type(payload) is not dict or LISTED_ONLY not in payload:
        return connector.map_payload(resource, payload)
    changed_at = payload["source_updated_at"]
    return UnreadableRecord(
        payload,
        "A list named it, but its details were not given. Read its time again: they are asked for once more then.",
        payload["external_id"],
        datetime.fromisoformat(changed_at) if changed_at else None,
    )


def store_batch(
    resource: str, shop_id: int, records: Sequence[Any], unreadable: Sequence[UnreadableRecord], origin: Origin
) -> Stored:
    """Store one batch in one transaction, all of it: as rows where possible, else as failed records."""
    stream = get_stream(resource)
    believable = [_without_impossible_time(record, origin) for record in records]
    with transaction.atomic():
        refused: list[Failure] = []
        ingested = _ingest_around_bad_ones(stream, shop_id, believable, origin, refused)
        failures = [_as_kept(one) for one in unreadable] + refused + _list_losers(ingested)
        _keep_failed_records(resource, shop_id, failures, origin)
        _mark_fixed(resource, shop_id, _list_stored_well(believable, failures), origin)
        if resource == Resource.ORDERS:
            create_enrichment_tasks(shop_id, list_unnumbered(believable), origin.stored_at)
    return Stored(
        fetched_count=len(records) + len(unreadable),
        inserted_count=ingested.inserted,
        updated_count=ingested.updated,
        unchanged_count=ingested.unchanged,
        invalid_count=ingested.invalid,
        unreadable_count=len(unreadable) + len(refused),
    )


def _without_impossible_time(record: Any, origin: Origin) -> Any:
    updated = record.source_updated_at
    if updated is None or updated <= (origin.read_at or origin.stored_at) + FARTHEST_FUTURE:
        return record
    problem = f"update_time is in the future: {updated:%Y-%m-%d %H:%M:%S} UTC"
    return replace(record, source_updated_at=None, problems=(*record.problems, problem))


def _ingest_around_bad_ones(
    stream: Stream, shop_id: int, records: Sequence[Any], origin: Origin, refused: list[Failure]
) -> Ingested:
    """Ingest; where the database refuses, find the bad record by halving, put it apart and store the rest."""
    try:
        with transaction.atomic():
            return stream.ingest(shop_id, records, origin)
    except (DataError, IntegrityError) as error:
        if len(records) == 1:
            refused.append(_as_failure(records[0], f"The database refused it: {error}"))
            return Ingested(refused=1)
        # In the order in which every writer takes rows, else two that halve could wait for each other.
        ordered = sorted(records, key=attrgetter("external_id"))
        half = len(ordered) // 2
        first = _ingest_around_bad_ones(stream, shop_id, ordered[:half], origin, refused)
        return first + _ingest_around_bad_ones(stream, shop_id, ordered[half:], origin, refused)


def _as_kept(record: UnreadableRecord) -> Failure:
    return Failure(record.payload, record.error, record.external_id, record.source_updated_at)


def _as_failure(record: Any, error: str) -> Failure:
    return Failure(record.payload, error, record.external_id, record.source_updated_at)


def _list_losers(ingested: Ingested) -> list[Failure]:
    """Invalid readings that lost against a stored row are still kept and listed."""
    return [_as_failure(record, "; ".join(record.problems)) for record in ingested.not_stored]


def _keep_failed_records(resource: str, shop_id: int, failures: Sequence[Failure], origin: Origin) -> None:
    """Keep each payload once; one that comes again is counted, and open again."""
    rows: dict[bytes, tuple[str, Failure]] = {}
    for failure in failures:
        dumped = dump_payload(failure.payload)
        rows[digest(dumped)] = (dumped.decode(), failure)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {FailedRecord._meta.db_table} AS kept"  # noqa: S608  a table name of ours
            " (shop_id, resource, run_id, payload, payload_hash, external_id, source_updated_at, error, cause, state,"
            " ended_by, seen_count, first_seen_at, last_seen_at)"
            " VALUES (%s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, 'open', '', 1, %s, %s)"
            " ON CONFLICT (shop_id, resource, payload_hash) DO UPDATE SET seen_count = kept.seen_count + 1,"
            " last_seen_at = excluded.last_seen_at, run_id = excluded.run_id, error = excluded.error,"
            " external_id = excluded.external_id, source_updated_at = excluded.source_updated_at,"
            " cause = excluded.cause, state = 'open', ended_at = NULL, ended_by = ''",
            [
                [
                    shop_id, resource, origin.run_id, payload, key, failure.external_id, failure.source_updated_at,
                    failure.error, name_cause(failure.error), *[origin.stored_at] * 2,
                ]
                for key, (payload, failure) in sorted(rows.items())
            ],
        )  # fmt: skip


def _list_stored_well(records: Sequence[Any], failures: Sequence[Failure]) -> dict[str, datetime]:
    """Return the latest time of change of each record that is a valid row by now, by its number."""
    failed = {failure.external_id for failure in failures}
    latest: dict[str, datetime] = {}
    for record in records:
        if record.is_valid and record.external_id not in failed:
            changed_at = record.source_updated_at or datetime.min.replace(tzinfo=UTC)
            # Parcels that could not be asked for are kept under their order's number.
            for number in (record.external_id, *getattr(record, "order_external_ids", ())):
                latest[number] = max(changed_at, latest.get(number, changed_at))
    return latest


def _mark_fixed(resource: str, shop_id: int, stored: dict[str, datetime], origin: Origin) -> None:
    """Mark what failed of these orders as fixed, unless the reading that failed is later than what is stored.

    Nearly always a shop has nothing to be fixed, which one look into a small index tells.
    """
    rows = FailedRecord.objects.filter(shop_id=shop_id, resource=resource, state=FailedRecordState.OPEN)
    if not stored or not rows.exclude(external_id="").exists():
        return
    fixed = [
        pk
        for pk, external_id, changed_at in rows.filter(external_id__in=stored)
        .order_by("pk")
        .values_list("pk", "external_id", "source_updated_at")
        if changed_at is None or changed_at <= stored[external_id]
    ]
    rows.filter(pk__in=fixed).update(
        state=FailedRecordState.FIXED, ended_at=origin.stored_at, ended_by=_name_door(origin)
    )


def _name_door(origin: Origin) -> str:
    door = PayloadSource(origin.source).label
    return f"{door}, run {origin.run_id}" if origin.run_id else str(door)
