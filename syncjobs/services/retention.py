"""Deletes what is older than it is to be kept: in small transactions, for as long as it is given, in any order.

Nothing that is open, stopped or waits is ever deleted. Who begins anew goes on where it was left: what is gone is gone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from aftersales.models import KeyedCall, ReturnPayload, SweepRun
from backoffice.common import clock
from backoffice.common.counting import count_up_to
from backoffice.common.lists.retention import list_old_batches, list_old_exports
from backoffice.common.payload_retention import PayloadTable, PayloadWalk, count_old_payloads, start_payload_walk
from backoffice.common.pruning import delete_some
from backoffice.common.stopping import is_stopping
from orders.models import OrderPayload, ProductPayload, ShipmentPayload, StatementPayload, TransactionPayload
from syncjobs.models import (
    Backfill,
    BackfillState,
    BatchFileState,
    BufferedBatch,
    FailedRecord,
    FailedRecordState,
    GapReport,
    GapReportState,
    Run,
    RunKind,
    RunState,
    Watermark,
)

log = structlog.get_logger(__name__)

COUNTED_AT_MOST = 100_000  # by a look at what would go
RUNS_AT_ONCE = 50  # whole ones with their chunks, of which those of a backfill have thousands
BATCHES_AT_ONCE = 10  # bulk actions have up to 10,000 results each
ENDED = (RunState.DONE, RunState.FAILED, RunState.CANCELLED, RunState.SKIPPED)
PAYLOAD_TABLES = (
    PayloadTable("order_payloads", OrderPayload, "order_id"),
    PayloadTable("product_payloads", ProductPayload, "product_id"),
    PayloadTable("shipment_payloads", ShipmentPayload, "shipment_id"),
    PayloadTable("return_payloads", ReturnPayload, "synced_return_id"),
    PayloadTable("transaction_payloads", TransactionPayload, "transaction_id"),
    PayloadTable("statement_payloads", StatementPayload, "statement_id"),
)


@dataclass(frozen=True)
class Kind:
    """One kind of row: for how many days it is kept (0: for ever), which rows are old, how some are deleted."""

    name: str
    setting: str
    list_old: Callable[[datetime], QuerySet[Any]]
    at_once: int = 1_000


@dataclass
class Pruned:
    """What was deleted of each kind, and where to go on with payloads; `is_finished` where time was enough."""

    counts: dict[str, int] = field(default_factory=dict)
    is_finished: bool = False
    payloads_from: datetime | None = None


def prune(*, seconds: float, payloads_from: datetime | None = None, is_thorough: bool = False) -> Pruned:
    """Delete old rows of every kind for about so many seconds. `payloads_from` goes on where another one ended."""
    until = clock.monotonic_seconds() + seconds
    pruned = Pruned(payloads_from=payloads_from)
    is_finished = all(_prune_kind(kind, pruned, until) for kind in KINDS)
    pruned.is_finished = is_finished and _prune_payloads(pruned, until, is_thorough=is_thorough)
    log.info("pruned", **pruned.counts, is_finished=pruned.is_finished)
    return pruned


def count_old_rows() -> dict[str, tuple[int, int]]:
    """Return {kind: (days kept, rows that are old by now)}, counted up to one more than COUNTED_AT_MOST."""
    found = {}
    for kind in KINDS:
        before = find_limit(kind.setting)
        count = count_up_to(COUNTED_AT_MOST, kind.list_old(before)) if before else 0
        found[kind.name] = (getattr(settings, kind.setting), count)
    before = find_limit("RETENTION_PAYLOADS_DAYS")
    for table in PAYLOAD_TABLES:
        count = count_old_payloads(table, COUNTED_AT_MOST, before) if before else 0
        found[table.name] = (settings.RETENTION_PAYLOADS_DAYS, count)
    return found


def find_limit(setting: str) -> datetime | None:
    """Return the moment before which rows are old by this setting; None where they are kept for ever."""
    days = getattr(settings, setting)
    return clock.now() - timedelta(days=days) if days else None


def _prune_kind(kind: Kind, pruned: Pruned, until: float) -> bool:
    before = find_limit(kind.setting)
    if before is None:
        return True
    while count := _in_time(until) and delete_some(kind.list_old(before), kind.at_once):
        pruned.counts[kind.name] = pruned.counts.get(kind.name, 0) + count
    return _in_time(until)


def _prune_payloads(pruned: Pruned, until: float, *, is_thorough: bool) -> bool:
    before = find_limit("RETENTION_PAYLOADS_DAYS")
    if before is None:
        return True
    if pruned.payloads_from is None:
        walk = start_payload_walk(PAYLOAD_TABLES, before, is_thorough=is_thorough)
    else:
        walk = PayloadWalk(PAYLOAD_TABLES, pruned.payloads_from, before)
    while not walk.is_finished and _in_time(until):
        for name, count in walk.delete_some().items():
            pruned.counts[name] = pruned.counts.get(name, 0) + count
    pruned.payloads_from = walk.position
    return walk.is_finished


def _in_time(until: float) -> bool:
    return not is_stopping() and clock.monotonic_seconds() < until


def _list_old_runs(before: datetime) -> QuerySet[Run]:
    """Ended runs, which take their chunks and events along.

    Not of a backfill that goes on, and not what tells where the first window of a shop began.
    """
    of_ended_backfill = Q(backfill=None) | Q(backfill__state=BackfillState.ENDED)
    read_once = Watermark.objects.filter(shop_id=OuterRef("shop_id"), resource=OuterRef("resource"))
    is_needed = Q(kind=RunKind.INCREMENTAL) & ~Exists(read_once)
    ended = Run.objects.filter(of_ended_backfill, created_at__lt=before, state__in=ENDED)
    return ended.filter(Q(finished_at__lt=before) | Q(finished_at=None)).exclude(is_needed)


def _list_old_backfills(before: datetime) -> QuerySet[Backfill]:
    return Backfill.objects.filter(state=BackfillState.ENDED, finished_at__lt=before, runs=None)


def _list_old_gap_reports(before: datetime) -> QuerySet[GapReport]:
    ended = (GapReportState.DONE, GapReportState.FAILED)
    return GapReport.objects.filter(state__in=ended, finished_at__lt=before)


def _list_old_failed_records(before: datetime) -> QuerySet[FailedRecord]:
    return FailedRecord.objects.exclude(state=FailedRecordState.OPEN).filter(ended_at__lt=before)


def _list_old_buffered_batches(before: datetime) -> QuerySet[BufferedBatch]:
    return BufferedBatch.objects.filter(state=BatchFileState.STORED, changed_at__lt=before)


def _list_old_keyed_calls(before: datetime) -> QuerySet[KeyedCall]:
    return KeyedCall.objects.filter(created_at__lt=before)


def _list_old_sweeps(before: datetime) -> QuerySet[SweepRun]:
    return SweepRun.objects.filter(started_at__lt=before)


KINDS = (
    Kind("runs", "RETENTION_RUNS_DAYS", _list_old_runs, at_once=RUNS_AT_ONCE),
    Kind("backfills", "RETENTION_RUNS_DAYS", _list_old_backfills),
    Kind("gap_reports", "RETENTION_RUNS_DAYS", _list_old_gap_reports),
    Kind("failed_records", "RETENTION_FAILED_RECORDS_DAYS", _list_old_failed_records),
    Kind("buffered_batches", "RETENTION_BUFFER_DAYS", _list_old_buffered_batches),
    Kind("keyed_calls", "RETENTION_RUNS_DAYS", _list_old_keyed_calls),
    Kind("sweeps", "RETENTION_RUNS_DAYS", _list_old_sweeps),
    Kind("bulk_actions", "RETENTION_LISTS_DAYS", list_old_batches, at_once=BATCHES_AT_ONCE),
    Kind("downloads", "RETENTION_LISTS_DAYS", list_old_exports),
)
