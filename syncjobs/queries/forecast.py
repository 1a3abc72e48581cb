"""What a sync is going to cost: how many calls of each shop and app, beside what is left of their quotas."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shops.marketplaces.rate_limit import Lane
from shops.marketplaces.records import Window
from shops.models import MarketplaceApp, Shop
from shops.queries import QuotaUse, read_quota_use


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


def forecast_calls(
    shops: Sequence[Shop],
    windows: Mapping[int, Window | None],
    chunks: Mapping[int, timedelta],
    stored: Callable[[int, datetime, datetime], int],
    page_sizes: Mapping[int, int],
) -> Forecast:
    """Estimate the calls of each shop from what is stored of it in its window, and sum them up by app.

    `stored` counts what is stored of a shop between two moments; chunks and page sizes are by shop.
    """
    forecast = Forecast(windows)
    apps: dict[int, AppForecast] = {}
    for shop in shops:
        expected = forecast.shops[shop.pk] = _expect(
            shop, windows[shop.pk], chunks[shop.pk], stored, page_sizes[shop.pk]
        )
        app = apps.get(shop.app_id) or _read_app(shop.app)
        app.call_count += expected.call_count
        apps[shop.app_id] = app
    forecast.apps = list(apps.values())
    return forecast


def _expect(
    shop: Shop,
    window: Window | None,
    chunk: timedelta,
    stored: Callable[[int, datetime, datetime], int],
    page_size: int,
) -> Expected:
    if window is None:
        return Expected()
    chunk_count = math.ceil((window.end - window.start) / chunk)
    pages = math.ceil(stored(shop.pk, window.start, window.end) / page_size)
    return Expected(chunk_count, max(chunk_count, pages))


def _read_app(app: MarketplaceApp) -> AppForecast:
    return AppForecast(str(app), read_quota_use(app))
