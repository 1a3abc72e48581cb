"""What Prometheus reads at /metrics: what waits, where it waits, and how long, read at the moment of asking.

Nothing is counted in memory, so that any number of web processes say the same. Each part is asked on its own: one that
does not answer costs its numbers and shows as `backoffice_up{part="..."} 0`, the others are there all the same.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import Count, Min, Q, Sum
from django.http import HttpRequest, HttpResponse
from kombu.exceptions import OperationalError as BrokerError
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis import RedisError

from aftersales.queries.check import load_figures
from backoffice.common import clock
from backoffice.common.outages import drop_broken_connection
from backoffice.common.queues import count_messages
from backoffice.common.redis import client
from shops.marketplaces.registry import list_offering
from syncjobs.buffer.ledger import open_store
from syncjobs.intake import QUEUE
from syncjobs.models import (
    BatchFileState,
    BufferedBatch,
    Chunk,
    ChunkState,
    EnrichmentStatus,
    EnrichmentTally,
    Lane,
    Run,
    RunState,
)
from syncjobs.queries import may_go_on
from syncjobs.streams import STREAMS

log = structlog.get_logger(__name__)

LONGEST_QUERY = "3s"  # whoever asks each minute must not hold a busy database up
SHOWN_RUN_STATES = (RunState.OPEN, RunState.STOPPED, RunState.BUFFERED, RunState.FAILED)
# A proxy on this machine speaks for others, who are not on it.
FORWARDED = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")


def metrics_view(request: HttpRequest) -> HttpResponse:
    """Answer who has the token, or asks from this machine itself."""
    if not (_has_token(request) or _is_from_here(request)):
        text = "Send the METRICS_TOKEN as a bearer token, or ask from this machine.\n"
        return HttpResponse(text, status=401, content_type="text/plain", headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(PresentState())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_right = hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
    return bool(settings.METRICS_TOKEN) and scheme.lower() == "bearer" and is_right


def _is_from_here(request: HttpRequest) -> bool:
    if any(name in request.META for name in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class PresentState(Collector):
    """Asks database, Redis, broker and this host's folders."""

    def describe(self) -> Iterable[Metric]:
        """Tell no names ahead: a part that is away has none."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Ask each part; what it says, or that it does not answer."""
        up = _gauge("up", "Whether a part answers.", "part")
        parts: dict[str, Callable[[], list[Metric]]] = {
            "database": _read_database,
            "redis": _ask_redis,
            "broker": _count_messages,
            "buffer_folder": _measure_folders,
        }
        for part, read in parts.items():
            try:
                families = read()
            except (DatabaseError, RedisError, BrokerError, OSError) as error:
                log.warning("metrics_part_silent", part=part, error=str(error))
                drop_broken_connection()
                up.add_metric([part], 0)
            else:
                up.add_metric([part], 1)
                yield from families
        yield up


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"backoffice_{name}", text, labels=labels)


def _read_database() -> list[Metric]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [LONGEST_QUERY])
        usual = [*_read_buffered(), *_read_chunks(), _read_runs(), _read_unknown_words(), _read_enrichment()]
        return [*usual, *_read_aftersales()]


def _read_buffered() -> list[Metric]:
    batches = _gauge("buffer_batches", "Batches that wait in files, of all hosts that could say so.", "state")
    sizes = _gauge("buffer_bytes", "Bytes of these batches.", "state")
    open_ones = BufferedBatch.objects.exclude(state=BatchFileState.STORED).order_by()
    found = {
        state: (count, size)
        for state, count, size in open_ones.values_list("state").annotate(Count("pk"), Sum("size_bytes"))
    }
    for state in BatchFileState.values:
        if state != BatchFileState.STORED:
            count, size = found.get(state, (0, 0))
            batches.add_metric([state], count)
            sizes.add_metric([state], size)
    return [batches, sizes]


