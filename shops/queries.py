"""What is read about shops, and who comes with an API token."""

import hashlib

from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.common.errors import BackofficeError
from backoffice.common.models import Viewer, visible_shop_ids
from shops.choices import ShopState
from shops.models import ApiToken, MarketplaceApp, Shop


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
        found = list(shops.filter(pk=int(reference))) if reference.isdecimal() and len(reference) < 19 else []
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
