"""What a sync is going to cost: how many calls of each shop and app, beside what is left of their quotas."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shops.marketplaces.rate_limit import Lane
from shops.marketplaces.records import Window
from shops.marketplaces.registry import find_capability
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
    resource: str,
    windows: Mapping[int, Window | None],
    chunks: Mapping[int, timedelta],
    stored: Callable[[int, datetime, datetime], int],
) -> Forecast:
    """Estimate the calls of each shop from what is stored of it in its window, and sum them up by app.

    `stored` counts what is stored of a shop between two moments; windows and the length of chunks are by shop.
    """
    forecast = Forecast(windows)
    apps: dict[int, AppForecast] = {}
    for shop in shops:
        window = windows[shop.pk]
        expected = Expected()
        if window is not None:
            chunk_count = math.ceil((window.end - window.start) / chunks[shop.pk])
            row_count = stored(shop.pk, window.start, window.end)
            page_count = math.ceil(row_count / _page_size(shop, resource))
            expected = Expected(chunk_count, max(chunk_count, page_count))
        forecast.shops[shop.pk] = expected
        app = apps.get(shop.app_id) or _read_app(shop.app)
        app.call_count += expected.call_count
        apps[shop.app_id] = app
    forecast.apps = list(apps.values())
    return forecast


def _page_size(shop: Shop, resource: str) -> int:
    capability = find_capability(shop.marketplace, resource)
    return capability.page_size if capability else 1


def _read_app(app: MarketplaceApp) -> AppForecast:
    return AppForecast(str(app), read_quota_use(app))
