"""What is read about shops and the quotas of their apps, and who comes with an API token."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, DateTimeField, F, QuerySet, Value, When
from django.db.models.functions import Least
from django.http import HttpRequest
from redis import RedisError

from backoffice.common import clock
from backoffice.common.errors import BackofficeError
from backoffice.common.ids import read_id
from backoffice.common.models import Viewer, visible_shop_ids
from backoffice.common.redis import client as redis_client
from shops.choices import ShopState
from shops.marketplaces.rate_limit import Lane, Rule, app_wide_key, count_calls, share_of, shop_key
from shops.marketplaces.registry import MARKETPLACES
from shops.models import ApiToken, MarketplaceApp, Shop

# How long before its end a seller's authorisation is shown as ending: to plan for, to act on, and at the last moment.
ENDS_IN_A_MONTH, ENDS_IN_A_WEEK, ENDS_IN_A_DAY = timedelta(days=30), timedelta(days=7), timedelta(days=1)
# A refresh token that comes new with each renewal moves its end along; so close to it, renewals must have failed.
RENEWALS_MUST_HAVE_FAILED = timedelta(days=3)


def add_authorisation_end(shops: QuerySet[Any]) -> QuerySet[Any]:
    """Read along when only the seller can help: `token_ends_at`; None where that is not known, or moves along.

    It is the end of the consent itself, or of what renews the access token, or of that where nothing renews it.
    """
    moving = [code for code, one in MARKETPLACES.items() if one.connector.authorisation.is_refresh_token_single_use]
    renewed_until = F("credential__refresh_token_expires_at")
    far_ahead = clock.now() + RENEWALS_MUST_HAVE_FAILED
    needed = Case(
        When(credential__refresh_token="", then=F("credential__access_token_expires_at")),
        When(marketplace__in=moving, credential__refresh_token_expires_at__gt=far_ahead, then=Value(None)),
        default=renewed_until,
        output_field=DateTimeField(),
    )
    # The least of those that are known.
    known: QuerySet[Any] = shops.annotate(token_ends_at=Least("credential__authorised_until", needed))
    return known


def grade_authorisation_end(ends_at: datetime | None) -> str:
    """Return the colour of an authorisation's end: "success", "notice", "warning", "danger", or "" where unknown."""
    if ends_at is None:
        return ""
    left = ends_at - clock.now()
    grades = ((ENDS_IN_A_DAY, "danger"), (ENDS_IN_A_WEEK, "warning"), (ENDS_IN_A_MONTH, "notice"))
    return next((colour for span, colour in grades if left <= span), "success")


def list_ending_authorisations(viewer: Viewer) -> QuerySet[Any]:
    """List the visible shops on the schedule whose authorisation ends within a month, the first to end first."""
    shops = add_authorisation_end(Shop.objects.visible_to(viewer))
    schedule = (ShopState.ACTIVE, ShopState.PAUSED)
    ending = shops.filter(state__in=schedule, token_ends_at__lte=clock.now() + ENDS_IN_A_MONTH)
    return ending.order_by("token_ends_at", "pk")


def list_visible_apps(viewer: Viewer) -> QuerySet[MarketplaceApp]:
    """List the apps of the shops that a person sees: apps belong to no single shop."""
    apps = MarketplaceApp.objects.order_by("name")
    if visible_shop_ids(viewer) is None:
        return apps
    return apps.filter(shops__in=Shop.objects.visible_to(viewer)).distinct()


def list_shops_to_choose(request: HttpRequest | None) -> QuerySet[Shop]:
    """List the shops that a filter may name: those of whoever asks, and none where nobody does."""
    return Shop.objects.none() if request is None else Shop.objects.visible_to(request.user)


class NoSuchShop(BackofficeError):
    """No shop fits what was asked for."""


