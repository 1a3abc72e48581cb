"""What a worker needs for an order and in memory, from 20,000 to 1,000,000 orders: neither may grow with them.

Both sizes are a first sync of one world by one worker process, over HTTP. The long one is also the one whose batches
are timed, as its table grows under it.
"""

import json
import os
import statistics
import subprocess
import sys
from typing import Any

from benchmarks.charts import draw_line
from benchmarks.harness import Ratio
from benchmarks.sandbox import running_sandbox
from benchmarks.tables import BATCH, empty_tables

FEW = 20_000
MANY = int(os.environ.get("BENCH_GROWTH_ORDERS", "1000000"))
SHOPS = 2
SIZES = (20_000, 50_000, 100_000, 200_000, 400_000, 700_000, 1_000_000)
AROUND = 10_000  # orders before and after a size whose batches count for it: 66 batches
FEWEST_BATCHES = 50
SLOWER_AT_MOST = 1.2
MORE_AT_MOST = 0.15
MORE_MIB_AT_MOST = 16


def run() -> list[Ratio]:
    """Measure; return how much more an order costs in a large table than in a small one, and how much more memory."""
    few = _sync_all(FEW)
    many = _sync_all(MANY)
    sizes = [size for size in SIZES if size < MANY] + [MANY]
    costs = [(size, _median_cost(many["batches"], size)) for size in sizes]
    print("  ms an order:", ", ".join(f"{cost * 1000:.3f} at {size:,}" for size, cost in costs))
    worst = max(cost for _, cost in costs) / costs[0][1]
    allowed = costs[0][1] * SLOWER_AT_MOST
    in_microseconds = [(size, cost * 1e6) for size, cost in costs]
    draw_line("growth", "Microseconds an order, by the orders in the table", in_microseconds, allowed * 1e6)
    few_mib, many_mib = few["peak_kib"] / 1024, many["peak_kib"] / 1024
    print(f"  worker's peak: {few_mib:.0f} MiB with {FEW:,} orders, {many_mib:.0f} MiB with {MANY:,}")
    more = round(max(1 + MORE_AT_MOST, 1 + MORE_MIB_AT_MOST / few_mib), 3)
    compared = f"{MANY:,} orders to {FEW:,}"
    return [
        Ratio(f"growth: cost of an order, up to {compared}, worst size", worst, SLOWER_AT_MOST, at_least=False),
        Ratio(f"growth: worker's memory, {compared}", many_mib / few_mib, more, at_least=False),
    ]


def _sync_all(orders: int) -> dict[str, Any]:
    """Sync a world of so many orders in a worker of its own; return what it noted."""
    with running_sandbox(orders, shops=SHOPS):
        worker = [sys.executable, "-m", "benchmarks.growth_worker"]
        done = subprocess.run(worker, stdout=subprocess.PIPE, text=True, check=True)
        empty_tables()  # gigabytes
    noted: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    stored = sum(count for _, count, _ in noted["batches"])
    assert stored == orders, f"{stored} orders were stored instead of {orders}"
    seconds = sum(seconds for _, _, seconds in noted["batches"])
    print(f"  {orders:,} orders: {orders / seconds:,.0f} orders/s", flush=True)
    return noted


def _median_cost(batches: list[tuple[int, int, float]], size: int) -> float:
    """Return the middle cost of an order in the whole batches around a size of the table, or before it at the end."""
    last = batches[-1][0] + batches[-1][1]
    first = min(size - AROUND, last - 2 * AROUND)
    costs = [seconds / count for stored, count, seconds in batches
             if count >= BATCH and first <= stored < first + 2 * AROUND]  # fmt: skip
    assert len(costs) >= FEWEST_BATCHES, f"only {len(costs)} whole batches around {size}"
    return statistics.median(costs)
