"""Batches in files as a worker leaves them while the database is away: real payloads, under ids of the test's own."""

import json
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from backoffice.common import clock
from shops.models import Shop
from syncjobs.buffer.files import BatchFacts, BatchFile
from syncjobs.buffer.ledger import open_store
from syncjobs.models import BatchFileState, BufferedBatch, Chunk, ChunkState, Run, RunState
from tests.factories.sync import WINDOW_END, WINDOW_START, make_chunk, make_run

PAYLOADS = Path(__file__).parent.parent / "shops/marketplaces/payloads/tiktok/order_search_vn.json"
_moments = count(1)


def make_payload(external_id: str, **changes: Any) -> dict[str, Any]:
    """An order as the marketplace lists it."""
    payload: dict[str, Any] = json.loads(PAYLOADS.read_text(encoding="utf-8"))["data"]["orders"][0]
    return payload | {"id": external_id} | changes


def make_buffered_run(**facts: Any) -> Run:
    """A run that was read to its end, of which everything waits in files."""
    run = make_run(state=RunState.BUFFERED, **facts)
    make_chunk(run=run, number=1, state=ChunkState.BUFFERED)
    return run


def put_batch(chunk: Chunk, *payloads: Any, **changes: Any) -> BatchFile:
    """Write the next batch of a chunk."""
    run = chunk.run
    facts: dict[str, Any] = {
        "marketplace": run.shop.marketplace,
        "mapping": f"{run.shop.marketplace}.{run.resource}",
        "shop_id": run.shop_id,
        "resource": run.resource,
        "run_id": run.pk,
        "chunk_id": chunk.pk,
        "window_start": chunk.window_start,
        "window_end": chunk.window_end,
        "source": "poll",
        "buffered_at": WINDOW_END + timedelta(seconds=next(_moments)),
        "record_count": len(payloads),
        "error": "the connection is gone",
    }
    return open_store().put(BatchFacts(**{**facts, **changes}), payloads)


def make_batch_row(shop: Shop, mark: str = "", **changes: Any) -> BufferedBatch:
    """What people see of a batch on another host; `mark` is in every text."""
    facts: dict[str, Any] = {
        "file_name": f"{mark}{next(_moments)}",
        "host": f"{mark} host",
        "state": BatchFileState.FAILED,
        "resource": "orders",
        "window_start": WINDOW_START,
        "window_end": WINDOW_END,
        "error": f"{mark} error",
        "buffered_at": clock.now(),
        "changed_at": clock.now(),
    }
    return BufferedBatch.objects.create(shop=shop, **{**facts, **changes})
