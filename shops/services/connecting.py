"""Connects shops: asks the marketplace which shops a token opens, and keeps what opens them."""

from collections.abc import Iterable
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q, QuerySet

from backoffice.common import clock
from shops.choices import ShopState
from shops.connections import build_connection
from shops.marketplaces import registry
from shops.marketplaces.contract import Connector, ShopKeys
from shops.marketplaces.errors import UnknownShop
from shops.marketplaces.records import ShopRecord, Token
from shops.models import ConnectAttempt, MarketplaceApp, Shop, ShopCredential
from shops.services.registering import AppSpec, draft_app, register_app

# Where a shop's region decides currency and clock (ISO 4217, IANA); a region that is not here is shown in UTC. Of large
# countries the zone of the capital or of the marketplace's office; people change it on the shop's page.
REGIONS = {
    "VN": ("VND", "Asia/Ho_Chi_Minh"),
    "US": ("USD", "America/Los_Angeles"),
    "GB": ("GBP", "Europe/London"),
    "ID": ("IDR", "Asia/Jakarta"),
    "MY": ("MYR", "Asia/Kuala_Lumpur"),
    "PH": ("PHP", "Asia/Manila"),
    "SG": ("SGD", "Asia/Singapore"),
    "TH": ("THB", "Asia/Bangkok"),
    "TW": ("TWD", "Asia/Taipei"),
    "BR": ("BRL", "America/Sao_Paulo"),
    "MX": ("MXN", "America/Mexico_City"),
    "CA": ("CAD", "America/Toronto"),
    "JP": ("JPY", "Asia/Tokyo"),
    "KR": ("KRW", "Asia/Seoul"),
    "AU": ("AUD", "Australia/Sydney"),
    "NZ": ("NZD", "Pacific/Auckland"),
    "DE": ("EUR", "Europe/Berlin"),
    "FR": ("EUR", "Europe/Paris"),
    "IT": ("EUR", "Europe/Rome"),
    "ES": ("EUR", "Europe/Madrid"),
    "NL": ("EUR", "Europe/Amsterdam"),
    "BE": ("EUR", "Europe/Brussels"),
    "AT": ("EUR", "Europe/Vienna"),
    "IE": ("EUR", "Europe/Dublin"),
    "PT": ("EUR", "Europe/Lisbon"),
    "PL": ("PLN", "Europe/Warsaw"),
    "CZ": ("CZK", "Europe/Prague"),
    "HU": ("HUF", "Europe/Budapest"),
    "SE": ("SEK", "Europe/Stockholm"),
    "CH": ("CHF", "Europe/Zurich"),
    "AE": ("AED", "Asia/Dubai"),
    "SA": ("SAR", "Asia/Riyadh"),
}
NAME_LENGTH = 200  # characters, of Shop.name


def connect_shop(
    app: MarketplaceApp, token: Token, *, external_id: str = "", region: str = "", cipher: str = ""
) -> Shop:
    """Ask the marketplace which shops the token reaches, and store the one meant with its credential.

    Without an id or cipher the token must reach exactly one shop. Raises MarketplaceError or UnknownShop.
    """
    token, records = fetch_reach(app, token, ShopKeys(external_id, region, cipher))
    return store_shop(app, _choose(records, external_id, cipher), token, uuid4())


def connect_app_and_shop(
    spec: AppSpec, token: Token, *, external_id: str = "", region: str = "", cipher: str = ""
) -> Shop:
    """Register the app and connect the shop, or change nothing: a mistyped secret must not replace one that works."""
    token, records = fetch_reach(draft_app(spec), token, ShopKeys(external_id, region, cipher))
    record = _choose(records, external_id, cipher)
    with transaction.atomic():
        return store_shop(register_app(spec), record, token, uuid4())


def fetch_reach(
    app: MarketplaceApp, token: Token, keys: ShopKeys | None = None
) -> tuple[Token, tuple[ShopRecord, ...]]:
    """Ask which shops a token reaches; one that has expired is renewed first. Returns the token to keep, and them."""
    renewed: list[Token] = []

    def renew(stale: Token, connector: Connector) -> Token:
        renewed.append(connector.fetch_refreshed_token())
        return renewed[-1]

    connection = build_connection(app, token, renew, shop=keys or ShopKeys())
    records = connection.call(lambda connector: connector.fetch_shops())
    return renewed[-1] if renewed else token, records


def connect_reached(app: MarketplaceApp, token: Token, record: ShopRecord, authorisation: UUID) -> Shop:
    """Connect one of the shops that a consent opened. Where each shop has a token of its own, it is fetched first."""
    traits = registry.find(app.marketplace).connector.authorisation
    if not traits.is_token_per_shop or len(token.shop_external_ids) < 2:
        return store_shop(app, record, token, authorisation)
    keys = ShopKeys(record.external_id, record.region)
    connection = build_connection(app, token, lambda stale, _: stale, shop=keys)
    own = connection.call(lambda connector: connector.fetch_refreshed_token())
    _, records = fetch_reach(app, own, keys)
    return store_shop(app, _choose(records, record.external_id, ""), own, uuid4())


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
def store_shop(app: MarketplaceApp, record: ShopRecord, token: Token, authorisation: UUID) -> Shop:
    """Store a shop with what opens it; `authorisation` is what it has in common with others of the same token."""
    currency, zone = REGIONS.get(record.region, ("", "UTC"))
    name = record.name[:NAME_LENGTH]
    shop, _ = Shop.objects.update_or_create(
        marketplace=app.marketplace,
        region=record.region,
        external_id=record.external_id,
        defaults={"app": app, **({"name": name} if name else {})},  # some marketplaces tell no name, but people do
        create_defaults={
            "app": app,
            "name": name or f"{app.get_marketplace_display()} {record.external_id}",
            "currency": currency,
            "timezone": zone,
        },
    )
    # A fresh authorisation heals what lacked one; a shop that a person paused stays paused.
    healed = (ShopState.NEEDS_REAUTHORISATION, ShopState.DISCONNECTED)
    Shop.objects.filter(pk=shop.pk, state__in=healed).update(state=ShopState.ACTIVE, state_reason="")
    shop.refresh_from_db()
    can_refresh = registry.find(app.marketplace).connector.authorisation.can_refresh
    secrets = {
        "access_token": token.access_token,
        "refresh_token": token.refresh_token,
        "cipher": record.cipher,
        # Where nothing can be renewed, consent and token end together.
        "access_token_expires_at": token.access_token_expires_at or (None if can_refresh else record.authorised_until),
        "refresh_token_expires_at": token.refresh_token_expires_at,
        "scopes": list(token.scopes),
        "authorisation": authorisation,
        "authorised_until": record.authorised_until,
        "renewal_began_at": None,
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
    rows: Iterable[tuple[type[MarketplaceApp | ShopCredential | ConnectAttempt], list[str]]] = (
        (MarketplaceApp, ["app_secret"]),
        (ShopCredential, ["access_token", "refresh_token", "cipher"]),
        (ConnectAttempt, ["new_app", "answer"]),
    )
    for model, fields in rows:
        for pk in list(model.objects.values_list("pk", flat=True)):
            with transaction.atomic():
                row = model.objects.select_for_update().get(pk=pk)
                row.save(update_fields=fields)
            count += 1
    return count