def _read_chunks() -> list[Metric]:
    now = clock.now()
    chunks = _gauge("chunks", "Chunks that are due now, in work, or failed in a run that failed.", "state", "lane")
    oldest = _gauge("oldest_due_seconds", "For how long the oldest due chunk has been due.", "lane")
    due = may_go_on("run__") & Q(state=ChunkState.DUE, due_at__lte=now, run__state=RunState.OPEN)
    failed = Q(state=ChunkState.FAILED, run__state=RunState.FAILED)
    counts: dict[tuple[str, int], int] = {}
    waiting: dict[int, float] = {}
    for condition in (due, Q(state=ChunkState.RUNNING), failed):
        rows = Chunk.objects.filter(condition).order_by().values_list("state", "run__lane")
        for state, lane, count, due_at in rows.annotate(Count("pk"), Min("due_at")):
            counts[state, lane] = count
            if state == ChunkState.DUE:
                waiting[lane] = (now - due_at).total_seconds()
    for lane in Lane:
        for state in (ChunkState.DUE, ChunkState.RUNNING, ChunkState.FAILED):
            chunks.add_metric([state.value, lane.name.lower()], counts.get((state.value, lane.value), 0))
        oldest.add_metric([lane.name.lower()], waiting.get(lane.value, 0))
    return [chunks, oldest]


def _read_runs() -> Metric:
    runs = _gauge("runs", "Runs that are not done.", "state")
    rows = Run.objects.filter(state__in=SHOWN_RUN_STATES).order_by().values_list("state").annotate(Count("pk"))
    counts = dict(rows)
    for state in SHOWN_RUN_STATES:
        runs.add_metric([state.value], counts.get(state.value, 0))
    return runs


def _read_unknown_words() -> Metric:
    rows = _gauge(
        "unknown_words", "Rows whose status, or kind, is a word of the marketplace that nobody here knows.",
        "marketplace", "resource",
    )  # fmt: skip
    for resource, stream in STREAMS.items():
        counts = dict(stream.list_unknown().order_by().values_list("shop__marketplace").annotate(Count("pk")))
        for marketplace in list_offering(resource):
            rows.add_metric([marketplace, resource], counts.get(marketplace, 0))
    return rows


def _read_enrichment() -> Metric:
    tasks = _gauge("enrichment_tasks", "Orders that are asked for package numbers, by how far that is.", "state")
    counts = dict(EnrichmentTally.objects.order_by().values_list("status").annotate(Sum("count")))
    for status in EnrichmentStatus.values:
        tasks.add_metric([status], counts.get(status, 0))
    return tasks


def _read_aftersales() -> list[Metric]:
    figures = load_figures()
    cases = _gauge("aftersales_cases", "After-sales cases that somebody should look at, by what is wrong.", "problem")
    cases.add_metric(["overdue"], figures.overdue_count)
    cases.add_metric(["without_deadline"], figures.countdown_without_deadline_count)
    cases.add_metric(["waiting_too_long"], figures.stale_count)
    cases.add_metric(["not_handled"], figures.not_handled_count)
    swept = _gauge("aftersales_since_sweep_seconds", "Since the last sweep of all shops ended; none where none has.")
    if figures.since_last_sweep is not None:
        swept.add_metric([], figures.since_last_sweep.total_seconds())
    return [cases, swept]


def _ask_redis() -> list[Metric]:
    client().ping()
    waiting = _gauge("enrichment_queue", "Orders that wait in the queue that makes workers quick.")
    waiting.add_metric([], QUEUE.count())
    return [waiting]


def _count_messages() -> list[Metric]:
    messages = _gauge("queue_messages", "Messages that wait in a queue.", "queue")
    for queue, count in count_messages().items():
        messages.add_metric([queue], count)
    return [messages]


def _measure_folders() -> list[Metric]:
    files = _gauge("buffer_files", "Batches in the folders of this host; says so without the database too.", "folder")
    sizes = _gauge("buffer_file_bytes", "Bytes of these files.", "folder")
    for folder, (count, size) in open_store().measure().items():
        files.add_metric([folder.value], count)
        sizes.add_metric([folder.value], size)
    return [files, sizes]
