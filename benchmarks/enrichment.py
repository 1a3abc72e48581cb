"""What tasks for package numbers cost whoever stores the orders, and how much of a quota two workers use for them."""

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from backoffice.common import clock
from backoffice.common.ingest import Origin
from backoffice.management.demo.children import Children
from backoffice.management.demo.world import Control
from benchmarks.harness import Ratio, median_seconds
from benchmarks.quota import tell
from benchmarks.sandbox import first_shop, running_sandbox
from benchmarks.tables import BATCH, empty_tables, get_bench_shop, make_records
from shops.marketplaces.rate_limit import Lane, share_of
from shops.marketplaces.records import OrderRecord, OrderStatus
from shops.models import MarketplaceApp, Shop
from shops.queries import get_lane_percent
from syncjobs.engine.worker import work_on_run
from syncjobs.intake import store_batch
from syncjobs.models import EnrichmentTask, RunKind, Trigger
from syncjobs.services import start_run

ORDERS = 3_000
ORDERS_TO_ASK_FOR = 2_000  # one or more calls each: more than can be asked for in the windows
CALLS, WINDOW_SECONDS, WINDOWS = 200, 60, 2
WORKERS = 2


def run() -> list[Ratio]:
    """Measure, and return the ratios that the product promises."""
    return [_measure_creating(), _measure_use()]


def _measure_creating() -> Ratio:
    """Store shipped orders without package numbers, with and without their tasks."""
    shop = get_bench_shop()
    shipped = [replace(record, status=OrderStatus.IN_TRANSIT, packages=None) for record in make_records(ORDERS)]
    seconds = median_seconds(
        {"alone": lambda: _store(shop, shipped, False), "with tasks": lambda: _store(shop, shipped, True)},
        prepare=empty_tables,
    )
    assert EnrichmentTask.objects.count() == ORDERS
    empty_tables()
    speeds = {way: f"{ORDERS / one:,.0f}" for way, one in seconds.items()}
    print(f"  shipped orders: {speeds['alone']} a second alone, {speeds['with tasks']} with their tasks")
    share = seconds["with tasks"] / seconds["alone"] - 1
    return Ratio("enrichment: creating tasks, share of storing their orders", share, 0.15, at_least=False)


def _store(shop: Shop, records: list[OrderRecord], is_enriched: bool) -> None:
    Shop.objects.filter(pk=shop.pk).update(is_enriched=is_enriched)
    for start in range(0, len(records), BATCH):
        store_batch("orders", shop.pk, records[start : start + BATCH], [], Origin("poll", clock.now()))


def _measure_use() -> Ratio:
    """Let two workers ask for package numbers for whole windows; return what they used of their lane's share."""
    with running_sandbox(ORDERS_TO_ASK_FOR, shops=1, marketplaces=("temu",)) as control:
        shop = first_shop()
        sync = start_run(shop, kind=RunKind.INCREMENTAL, trigger=Trigger.COMMAND, resource="orders")
        assert sync is not None
        work_on_run(sync.pk, seconds=600)
        quota = {"marketplace": "temu", "shop": shop.external_id, "calls": CALLS, "seconds": WINDOW_SECONDS}
        tell(control, "POST", "/quotas", quota)
        MarketplaceApp.objects.filter(pk=shop.app_id).update(shop_calls_per_minute=CALLS)
        tell(control, "DELETE", "/calls")
        made = _count_while_working(control, shop)
        assert EnrichmentTask.objects.filter(status="pending").exists(), "too few orders"
    share = WINDOWS * share_of(CALLS, get_lane_percent(Lane.BACKFILL))
    print(f"  package numbers: {made['ok']} of {share} calls in {WINDOWS} windows, {made['throttled']} refused")
    return Ratio("enrichment: share of the lane that two workers used", made["ok"] / share, 0.95)


def _count_while_working(control: Control, shop: Shop) -> Counter[str]:
    children = Children(Path(settings.VAR_DIR) / "bench" / "enrichment")
    try:
        for number in range(WORKERS):
            children.start(f"worker{number}", [sys.executable, "manage.py", "run_enrichment_worker"])
        while not _read_calls(control, shop)["ok"]:
            clock.sleep(0.05)
        clock.sleep(WINDOWS * WINDOW_SECONDS)
        return _read_calls(control, shop)
    finally:
        children.end_all()


def _read_calls(control: Control, shop: Shop) -> Counter[str]:
    made: Counter[str] = Counter()
    for counts in control.calls()["temu"]["shops"].get(shop.external_id, {}).values():
        made += Counter({outcome: counts.get(outcome, 0) for outcome in ("ok", "throttled")})
    return made
