"""Connect, check, pause and disconnect shops; change their credentials; make and revoke API tokens."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractUser, User
from django.db import transaction
from django.db.models import F, Q, QuerySet

from backoffice.common import clock
from backoffice.common.errors import BackofficeError, NotPossible
from backoffice.common.history import note_change
from shops.choices import Marketplace, ShopState
from shops.connections import NoCredential, ShopConnection, build_connection, check_address
from shops.marketplaces.contract import Connector
from shops.marketplaces.errors import MarketplaceError, UnknownShop
from shops.marketplaces.records import ShopRecord, Token
from shops.models import ApiToken, MarketplaceApp, Shop, ShopCredential, ShopGrant
from shops.queries import digest_api_key
from shops.tokens import open_connection

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
TOKEN_STAMP_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AppSpec:
    """What a person knows about an app from the marketplace's developer page. Limits of 0 mean none."""

    marketplace: str
    app_key: str
    app_secret: str = field(repr=False)
    api_url: str
    auth_url: str
    name: str = ""
    has_limits: bool = True


def register_app(spec: AppSpec) -> MarketplaceApp:
    """Store an app, or give a known one its present secret and addresses. Limits that were edited stay."""
    for url in (spec.api_url, spec.auth_url):
        check_address(url)
    known = MarketplaceApp.objects.filter(marketplace=spec.marketplace, app_key=spec.app_key)
    # Written without being read first: a secret that no present key can decrypt must be replaceable.
    if not known.update(app_secret=spec.app_secret, api_url=spec.api_url, auth_url=spec.auth_url):
        limits = (settings.PLATFORM_RATE_LIMIT_TIKTOK, 1_000, 10_000, 1) if spec.has_limits else (0, 0, 0, 0)
        names = ("shop_calls_per_minute", "calls_per_hour", "calls_per_day", "page_spacing_seconds")
        MarketplaceApp.objects.create(
            marketplace=spec.marketplace,
            app_key=spec.app_key,
            name=spec.name or f"{Marketplace(spec.marketplace).label} app",
            app_secret=spec.app_secret,
            api_url=spec.api_url,
            auth_url=spec.auth_url,
            **dict(zip(names, limits, strict=True)),
        )
    return known.get()


def connect_shop(app: MarketplaceApp, token: Token, *, external_id: str = "", cipher: str = "") -> Shop:
    """Ask the marketplace which shops the token reaches, and store the one meant with its credential.

    Without an id or cipher the token must reach exactly one shop. Raises MarketplaceError or UnknownShop.
    """
    renewed: list[Token] = []

    def renew(stale: Token, connector: Connector) -> Token:
        renewed.append(connector.fetch_refreshed_token())
        return renewed[-1]

    connection = build_connection(app, token, renew, cipher=cipher)
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


def grant_shop(shop: Shop, person: AbstractUser) -> None:
    """Let a person see a shop; who sees every shop needs no grant."""
    if not person.is_superuser:
        ShopGrant.objects.get_or_create(shop=shop, user_id=person.pk)


def pause_shop(shop: Shop, *, person: AbstractUser, reason: str = "") -> None:
    """Take an active shop off the schedule until a person resumes it; raises NotPossible in other states."""
    why = f"Paused by {person.get_username()}." + (f" {reason}" if reason else "")
    _move(shop, (ShopState.ACTIVE,), ShopState.PAUSED, why, person)


def resume_shop(shop: Shop, *, person: AbstractUser) -> None:
    """Put a paused shop back on the schedule; raises NotPossible in other states, or without a credential."""
    if not ShopCredential.objects.filter(shop=shop).exists():
        raise NotPossible(f"{shop} has no credential, so nothing of it can be read. Connect it again.")
    _move(shop, (ShopState.PAUSED,), ShopState.ACTIVE, "", person)


