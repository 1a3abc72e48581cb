"""Why what somebody asked of runs, records and gap reports is not done."""

from backoffice.common.errors import NotPossible
from shops.choices import ShopState
from shops.marketplaces.registry import find_capability
from shops.models import Shop, ShopCredential


class NotSyncable(NotPossible):
    """The shop is paused, disconnected or needs re-authorisation."""

    code = "shop_not_syncable"


class NotOffered(NotSyncable):
    """The marketplace has no such thing, or none that can be read."""

    code = "not_offered"


class NothingNew(NotPossible):
    """Everything that can be read has been read."""

    code = "nothing_new"


class KeyTaken(NotPossible):
    """The key of a call stands for another request."""

    code = "key_taken"


class StillUnreadable(NotPossible):
    """A failed record could not be stored this time either."""


def say_not_offered(shop: Shop, resource: str) -> str:
    """Say that a shop's marketplace has no such resource; empty where it has."""
    if find_capability(shop.marketplace, resource) is not None:
        return ""
    return f"{shop.get_marketplace_display()} has no {resource} that could be read."


def refuse_unsyncable(shop: Shop, resource: str, *, undone: str = "synced") -> None:
    """Raise NotSyncable where a resource of a shop cannot be read now; `undone` is what does not happen therefore."""
    if reason := say_not_offered(shop, resource):
        raise NotOffered(reason)
    if shop.state != ShopState.ACTIVE:
        raise NotSyncable(f"{shop} {shop.state_in_words}, so it is not {undone}. {shop.state_reason}")
    if not ShopCredential.objects.filter(shop=shop).exists():
        raise NotSyncable(f"{shop} has no credential, so nothing of it can be read. Connect it again.")
