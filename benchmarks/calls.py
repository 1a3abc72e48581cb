"""Calls made for a first sync of everything over HTTP, against the least possible by the sandbox's own count."""

from backoffice.common import clock
from backoffice.management.demo.result import count_made, most_allowed
from benchmarks.harness import Ratio
from benchmarks.sandbox import running_sandbox
from shops.marketplaces.registry import MARKETPLACES, find_capability
from shops.models import Shop
from shops.services import list_sandbox_shops
from syncjobs.engine.worker import work_on_run
from syncjobs.models import RunKind, Trigger
from syncjobs.services import start_run
from syncjobs.streams import STREAMS

ORDERS = 1_500  # of each marketplace: about 11,000 calls in all


def run() -> list[Ratio]:
    """Sync two shops of each marketplace here, in one process; return what was made as a share of what was allowed."""
    with running_sandbox(ORDERS, marketplaces=tuple(MARKETPLACES)) as control:
        started = clock.monotonic_seconds()
        fetched = sum(_sync(shop, resource) for shop in list_sandbox_shops() for resource in STREAMS)
        seconds = clock.monotonic_seconds() - started
        calls = control.calls()
    made_in_all = sum(count_made(told["total"]) for told in calls.values())
    print(f"  one process, over HTTP: {fetched / seconds:,.0f} rows/s, {made_in_all / seconds:,.0f} calls/s")
    ratios = []
    for marketplace, told in calls.items():
        for resource in STREAMS:
            if find_capability(marketplace, resource):
                made, least = count_made(told["resources"][resource]), told["resources"][resource]["least_possible"]
                name = f"calls: {marketplace} {resource}, times the least possible ({least})"
                ratios.append(Ratio(name, made / least, most_allowed(least) / least, at_least=False))
    return ratios


def _sync(shop: Shop, resource: str) -> int:
    if find_capability(shop.marketplace, resource) is None:
        return 0
    run = start_run(shop, kind=RunKind.INCREMENTAL, trigger=Trigger.COMMAND, resource=resource)
    assert run is not None
    work_on_run(run.pk, seconds=3_600)
    run.refresh_from_db()
    return run.fetched_count
