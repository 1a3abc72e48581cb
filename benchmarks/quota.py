"""How much of a quota two workers use, and whether they ever ask for more: on real chunks, over HTTP.

Two shops have the same quota at the sandbox and the same limit in the app; one is read in the lane of the schedule,
the other in that of people, which may use all of it and so has nothing but the guard between it and a refusal.
"""

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
from django.conf import settings

from backoffice.common import clock
from backoffice.management.demo.children import Children
from backoffice.management.demo.world import Control
from benchmarks.harness import Ratio
from benchmarks.sandbox import running_sandbox
from shops.marketplaces.rate_limit import Lane, share_of
from shops.models import MarketplaceApp, Shop
from shops.queries import get_lane_percent
from shops.services import list_sandbox_shops
from syncjobs.models import Run, RunKind, RunState, Trigger
from syncjobs.services import start_run

CALLS, WINDOW_SECONDS = 100, 60  # TikTok's for one shop
WINDOWS = 3
ORDERS = 100_000  # more than can be read in three windows
WORKERS = 2
TRIGGERS = {Lane.INTERACTIVE: Trigger.PERSON, Lane.INCREMENTAL: Trigger.BEAT}
WORDS = {Lane.INTERACTIVE: "people", Lane.INCREMENTAL: "the schedule"}
LEAST_USE = 0.95


def run() -> list[Ratio]:
    """Let two workers read for three whole windows; return what they used of each lane's share, and the refusals."""
    with running_sandbox(ORDERS) as control:
        shops = dict(zip(TRIGGERS, list_sandbox_shops()[:2], strict=True))
        runs = {lane: _prepare(control, shop, lane) for lane, shop in shops.items()}
        tell(control, "DELETE", "/calls")
        made = _count_while_working(control, shops)
        assert not Run.objects.filter(pk__in=runs.values()).exclude(state=RunState.OPEN).exists(), "too few orders"
    ratios = []
    for lane, counts in made.items():
        share = WINDOWS * share_of(CALLS, get_lane_percent(lane))
        print(f"  {WORDS[lane]}: {counts['ok']} of {share} calls in {WINDOWS} windows, {counts['throttled']} refused")
        ratios.append(Ratio(f"quota: share of the lane that was used, {WORDS[lane]}", counts["ok"] / share, LEAST_USE))
    refused = sum(counts["throttled"] for counts in made.values())
    return [*ratios, Ratio("quota: calls that the marketplace refused", refused, 0, at_least=False)]


def _prepare(control: Control, shop: Shop, lane: Lane) -> int:
    """Give a shop its quota at the sandbox, and a run in the lane; return the run's id."""
    quota = {"marketplace": "tiktok", "shop": shop.external_id, "calls": CALLS, "seconds": WINDOW_SECONDS}
    tell(control, "POST", "/quotas", quota)
    MarketplaceApp.objects.filter(pk=shop.app_id).update(shop_calls_per_minute=CALLS)
    run = start_run(shop, kind=RunKind.FULL, trigger=TRIGGERS[lane])
    assert run is not None
    assert run.lane == lane
    return run.pk


def _count_while_working(control: Control, shops: Mapping[Lane, Shop]) -> dict[Lane, Counter[str]]:
    """Start the workers, and count the calls from the first one on for so many windows."""
    children = Children(Path(settings.VAR_DIR) / "bench" / "quota")
    try:
        for number in range(WORKERS):
            children.start(f"worker{number}", [sys.executable, "-m", "benchmarks.quota_worker"])
        while not any(counts["ok"] for counts in _read_calls(control, shops).values()):
            clock.sleep(0.05)
        clock.sleep(WINDOWS * WINDOW_SECONDS)
        return _read_calls(control, shops)
    finally:
        children.end_all()


def _read_calls(control: Control, shops: Mapping[Lane, Shop]) -> dict[Lane, Counter[str]]:
    known = control.calls()["tiktok"]["shops"]
    made: dict[Lane, Counter[str]] = {lane: Counter() for lane in shops}
    for lane, shop in shops.items():
        for counts in known.get(shop.external_id, {}).values():
            made[lane] += Counter({outcome: counts.get(outcome, 0) for outcome in ("ok", "throttled")})
    return made


def tell(control: Control, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
    """Tell the sandbox something at one of its switches."""
    requests.request(method, f"{control.url}{path}", json=body, timeout=60).raise_for_status()
