"""Renews the tokens that end soon, shop by shop; what hinders one shop hinders no other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from backoffice.common import clock
from backoffice.common.errors import BackofficeError
from shops.choices import ShopState
from shops.marketplaces import registry
from shops.marketplaces.errors import AuthorisationEnded, MarketplaceError
from shops.models import Shop
from shops.tokens import as_token, open_without_renewal, renew_token

WITHIN = timedelta(hours=24)


class Outcome(StrEnum):
    """What became of one shop's token."""

    RENEWED = "renewed"
    GOOD = "good"  # it does not end soon
    FIXED = "cannot be renewed"  # the marketplace has no such call; the seller authorises again in time
    SELLER_NEEDED = "needs the seller"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Renewal:
    """One shop's outcome; `ends_at` is the end of the access token that it has now."""

    shop: Shop
    outcome: Outcome
    ends_at: datetime | None
    text: str = ""

    @property
    def is_trouble(self) -> bool:
        """Whether somebody has to look after it."""
        return self.outcome in (Outcome.SELLER_NEEDED, Outcome.FAILED)


def is_due(ends_at: datetime | None, issued_at: datetime, now: datetime, within: timedelta) -> bool:
    """Whether a token should be renewed: it ends within this time, and half of its life is over.

    Some tokens live four hours: without the second half of the rule each look would renew them.
    """
    if ends_at is None:
        return False
    left = ends_at - now
    return left <= within and left <= (ends_at - issued_at) / 2


def list_renewable_shops(*, force: bool = False) -> list[Shop]:
    """List the shops whose tokens are to be kept alive; with `force` also those that wait for their seller.

    Paused shops are among them: a refresh token that nobody uses ends, too.
    """
    states = [ShopState.ACTIVE, ShopState.PAUSED, *([ShopState.NEEDS_REAUTHORISATION] if force else [])]
    shops = Shop.objects.select_related("app").filter(credential__isnull=False, state__in=states)
    return list(shops.order_by("pk").defer("app__app_secret"))


def renew_tokens(shops: Iterable[Shop], *, within: timedelta = WITHIN, force: bool = False) -> Iterator[Renewal]:
    """Renew what ends within this time, or everything with `force`; one token once, however many shops share it."""
    renewed: set[UUID] = set()
    for shop in shops:
        try:
            yield _renew(Shop.objects.select_related("app", "credential").get(pk=shop.pk), within, force, renewed)
        except AuthorisationEnded as error:
            yield Renewal(shop, Outcome.SELLER_NEEDED, None, f"{error} {error.advice}")
        except MarketplaceError as error:
            yield Renewal(shop, Outcome.FAILED, None, f"{error} {error.advice}")
        except BackofficeError as error:
            yield Renewal(shop, Outcome.FAILED, None, str(error))


def _renew(shop: Shop, within: timedelta, force: bool, renewed: set[UUID]) -> Renewal:
    credential = shop.credential
    ends_at = credential.access_token_expires_at
    if not registry.find(shop.marketplace).connector.authorisation.can_refresh:
        return Renewal(shop, Outcome.FIXED, ends_at)
    if credential.authorisation in renewed:
        return Renewal(shop, Outcome.RENEWED, ends_at, "together with a shop above")
    if not force and not is_due(ends_at, credential.changed_at, clock.now(), within):
        return Renewal(shop, Outcome.GOOD, ends_at)
    stale = as_token(credential)
    connection = open_without_renewal(shop)
    fresh = connection.call(lambda connector: renew_token(shop.pk, stale, connector))
    renewed.add(credential.authorisation)
    return Renewal(shop, Outcome.RENEWED, fresh.access_token_expires_at)
