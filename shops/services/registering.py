"""Registers apps: key, secret, addresses, and the limits that a new one starts with."""

from dataclasses import dataclass, field

from django.conf import settings

from shops.choices import Marketplace
from shops.connections import check_address
from shops.models import MarketplaceApp

_LIMITS = (
    "shop_calls_per_minute",
    "calls_per_hour",
    "calls_per_day",
    "page_spacing_seconds",
    "sync_spacing_seconds",
)


@dataclass(frozen=True, slots=True)
class AppSpec:
    """What a person knows about an app from the marketplace's developer page. Limits of 0 mean none."""

    marketplace: str
    app_key: str
    app_secret: str = field(repr=False)
    api_url: str
    auth_url: str
    consent_url: str = ""
    service_id: str = ""
    name: str = ""
    has_limits: bool = True


def register_app(spec: AppSpec) -> MarketplaceApp:
    """Store an app, or give a known one its present secret and addresses. Limits that were edited stay."""
    _check_addresses(spec)
    known = MarketplaceApp.objects.filter(marketplace=spec.marketplace, app_key=spec.app_key)
    # Written without being read first: a secret that no present key can decrypt must be replaceable.
    if not known.update(app_secret=spec.app_secret, **_addresses(spec)):
        limits = first_limits(spec.marketplace) if spec.has_limits else (0,) * 5
        MarketplaceApp.objects.create(**_facts(spec), **dict(zip(_LIMITS, limits, strict=True)))
    return known.get()


def draft_app(spec: AppSpec) -> MarketplaceApp:
    """Make an app that is not stored, to make the first calls with: a mistyped secret must not replace a good one."""
    _check_addresses(spec)
    return MarketplaceApp(**_facts(spec), **dict.fromkeys(_LIMITS, 0))


def _check_addresses(spec: AppSpec) -> None:
    for url in filter(None, (spec.api_url, spec.auth_url, spec.consent_url)):
        check_address(url)


def _facts(spec: AppSpec) -> dict[str, str]:
    name = spec.name or f"{Marketplace(spec.marketplace).label} app"
    own = {"marketplace": spec.marketplace, "app_key": spec.app_key, "app_secret": spec.app_secret, "name": name}
    return {**own, **_addresses(spec)}


def _addresses(spec: AppSpec) -> dict[str, str]:
    """Return what is said of addresses; what is left out stays as it is."""
    names = ("api_url", "auth_url", "consent_url", "service_id")
    return {name: getattr(spec, name) for name in names if getattr(spec, name)}


def first_limits(marketplace: str) -> tuple[int, int, int, int, int]:
    """Return what a new app starts with: calls a minute and shop, an hour, a day; seconds between pages and runs.

    Numbers of the marketplaces' sheets; what is not published is a careful guess, to be edited on the app's page.
    """
    a_minute, an_hour, a_day = {
        "tiktok": (settings.PLATFORM_RATE_LIMIT_TIKTOK, 1_000, 10_000),
        "temu": (600, 36_000, 0),  # 20 a second and app [A]; half of it
        "shopee": (settings.PLATFORM_RATE_LIMIT_SHOPEE, 12_000, 0),  # no number is published
        "lazada": (300, 18_000, 0),  # 5 a second is advised; the day's quota stands in the app's console
    }[marketplace]
    return a_minute, an_hour, a_day, 1, 30
