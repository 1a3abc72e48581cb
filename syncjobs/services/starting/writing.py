"""Writes planned runs with their chunks: any number of shops in a fixed number of statements and one transaction."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from backoffice.common import clock
from backoffice.common.deadlocks import repeat_on_deadlock
from backoffice.common.upsert import table_of
from shops.choices import SyncStatus
from shops.models import Shop
from syncjobs.engine.closing import STAMPS
from syncjobs.engine.planner import Plan, Selection, cut_into_chunks
from syncjobs.models import Chunk, EventLevel, Lane, Run, RunEvent, RunState

CHUNKS_AT_ONCE = 2_000  # a shop that is read for the first time in a year has 365


@dataclass(frozen=True, slots=True)
class Draft:
    """One run to be written: whose, what, when, in chunks of what length, and in which slot of the schedule."""

    shop_id: int
    plan: Plan
    chunk: timedelta
    slot_key: str | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who or what asks for runs, and in which lane they go."""

    trigger: str
    lane: Lane = Lane.INCREMENTAL
    is_forced: bool = False


def write_runs(selection: Selection, asker: Asker, drafts: Sequence[Draft]) -> dict[int, int]:
    """Write the runs; return {shop id: run id} of those that are open now. The constraints decide.

    A run whose twin is open, or whose slot of the schedule had its run, is not written: somebody else was faster.
    """
    return repeat_on_deadlock(lambda: _write(selection, asker, drafts)) if drafts else {}


def _write(selection: Selection, asker: Asker, drafts: Sequence[Draft]) -> dict[int, int]:
    with transaction.atomic():
        ids = _insert_runs([_make_run(selection, asker, draft) for draft in drafts])
        planned = [(ids[draft.shop_id], draft) for draft in drafts if _is_open(draft, ids)]
        chunks = _make_chunks(planned)
        while some := list(islice(chunks, CHUNKS_AT_ONCE)):
            Chunk.objects.bulk_create(some)
        now = clock.now()
        RunEvent.objects.bulk_create(
            RunEvent(run_id=run_id, at=now, level=EventLevel.INFO, text=draft.plan.reason)
            for run_id, draft in planned
            if draft.plan.reason
        )
        opened = {draft.shop_id: ids[draft.shop_id] for draft in drafts if _is_open(draft, ids)}
        if columns := STAMPS.get(selection.resource):
            Shop.objects.filter(pk__in=opened).update(**{columns[0]: SyncStatus.RUNNING})
        return opened


def _is_open(draft: Draft, ids: dict[int, int]) -> bool:
    return draft.shop_id in ids and not draft.plan.is_skipped


def _make_run(selection: Selection, asker: Asker, draft: Draft) -> Run:
    now, plan = clock.now(), draft.plan
    return Run(
        shop_id=draft.shop_id,
        resource=selection.resource,
        kind=selection.kind,
        trigger=asker.trigger,
        lane=asker.lane,
        status_filter=selection.status_filter,
        parameters=selection.parameters,
        identity=selection.identity,
        is_forced=asker.is_forced,
        window_start=plan.window.start,
        window_end=plan.window.end,
        state=RunState.SKIPPED if plan.is_skipped else RunState.OPEN,
        reason=plan.reason,
        slot_key=draft.slot_key,
        created_at=now,
        finished_at=now if plan.is_skipped else None,
    )


def _make_chunks(planned: Iterable[tuple[int, Draft]]) -> Iterator[Chunk]:
    for run_id, draft in planned:
        for number, piece in enumerate(cut_into_chunks(draft.plan.window, draft.chunk), start=1):
            yield Chunk(
                run_id=run_id, number=number, window_start=piece.start, window_end=piece.end, due_at=draft.plan.due_at
            )


def _insert_runs(runs: Sequence[Run]) -> dict[int, int]:
    """Insert what no constraint forbids; return {shop id: run id}. Django's way does not say which rows it wrote."""
    fields = [field for field in Run._meta.concrete_fields if not field.primary_key]
    columns = sql.SQL(", ").join([sql.Identifier(str(field.column)) for field in fields])
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s)"
        " ON CONFLICT DO NOTHING RETURNING shop_id, id"
    ).format(table=table_of(Run), columns=columns)
    rows = [{field.column: getattr(run, field.attname) for field in fields} for run in runs]
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(rows, default=_as_text)])
        return dict(cursor.fetchall())


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} is nothing that a run holds")
