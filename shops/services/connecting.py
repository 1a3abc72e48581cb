"""Connects shops: registers their app, asks the marketplace which shops a token opens, and keeps what opens them."""

from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from backoffice.common import clock
from shops.choices import Marketplace, ShopState
from shops.connections import build_connection, check_address
from shops.marketplaces.contract import Connector, ShopKeys
from shops.marketplaces.errors import UnknownShop
from shops.marketplaces.records import ShopRecord, Token
from shops.models import MarketplaceApp, Shop, ShopCredential

# Where a shop's region decides currency and clock (ISO 4217, IANA); a region that is not here is shown in UTC.
REGIONS = {
    "VN": ("VND", "Asia/Ho_Chi_Minh"),
    "US": ("USD", "America/Los_Angeles"),
    "GB": ("GBP", "Europe/London"),
    "ID": ("IDR", "Asia/Jakarta"),
    "MY": ("MYR", "Asia/Kuala_Lumpur"),
    "PH": ("PHP", "Asia/Manila"),
    "SG": ("SGD", "Asia/Singapore"),
    "TH": ("THB", "Asia/Bangkok"),
}
NAME_LENGTH = 200  # characters, of Shop.name


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
    for url in filter(None, (spec.api_url, spec.auth_url, spec.consent_url)):
        check_address(url)
    known = MarketplaceApp.objects.filter(marketplace=spec.marketplace, app_key=spec.app_key)
    # Written without being read first: a secret that no present key can decrypt must be replaceable.
    addresses = {
        name: getattr(spec, name)
        for name in ("api_url", "auth_url", "consent_url", "service_id")
        if getattr(spec, name)
    }
    if not known.update(app_secret=spec.app_secret, **addresses):
        limits = first_limits(spec.marketplace) if spec.has_limits else (0,) * 5
        names = (
            "shop_calls_per_minute",
            "calls_per_hour",
            "calls_per_day",
            "page_spacing_seconds",
            "sync_spacing_seconds",
        )
        MarketplaceApp.objects.create(
            marketplace=spec.marketplace,
            app_key=spec.app_key,
            name=spec.name or f"{Marketplace(spec.marketplace).label} app",
            app_secret=spec.app_secret,
            **addresses,
            **dict(zip(names, limits, strict=True)),
        )
    return known.get()


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


def connect_shop(
    app: MarketplaceApp, token: Token, *, external_id: str = "", region: str = "", cipher: str = ""
) -> Shop:
    """Ask the marketplace which shops the token reaches, and store the one meant with its credential.

    Without an id or cipher the token must reach exactly one shop. Raises MarketplaceError or UnknownShop.
    """
    renewed: list[Token] = []

    def renew(stale: Token, connector: Connector) -> Token:
        renewed.append(connector.fetch_refreshed_token())
        return renewed[-1]

    connection = build_connection(app, token, renew, shop=ShopKeys(external_id, region, cipher))
    record = _choose(connection.call(lambda connector: connector.fetch_shops()), external_id, cipher)
    return _store_shop(app, record, renewed[-1] if renewed else token)


@transaction.atomic
def connect_app_and_shop(spec: AppSpec, token: Token, *, external_id: str = "", cipher: str = "") -> Shop:
    """Register the app and connect the shop, or change nothing: a mistyped secret must not replace one that works."""
    return connect_shop(register_app(spec), token, external_id=external_id, cipher=cipher)


def _choose(records: tuple[ShopRecord, ...], external_id: str, cipher: str) -> ShopRecord:
    fitting = [
        record
        for record in records
        if (not external_id or record.external_id == external_id) and (not cipher or record.cipher == cipher)
    ]
    if len(fitting) == 1:
        return fitting[0]
    reached = ", ".join(f"{record.external_id} ({record.name}, {record.region})" for record in records) or "none"
    wanted = external_id or ("the one with this cipher" if cipher else "not said")
    raise UnknownShop(f"The authorisation reaches these shops: {reached}. Asked for: {wanted}.")


@transaction.atomic
def _store_shop(app: MarketplaceApp, record: ShopRecord, token: Token) -> Shop:
    currency, zone = REGIONS.get(record.region, ("", "UTC"))
    name = record.name[:NAME_LENGTH]
    shop, _ = Shop.objects.update_or_create(
        marketplace=app.marketplace,
        region=record.region,
        external_id=record.external_id,
        defaults={"app": app, "name": name},
        create_defaults={"app": app, "name": name, "currency": currency, "timezone": zone},
    )
    # A fresh authorisation heals what lacked one; a shop that a person paused stays paused.
    healed = (ShopState.NEEDS_REAUTHORISATION, ShopState.DISCONNECTED)
    Shop.objects.filter(pk=shop.pk, state__in=healed).update(state=ShopState.ACTIVE, state_reason="")
    shop.refresh_from_db()
    secrets = {
        "access_token": token.access_token,
        "refresh_token": token.refresh_token,
        "cipher": record.cipher,
        "access_token_expires_at": token.access_token_expires_at,
        "refresh_token_expires_at": token.refresh_token_expires_at,
        "scopes": list(token.scopes),
    }
    if not ShopCredential.objects.filter(shop=shop).update(**secrets, version=F("version") + 1, changed_at=clock.now()):
        ShopCredential.objects.create(shop=shop, **secrets)
    return shop


def list_sandbox_shops() -> QuerySet[Shop]:
    """List the shops whose app points to this machine."""
    local = Q(app__api_url__startswith="http://127.0.0.1:") | Q(app__api_url__startswith="http://localhost:")
    return Shop.objects.filter(local)


def rotate_credentials() -> int:
    """Write every secret again with the newest key; return how many rows. Safe to repeat."""
    count = 0
    for model, fields in (
        (MarketplaceApp, ["app_secret"]),
        (ShopCredential, ["access_token", "refresh_token", "cipher"]),
    ):
        for pk in list(model.objects.values_list("pk", flat=True)):
            with transaction.atomic():
                row = model.objects.select_for_update().get(pk=pk)
                row.save(update_fields=fields)
            count += 1
    return count
