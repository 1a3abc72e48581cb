"""What a sync is going to cost: how many calls of each shop and app, beside what is left of their quotas."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from orders.queries import count_recent_orders
from shops.marketplaces.rate_limit import Lane
from shops.marketplaces.records import Window
from shops.models import MarketplaceApp, Shop
from shops.queries import QuotaUse, read_quota_use

ORDERS_PER_CALL = 100


@dataclass(frozen=True, slots=True)
class Expected:
    """Chunks and the least calls that can be expected for one shop."""

    chunk_count: int = 0
    call_count: int = 0


@dataclass(slots=True)
class AppForecast:
    """The calls that one app's shops need together, and its limits."""

    name: str
    limits: list[QuotaUse]
    call_count: int = 0

    def describe_left(self) -> str:
        """Say in words how many calls a person's sync may still make."""
        if not self.limits:
            return "no limit"
        return ", ".join(
            f"{'not known of' if (left := limit.left(Lane.INTERACTIVE)) is None else f'{left:,} of'} "
            f"{limit.calls:,} ({limit.name})"
            for limit in self.limits
        )


@dataclass(slots=True)
class Forecast:
    """What a sync of some shops is going to cost."""

    windows: Mapping[int, Window | None]
    shops: dict[int, Expected] = field(default_factory=dict)
    apps: list[AppForecast] = field(default_factory=list)


def forecast_calls(shops: Sequence[Shop], windows: Mapping[int, Window | None], chunk: timedelta) -> Forecast:
    """Estimate the calls of each shop from what is stored of it in its window, and sum them up by app."""
    forecast = Forecast(windows)
    apps: dict[int, AppForecast] = {}
    for shop in shops:
        expected = forecast.shops[shop.pk] = _expect(shop, windows[shop.pk], chunk)
        app = apps.get(shop.app_id) or _read_app(shop.app)
        app.call_count += expected.call_count
        apps[shop.app_id] = app
    forecast.apps = list(apps.values())
    return forecast


def _expect(shop: Shop, window: Window | None, chunk: timedelta) -> Expected:
    if window is None:
        return Expected()
    chunks = math.ceil((window.end - window.start) / chunk)
    pages = math.ceil(count_recent_orders(shop.pk, window.start, window.end) / ORDERS_PER_CALL)
    return Expected(chunks, max(chunks, pages))


def _read_app(app: MarketplaceApp) -> AppForecast:
    return AppForecast(str(app), read_quota_use(app))
