"""A first sync over HTTP with one worker, against the same job done with Django's own means, and by dlt.

All sides read the same orders from the same sandbox, one page after another, and write to the same server. Rows of the
ways that write to our tables are the same; dlt makes tables of its own from the payload's fields, lines and packages,
with the payload beside them as here.
"""

import gc
import os
import statistics
from collections.abc import Callable, Mapping

from django.test.utils import override_settings

from benchmarks.charts import draw_bars
from benchmarks.harness import Ratio
from benchmarks.sandbox import first_shop, running_sandbox
from benchmarks.sync_dlt import Dlt, NoDlt
from benchmarks.sync_ways import Timed, bulk_create, sync, update_or_create
from benchmarks.tables import empty_tables

ORDERS = int(os.environ.get("BENCH_SYNC_ORDERS", "10000"))
ORDERS_ONE_BY_ONE = 500  # the slow way is timed on fewer orders and compared per order
ROUNDS = int(os.environ.get("BENCH_SYNC_ROUNDS", "3"))
PROMISED = {
    "update_or_create": ("update_or_create per row", 20.0),
    "bulk_create": ("bulk_create(update_conflicts=True)", 1.7),
    "dlt": ("dlt, merge", 3.0),
}


@override_settings(DEBUG=False)  # with it every statement is kept, which costs most where there are most statements
def run() -> list[Ratio]:
    """Measure in turns; return how many times as many orders a second the product syncs."""
    with running_sandbox(ORDERS, shops=1):
        shop = first_shop()
        ways: dict[str, Callable[[], Timed]] = {
            "sync": lambda: sync(shop),
            "bulk_create": lambda: bulk_create(shop),
            "update_or_create": lambda: update_or_create(shop, ORDERS_ONE_BY_ONE),
        }
        dlt = Dlt()
        try:
            dlt.install()
            ways["dlt"] = lambda: dlt.load(shop)
        except NoDlt as missing:
            print(f"  {missing}\n  Its line is left out.")
        empty_tables()
        sync(shop)  # a warm-up: the sandbox keeps what it has computed once
        rounds = [_one_round(ways) for _ in range(ROUNDS)]
        if "dlt" in ways:
            orders, seconds = dlt.load(shop, with_payload=False)
            print(f"  for comparison, dlt without payloads: {orders / seconds:,.0f} orders/s")
        dlt.forget()
        empty_tables()
    draw_bars("sync", f"A first sync of {ORDERS:,} orders over HTTP, orders a second", _speeds(rounds))
    return [_compare(rounds, name) for name in ways if name != "sync"]


def _speeds(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: 1 / statistics.median(one[name] for one in rounds) for name in rounds[0]}


def _one_round(ways: Mapping[str, Callable[[], Timed]]) -> dict[str, float]:
    """Return the seconds an order of each way."""
    seconds = {}
    for name, way in ways.items():
        empty_tables()
        gc.collect()
        orders, taken = way()
        assert orders == (ORDERS_ONE_BY_ONE if name == "update_or_create" else ORDERS), f"{name} stored {orders} orders"
        seconds[name] = taken / orders
    print("  orders/s:", ", ".join(f"{name} {1 / value:,.0f}" for name, value in seconds.items()), flush=True)
    return seconds


def _compare(rounds: list[dict[str, float]], name: str) -> Ratio:
    """Compare the medians; say how far the rounds lie apart."""
    times = [one[name] / one["sync"] for one in rounds]
    print(f"  times {name}: {min(times):.2f} to {max(times):.2f} in {len(times)} rounds")
    described, bound = PROMISED[name]
    medians = [statistics.median(one[side] for one in rounds) for side in (name, "sync")]
    return Ratio(f"sync: times {described}", medians[0] / medians[1], bound)
