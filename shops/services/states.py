"""Pauses, resumes and disconnects shops, and lets people see them; each move depends on the present state."""

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from backoffice.common.errors import NotPossible
from backoffice.common.history import note_change
from shops.choices import ShopState
from shops.models import Shop, ShopCredential, ShopGrant


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
                f"{shop} {shop.state_in_words}, so it was left as it is. {shop.state_reason} "
                f"This can be done to a shop that is {wanted}."
            )
        note_change(person, shop, why or f"{target.label} again.")
