"""After the storm: everybody works again, everything heals by itself, and every row equals the truth."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import F, Max, Sum

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from backoffice.common.payload_retention import PayloadTable
from backoffice.common.payloads import digest, dump_payload
from backoffice.common.sources import PayloadSource
from backoffice.management.demo.compare import Comparison, compare_shop
from backoffice.management.demo.truths import list_kinds
from orders.models import ShipmentPayload, Statement
from shops.models import Shop
from syncjobs.models import BatchFileState, BufferedBatch, Chunk, ChunkState, Run, RunKind, RunState, Watermark
from syncjobs.services import retry_run
from syncjobs.services.retention import PAYLOAD_TABLES
from syncjobs.streams import STREAMS
from syncjobs.tasks import wake_workers
from tests.chaos.marketplace import Marketplace
from tests.chaos.storm import POLL_SECONDS, Storm

UNFINISHED_RUNS = (RunState.OPEN, RunState.BUFFERED, RunState.STOPPED)
UNFINISHED_CHUNKS = (ChunkState.DUE, ChunkState.RUNNING, ChunkState.BUFFERED)
EXAMPLES = 5


class NotHealed(Exception):
    """Something did not come right by itself in time."""


def call_the_roll(storm: Storm, seconds: float) -> None:
    """See every process that can take a chunk take one after the last blow; raises NotHealed with those that do not.

    Else a worker whose connections stay broken would be covered up by the others.
    """
    began_at = clock.monotonic_seconds()
    until = began_at + seconds
    seen: set[int] = set()
    while absent := {pid: name for pid, name in storm.crew.list_processes().items() if pid not in seen}:
        storm.pulse()
        for holder in storm.look(storm.crew.list_holders):
            if holder.pid not in seen:
                seen.add(holder.pid)
                storm.say(f"  {holder.worker} works again after {clock.monotonic_seconds() - began_at:.0f} s")
        if clock.monotonic_seconds() > until:
            raise NotHealed(f"These took no work for {seconds:.0f} s after the last blow: {absent}")
        clock.sleep(POLL_SECONDS)


def heal(storm: Storm, marketplace: Marketplace, seconds: float) -> int:
    """Freeze the world and wait until all of it was read by itself; return the world's time.

    Runs that failed for good are retried as a person would, and counted.
    """
    frozen = marketplace.set_clock(mode="frozen")
    goal, since = datetime.fromtimestamp(frozen, UTC), clock.now()
    until = clock.monotonic_seconds() + seconds
    behind = [f"{resource} of {shop}" for shop, resource in storm.streams]
    while True:
        storm.pulse(fill=False, sync=bool(behind))
        _retry_failed(storm)
        whole = Run.objects.filter(
            kind=RunKind.INCREMENTAL, state=RunState.DONE, created_at__gte=since, window_end__gt=goal
        )
        read = set(whole.values_list("shop_id", "resource"))
        behind = [f"{resource} of {shop}" for shop, resource in storm.streams if (shop.pk, resource) not in read]
        is_quiet = not Run.objects.filter(state__in=UNFINISHED_RUNS).exists()
        if not behind and is_quiet:
            return frozen
        if clock.monotonic_seconds() > until:
            raise NotHealed(f"Not whole after {seconds:.0f} s: {'; '.join(_list_trouble()) or behind}")
        clock.sleep(POLL_SECONDS)


def _retry_failed(storm: Storm) -> None:
    for run in Run.objects.filter(state=RunState.FAILED):
        try:
            retry_run(run, "Looked at by a person.")
        except NotPossible:  # the next incremental run has read it, or is about to
            continue
        storm.tally["runs a person retried"] += 1
        storm.say(f"  a person retries run {run.pk} ({run.kind}): {run.reason}")
        wake_workers([run.pk])


def _list_trouble() -> Iterator[str]:
    for run in Run.objects.filter(state__in=UNFINISHED_RUNS).order_by("pk")[:EXAMPLES]:
        chunks = run.chunks.exclude(state=ChunkState.DONE).values_list("number", "state", "due_at", "error")
        yield f"{run} is {run.state}, chunks {list(chunks[:EXAMPLES])}"


def compare(storm: Storm, marketplace: Marketplace, frozen: int) -> dict[str, Comparison]:
    """Compare every row of every kind, with all that belongs to it."""
    results: dict[str, Comparison] = {}
    for shop, resource in storm.streams:
        kinds = [resource, "statements"] if resource == "transactions" else [resource]
        for kind in set(kinds) & set(list_kinds(shop.marketplace)):
            compare_shop(marketplace.url, shop, kind, frozen, results.setdefault(kind, Comparison()))
    return results


def find_faults(shops: Sequence[Shop]) -> Iterator[str]:
    """Name what is not as it must be, beside the rows that were compared."""
    for model, states in ((Run, UNFINISHED_RUNS), (Chunk, UNFINISHED_CHUNKS)):
        left = model._default_manager.filter(state__in=states).count()
        if left:
            yield f"{left} {model._meta.verbose_name_plural} are not ended"
    for shop, resource in [(shop, resource) for shop in shops for resource in STREAMS]:
        read = Run.objects.filter(shop=shop, resource=resource, state=RunState.DONE, status_filter="")
        end = read.filter(kind=RunKind.INCREMENTAL).aggregate(end=Max("window_end"))["end"]
        marks = list(Watermark.objects.filter(shop=shop, resource=resource).values_list("position_at", flat=True))
        if marks != ([end] if end else []):
            yield f"{shop}: watermark of {resource} at {marks}, but the last window that was read ends at {end}"
    for table in PAYLOAD_TABLES:
        yield from _find_doubts_in_history(table)
    yield from (f"left in the buffer: {path}" for path in _list_buffer())
    for resource, stream in STREAMS.items():
        inserted = Chunk.objects.filter(run__resource=resource).aggregate(sum=Sum("inserted_count"))["sum"] or 0
        here = stream.rows().count() + (Statement.objects.count() if resource == "transactions" else 0)
        here -= _count_first_asked_for() if resource == "shipments" else 0
        if inserted != here:
            yield f"the chunks count {inserted} new {resource}, but there are {here}"


def _count_first_asked_for() -> int:
    """Count the parcels that came by the asking for package numbers, and not from a list, when they were new."""
    first = ShipmentPayload.objects.order_by("shipment_id", "received_at", "id").distinct("shipment_id")
    return sum(source == PayloadSource.ENRICHMENT for source in first.values_list("source", flat=True).iterator())


HISTORY = {
    "{rows} without a payload": """
        SELECT external_id FROM {table} o WHERE NOT EXISTS (SELECT FROM {payloads} p WHERE p.{parent} = o.id)""",
    "payloads of {rows} that equal the one before": """
        SELECT {parent}::text FROM (SELECT {parent}, payload, lag(payload) OVER w AS before FROM {payloads}
        WINDOW w AS (PARTITION BY {parent} ORDER BY received_at, id)) AS pairs WHERE payload = before""",
    "{rows} with two newest payloads": """
        SELECT {parent}::text FROM (SELECT {parent}, received_at, max(received_at) OVER (PARTITION BY {parent})
        AS newest FROM {payloads}) AS times WHERE received_at = newest GROUP BY {parent} HAVING count(*) > 1""",
}


def _find_doubts_in_history(table: PayloadTable) -> Iterator[str]:
    parent = table.model._meta.get_field(table.parent_column.removesuffix("_id")).related_model
    assert isinstance(parent, type)
    names = {
        "rows": parent._meta.verbose_name_plural, "table": parent._meta.db_table, "parent": table.parent_column,
        "payloads": table.model._meta.db_table,
    }  # fmt: skip
    with connection.cursor() as cursor:
        for what, query in HISTORY.items():
            cursor.execute(query.format(**names))
            found = [row[0] for row in cursor.fetchall()]
            if found:
                yield f"{len(found)} {what.format(**names)}: {', '.join(found[:EXAMPLES])}"
    other = list(_list_with_other_payload(table))
    if other:
        what = f"{names['rows']} whose newest payload is not what the row shows"
        yield f"{len(other)} {what}: {', '.join(other[:EXAMPLES])}"


def _list_with_other_payload(table: PayloadTable) -> Iterator[str]:
    """List the rows that were not made of their newest payload; what cannot be read may change in the database."""
    parent = table.parent_column.removesuffix("_id")
    newest = table.model._default_manager.filter(**{f"{parent}__is_valid": True})
    columns = (f"{parent}__external_id", f"{parent}__payload_hash", "payload")
    rows = newest.order_by(table.parent_column, "-received_at", "-id").distinct(table.parent_column)
    for external_id, payload_hash, payload in rows.values_list(*columns).iterator():
        if digest(dump_payload(payload)) != bytes(payload_hash):
            yield external_id


def _list_buffer() -> list[Path]:
    return [path for path in sorted(Path(settings.SYNC_BUFFER_DIR).rglob("*.jsonl")) if path.is_file()]


def count_lost_tries() -> int:
    """Count the tries that ended without an end: their workers were killed, or the database was away for too long."""
    tried = Chunk.objects.filter(attempt_count__gt=1).aggregate(sum=Sum(F("attempt_count") - 1))
    return int(tried["sum"] or 0)


def count_replayed() -> int:
    """Count the batches that waited in files and are stored now."""
    return BufferedBatch.objects.filter(state=BatchFileState.STORED).count()
