"""Backfills with a run for each shop and a chunk for each day, in the states that a test asks for."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from backoffice.common import clock
from shops.models import Shop
from syncjobs.models import Backfill, Chunk, ChunkState, Run
from tests.factories.shops import make_shop
from tests.factories.sync import make_run

FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def make_backfill(*states: str, shops: Sequence[Shop] = (), run_state: str = "open", **facts: Any) -> Backfill:
    """A backfill of days in UTC, whose chunks are in these states, the same for each shop."""
    shops = shops or [make_shop(timezone="UTC")]
    window = {"window_start": FIRST_DAY, "window_end": FIRST_DAY + DAY * (len(states) or 1)}
    backfill = Backfill.objects.create(
        **window, **{"resources": ["orders"], "created_at": clock.now(), "person": None, **facts}
    )
    for shop in shops:
        run = make_run(
            shop=shop, kind="backfill", trigger="backfill", lane=3, backfill=backfill, state=run_state, **window
        )
        for number, state in enumerate(states, start=1):
            add_day(run, number, state)
    return backfill


def add_day(run: Run, number: int, state: str, **facts: Any) -> Chunk:
    """The chunk of a run's day number `number`."""
    now = clock.now()
    if state in (ChunkState.DONE, ChunkState.FAILED, ChunkState.BUFFERED):
        facts = {"started_at": now - timedelta(minutes=1), "finished_at": now, **facts}
    if state == ChunkState.RUNNING:
        facts = {"started_at": now, "lease_owner": "here:1:a", "lease_expires_at": now + DAY, **facts}
    if state == ChunkState.FAILED:
        facts = {"error": "It broke.", "attempt_count": 3, "unexpected_count": 2, **facts}
    start = FIRST_DAY + DAY * (number - 1)
    return Chunk.objects.create(
        run=run, number=number, state=state, window_start=start, window_end=start + DAY, due_at=now, **facts
    )