def disconnect_shop(shop: Shop, *, person: AbstractUser, reason: str = "") -> None:
    """Forget what opens a shop's API and take it off the schedule; its orders stay. Raises NotPossible the 2nd time."""
    why = f"Disconnected by {person.get_username()}." + (f" {reason}" if reason else "")
    connected = (ShopState.ACTIVE, ShopState.PAUSED, ShopState.NEEDS_REAUTHORISATION)
    with transaction.atomic():
        _move(shop, connected, ShopState.DISCONNECTED, why, person)
        ShopCredential.objects.filter(shop=shop).delete()


def _move(shop: Shop, present: tuple[str, ...], target: ShopState, why: str, person: AbstractUser) -> None:
    """Change a shop's state if it is still one of the present ones, and note who did it."""
    with transaction.atomic():
        changed = Shop.objects.filter(pk=shop.pk, state__in=present).update(state=target, state_reason=why[:500])
        shop.refresh_from_db(fields=["state", "state_reason"])
        if not changed:
            wanted = " or ".join(ShopState(state).label.lower() for state in present)
            raise NotPossible(
                f"{shop} is {shop.get_state_display().lower()}, so it was left as it is. {shop.state_reason} "
                f"This can be done to a shop that is {wanted}."
            )
        note_change(person, shop, why or f"{target.label} again.")


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One line of a connection test."""

    name: str
    ok: bool
    text: str


def check_shop(shop: Shop) -> list[CheckStep]:
    """Test a shop's connection: address, credential, one harmless call. Stops at the first fault."""
    steps: list[CheckStep] = []
    try:
        for url in (shop.app.api_url, shop.app.auth_url):
            check_address(url)
        steps.append(CheckStep("address", True, shop.app.api_url))
        connection = open_connection(shop)
        steps.append(CheckStep("credential", True, "stored and readable"))
        records = connection.call(lambda connector: connector.fetch_shops())
        steps.append(
            CheckStep("clock, signature, token, scope", True, f"accepted; the token reaches {len(records)} shop(s)")
        )
        steps.append(_check_reach(shop, records, connection))
    except NoCredential as error:
        steps.append(CheckStep("credential", False, str(error)))
    except MarketplaceError as error:
        steps.append(CheckStep("call", False, f"{error} {error.advice}"))
    except BackofficeError as error:
        steps.append(CheckStep("settings", False, str(error)))
    return steps


def _check_reach(shop: Shop, records: tuple[ShopRecord, ...], connection: ShopConnection) -> CheckStep:
    # The same number may stand for a shop in each of several regions.
    reached = next((found for found in records if _identity(found) == _identity(shop)), None)
    if reached is None:
        numbers = ", ".join(record.external_id for record in records) or "none"
        return CheckStep("shop", False, f"{UnknownShop.advice} It reaches: {numbers}.")
    if reached.cipher != shop.credential.cipher:
        return CheckStep("shop", False, "The stored cipher is not the shop's present one. Connect the shop again.")
    if shop.state != ShopState.ACTIVE:
        return CheckStep("shop", False, f"The connection works, but the shop is {shop.get_state_display().lower()}.")
    return CheckStep("shop", True, f"{reached.name}, {reached.region}")


def _identity(shop: Shop | ShopRecord) -> tuple[str, str]:
    return shop.region, shop.external_id


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


def create_api_token(
    user: User,
    *,
    name: str,
    shops: Iterable[Shop] = (),
    may_write: bool = False,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token that acts for a person; return it with its key, which is stored nowhere."""
    prefix = secrets.token_hex(4)
    key = f"bo_{prefix}_{secrets.token_urlsafe(32)}"
    chosen = list(shops)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user, name=name, prefix=prefix, key_hash=digest_api_key(key), is_limited=bool(chosen),
            may_write=may_write, expires_at=expires_at, created_at=clock.now(),
        )  # fmt: skip
        token.shops.set(chosen)
    return token, key


def revoke_api_token(token: ApiToken) -> bool:
    """End a token for good; returns whether it was still good."""
    return bool(ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now()))


def stamp_api_token(token: ApiToken) -> None:
    """Note that a token was used, at most once a minute: a busy service must not write a row with each call."""
    now = clock.now()
    if token.last_used_at is None or token.last_used_at <= now - TOKEN_STAMP_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