def list_syncable_shops(marketplace: str = "", *, force: bool = False) -> QuerySet[Shop]:
    """List the shops that a schedule syncs; with `force` those in other states too, if they have a credential."""
    shops = Shop.objects.select_related("app", "credential").filter(credential__isnull=False).order_by("id")
    if marketplace:
        shops = shops.filter(marketplace=marketplace)
    return shops if force else shops.filter(state=ShopState.ACTIVE)


def get_shop(reference: str) -> Shop:
    """Find a shop by our id or by `marketplace:external_id`; raises NoSuchShop with a list of what there is."""
    marketplace, _, external_id = reference.partition(":")
    shops = Shop.objects.select_related("app", "credential")
    if external_id:
        found = list(shops.filter(marketplace=marketplace, external_id=external_id)[:2])
    else:
        pk = read_id(reference)
        found = [] if pk is None else list(shops.filter(pk=pk))
    if len(found) == 1:
        return found[0]
    if found:
        raise NoSuchShop(f"More than one shop is {reference!r}: regions differ. Use our id instead.")
    known = [f"{shop.pk} = {shop.marketplace}:{shop.external_id}" for shop in shops.order_by("id")[:10]]
    raise NoSuchShop(f"There is no shop {reference!r}. Known shops: {'; '.join(known) or 'none yet'}.")


def digest_api_key(key: str) -> str:
    """Return what is stored of a key. No salt and no slow hash: a key of 256 random bits cannot be guessed."""
    return hashlib.sha256(key.encode()).hexdigest()


def find_api_token(key: str) -> ApiToken | None:
    """Find the token of a key, good or not, with its person."""
    # The index is searched for a digest, so how long that takes says nothing about how much of a key is right.
    return ApiToken.objects.select_related("user").filter(key_hash=digest_api_key(key)).first()


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """How much of one limit is used; `used` is None where the counters cannot be reached."""

    name: str
    calls: int
    seconds: int
    used: int | None

    def left(self, lane: Lane) -> int | None:
        """Calls that the lane may make at once."""
        return None if self.used is None else max(0, self.share(lane) - self.used)

    def share(self, lane: Lane) -> int:
        """Calls that the lane may make in one window, if no other lane makes any."""
        return share_of(self.calls, get_lane_percent(lane))


def list_limits(app: MarketplaceApp, shop_id: str = "") -> tuple[Rule, Rule, Rule]:
    """List an app's limits, the narrowest first: one shop's in a minute, the app's in an hour and in a day."""
    shop, whole = shop_key(app.marketplace, app.app_key, shop_id), app_wide_key(app.marketplace, app.app_key)
    return (
        Rule(shop, app.shop_calls_per_minute, 60),
        Rule(whole, app.calls_per_hour, 3_600),
        Rule(whole, app.calls_per_day, 86_400),
    )


def get_lane_percent(lane: Lane) -> int:
    """Return up to how much of each limit a lane's calls may fill the windows, in percent. People may use all."""
    return {
        Lane.INTERACTIVE: 100,
        Lane.HIGH: settings.RATE_LIMIT_HIGH_PERCENT,
        Lane.INCREMENTAL: settings.RATE_LIMIT_INCREMENTAL_PERCENT,
        Lane.BACKFILL: settings.RATE_LIMIT_BACKFILL_PERCENT,
    }[lane]


def read_quota_use(app: MarketplaceApp, shop: Shop | None = None) -> list[QuotaUse]:
    """Read how much of each limit is used now: those of the whole app, and first that of one of its shops if given."""
    names = ("shop, a minute", "app, an hour", "app, a day")
    limits = list_limits(app, shop.external_id if shop else "")
    named = [(name, rule) for name, rule in zip(names, limits, strict=True) if rule.calls]
    if shop is None:
        named = [(name, rule) for name, rule in named if rule is not limits[0]]
    try:
        used: list[int | None] = [*count_calls(redis_client(), [rule for _, rule in named])]
    except RedisError:
        used = [None] * len(named)
    return [QuotaUse(name, rule.calls, rule.seconds, calls) for (name, rule), calls in zip(named, used, strict=True)]
