"""After the storm: everybody works again, everything heals by itself, and every row equals the truth."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import F, Max, Sum

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from backoffice.management.demo.compare import Comparison, compare_shop
from orders.models import Order
from shops.models import Shop
from syncjobs.models import BatchFileState, BufferedBatch, Chunk, ChunkState, Run, RunKind, RunState, Watermark
from syncjobs.services import retry_run
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
    behind = storm.shops
    while True:
        storm.pulse(fill=False, sync=bool(behind))
        _retry_failed(storm)
        whole = Run.objects.filter(
            kind=RunKind.INCREMENTAL, state=RunState.DONE, created_at__gte=since, window_end__gt=goal
        )
        behind = [shop for shop in storm.shops if not whole.filter(shop=shop).exists()]
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


def compare(storm: Storm, marketplace: Marketplace, frozen: int) -> Comparison:
    """Compare every order and every line."""
    result = Comparison()
    for shop in storm.shops:
        compare_shop(marketplace.url, shop, "orders", frozen, result)
    return result


def find_faults(shops: Sequence[Shop]) -> Iterator[str]:
    """Name what is not as it must be, beside the rows that were compared."""
    for model, states in ((Run, UNFINISHED_RUNS), (Chunk, UNFINISHED_CHUNKS)):
        left = model._default_manager.filter(state__in=states).count()
        if left:
            yield f"{left} {model._meta.verbose_name_plural} are not ended"
    for shop in shops:
        ends = Run.objects.filter(shop=shop, kind=RunKind.INCREMENTAL, state=RunState.DONE, status_filter="").aggregate(
            end=Max("window_end")
        )["end"]
        marks = list(Watermark.objects.filter(shop=shop).values_list("position_at", flat=True))
        if marks != [ends]:
            yield f"{shop}: watermark at {marks}, but the last window that was read ends at {ends}"
    yield from _find_doubts_in_history()
    yield from (f"left in the buffer: {path}" for path in _list_buffer())
    inserted = Chunk.objects.aggregate(sum=Sum("inserted_count"))["sum"] or 0
    here = Order.objects.count()
    if inserted != here:
        yield f"the chunks count {inserted} new orders, but there are {here}"


HISTORY = {
    "orders without a payload": """
        SELECT external_id FROM orders_order o
        WHERE NOT EXISTS (SELECT FROM orders_orderpayload p WHERE p.order_id = o.id)""",
    "payloads that equal the one before": """
        SELECT order_id::text FROM (SELECT order_id, payload, lag(payload) OVER w AS before FROM orders_orderpayload
        WINDOW w AS (PARTITION BY order_id ORDER BY received_at, id)) AS pairs WHERE payload = before""",
    "orders with two newest payloads": """
        SELECT order_id::text FROM (SELECT order_id, received_at, max(received_at) OVER (PARTITION BY order_id)
        AS newest FROM orders_orderpayload) AS times WHERE received_at = newest GROUP BY order_id
        HAVING count(*) > 1""",
    "orders whose newest payload is not what the row shows": """
        SELECT o.external_id FROM orders_order o CROSS JOIN LATERAL (SELECT payload FROM orders_orderpayload p
        WHERE p.order_id = o.id ORDER BY received_at DESC, id DESC LIMIT 1) AS newest
        WHERE (newest.payload ->> 'update_time')::bigint IS DISTINCT FROM extract(epoch FROM o.source_updated_at)""",
}


def _find_doubts_in_history() -> Iterator[str]:
    with connection.cursor() as cursor:
        for what, query in HISTORY.items():
            cursor.execute(query)
            found = [row[0] for row in cursor.fetchall()]
            if found:
                yield f"{len(found)} {what}: {', '.join(found[:EXAMPLES])}"


def _list_buffer() -> list[Path]:
    return [path for path in sorted(Path(settings.SYNC_BUFFER_DIR).rglob("*.jsonl")) if path.is_file()]


def count_lost_tries() -> int:
    """Count the tries that ended without an end: their workers were killed, or the database was away for too long."""
    tried = Chunk.objects.filter(attempt_count__gt=1).aggregate(sum=Sum(F("attempt_count") - 1))
    return int(tried["sum"] or 0)


def count_replayed() -> int:
    """Count the batches that waited in files and are stored now."""
    return BufferedBatch.objects.filter(state=BatchFileState.STORED).count()
