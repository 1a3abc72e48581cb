"""How often the schedule can come round with an app's calls a day, and what each of its tasks costs."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from backoffice.common.plurals import say_count
from backoffice.common.schedules import Scheduled, list_scheduled
from shops.choices import ShopState
from shops.marketplaces.rate_limit import Lane, share_of
from shops.marketplaces.registry import find_capability
from shops.models import MarketplaceApp
from shops.queries import get_lane_percent, list_limits
from syncjobs.engine.pacing import Demand, Stretch, list_too_dear, plan_stretch
from syncjobs.engine.planner import FULL, INCREMENTAL, WINDOW
from syncjobs.services.starting.facts import plan_rules

# Which tasks read regularly, and what; their arguments say the rest. The tasks are in syncjobs.tasks.
KIND_OF_TASK: Mapping[str, str] = {
    "syncjobs.tasks.sync_incremental": INCREMENTAL,
    "syncjobs.tasks.sync_window": WINDOW,
    "syncjobs.tasks.sync_today": WINDOW,
    "syncjobs.tasks.sync_full": FULL,
}


@dataclass(frozen=True, slots=True)
class QuotaFit:
    """How an app's schedule fits its quota."""

    app: MarketplaceApp
    shop_count: int
    calls_needed: float
    calls_allowed: int
    stretch: Stretch

    @property
    def is_stretched(self) -> bool:
        """Whether turns come seldomer than planned."""
        return self.stretch != Stretch()


def read_quota_fits() -> dict[int, QuotaFit]:
    """Return by app how the tasks that are switched on fit its quota; apps without an active shop are left out."""
    scheduled = list_scheduled(KIND_OF_TASK)
    return {app.pk: _measure(app, list_demands(scheduled, app.marketplace)) for app in _list_apps()}


def list_demands(scheduled: Iterable[Scheduled], marketplace: str) -> list[Demand]:
    """Return what scheduled tasks cost an app of this marketplace; those that do not concern it are left out."""
    return [
        Demand(entry.name, entry.turns_a_day, _count_calls(entry, marketplace), KIND_OF_TASK[entry.task] == INCREMENTAL)
        for entry in scheduled
        if entry.task in KIND_OF_TASK and _concerns(entry, marketplace)
    ]


def _concerns(entry: Scheduled, marketplace: str) -> bool:
    arguments = entry.arguments
    return (
        arguments.get("marketplace") in (None, "", marketplace)
        and arguments.get("without") != marketplace
        and find_capability(marketplace, _resource_of(entry)) is not None
    )


def _resource_of(entry: Scheduled) -> str:
    return str(entry.arguments.get("resource", "orders"))


def find_too_dear(wanted: Sequence[Scheduled], running: Sequence[Scheduled]) -> dict[str, str]:
    """Return {name: why} of the wanted tasks that some app's quota cannot carry beside those that run already.

    The first of them are served first.
    """
    reasons: dict[str, str] = {}
    for app in _list_apps():
        demands, known = list_demands(wanted, app.marketplace), list_demands(running, app.marketplace)
        allowed, count = count_calls_allowed(app), _shop_count(app)
        left = allowed - sum(demand.calls_a_day(count) for demand in known)
        costs = {demand.name: demand.calls_a_day(count) for demand in demands}
        for name in list_too_dear(demands, count, left) if allowed else ():
            reasons.setdefault(
                name,
                f"for {say_count(count, 'shop')} it needs {costs[name]:,.0f} calls a day or more; of the {allowed:,} "
                f"that {app} may make for the schedule, the other tasks leave less",
            )
    return reasons


def count_calls_allowed(app: MarketplaceApp) -> int:
    """Return the calls a day that the schedule may make: its lane's share of the app's quota; 0 = no limit."""
    _, *of_app = list_limits(app)
    a_day = [rule.calls * 86_400 // rule.seconds for rule in of_app if rule.calls]
    return share_of(min(a_day), get_lane_percent(Lane.INCREMENTAL)) if a_day else 0


def _measure(app: Any, demands: Sequence[Demand]) -> QuotaFit:
    count, allowed = _shop_count(app), count_calls_allowed(app)
    needed = sum(demand.calls_a_day(count) for demand in demands)
    return QuotaFit(app, count, needed, allowed, plan_stretch(demands, count, allowed))


def _list_apps() -> QuerySet[Any, Any]:
    active = Q(shops__state=ShopState.ACTIVE, shops__credential__isnull=False)
    return MarketplaceApp.objects.annotate(shop_count=Count("shops", filter=active)).filter(shop_count__gt=0)


def _shop_count(app: Any) -> int:
    return int(app.shop_count)


def _count_calls(entry: Scheduled, marketplace: str) -> int:
    """Return the least calls that a turn costs for one shop: one for each chunk."""
    kind = KIND_OF_TASK[entry.task]
    if kind == INCREMENTAL:
        return 1
    rules = plan_rules(_resource_of(entry), marketplace)
    depth = rules.full_depth if kind == FULL else timedelta(hours=int(entry.arguments.get("hours", 24)))
    return max(1, math.ceil(depth / rules.chunk))
