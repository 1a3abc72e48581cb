"""Calls made for a first sync over HTTP, against the least possible by the sandbox's own count."""

from backoffice.common import clock
from benchmarks.harness import Ratio
from benchmarks.sandbox import running_sandbox
from shops.models import Shop
from shops.services import list_sandbox_shops
from syncjobs.engine.worker import work_on_run
from syncjobs.models import RunKind, Trigger
from syncjobs.services import start_run

ORDERS = 20_000
CALLS_THAT_ARE_NOISE = 5


def run() -> list[Ratio]:
    """Sync two shops here, in one process; return the calls made as a share of the least possible."""
    with running_sandbox(ORDERS) as control:
        started = clock.monotonic_seconds()
        fetched = sum(_sync(shop) for shop in list_sandbox_shops())
        seconds = clock.monotonic_seconds() - started
        total = control.calls()["tiktok"]["total"]
    made = sum(total[kind] for kind in ("ok", "refused", "throttled", "faulted"))
    least = total["least_possible"]
    print(f"  one process, over HTTP: {fetched / seconds:,.0f} orders/s; {made} calls, {least} at least")
    allowed = max(1.02, 1 + CALLS_THAT_ARE_NOISE / least)
    return [Ratio("calls: times the least possible", made / least, allowed, at_least=False)]


def _sync(shop: Shop) -> int:
    run = start_run(shop, kind=RunKind.INCREMENTAL, trigger=Trigger.COMMAND)
    assert run is not None
    work_on_run(run.pk, seconds=3_600)
    run.refresh_from_db()
    return run.fetched_count
