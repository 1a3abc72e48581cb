"""Calls made for a first sync over HTTP, against the least possible by the sandbox's own count."""

import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from backoffice.common import clock
from backoffice.management.demo.children import Children
from backoffice.management.demo.forget import forget_sandbox_shops
from backoffice.management.demo.world import PORTS_FOR_SANDBOX, Control, find_free_ports
from benchmarks.harness import Ratio
from benchmarks.tables import empty_tables
from shops.models import Shop
from shops.services import list_sandbox_shops
from syncjobs.engine.worker import work_on_run
from syncjobs.models import RunKind, Trigger
from syncjobs.services import start_run

ORDERS = 20_000
LAG_SECONDS = 100  # behind the end guard, so that the window holds the whole world
CALLS_THAT_ARE_NOISE = 5


def run() -> list[Ratio]:
    """Sync two shops here, in one process; return the calls made as a share of the least possible."""
    children = Children(Path(settings.VAR_DIR) / "bench")
    port = find_free_ports(9200, PORTS_FOR_SANDBOX)
    facts = ("--port", port, "--orders", ORDERS, "--now", int(clock.unix_seconds()) - LAG_SECONDS)
    children.start("sandbox", [sys.executable, "manage.py", "run_sandbox", *map(str, facts)])
    try:
        control = Control(f"http://127.0.0.1:{port}")
        while not control.answers():
            clock.sleep(0.1)
        empty_tables()
        forget_sandbox_shops()
        call_command("connect_sandbox", control=control.url, verbosity=0)
        started = clock.monotonic_seconds()
        fetched = sum(_sync(shop) for shop in list_sandbox_shops())
        seconds = clock.monotonic_seconds() - started
        total = control.calls()["tiktok"]["total"]
    finally:
        children.end_all()
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
