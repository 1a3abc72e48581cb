"""What people may do to a shop with a button, one shop at a time or many at once."""

from django.contrib.auth.models import AbstractUser

from backoffice.common.errors import NotPossible
from backoffice.common.lists.actions import RowAction, register_action
from shops.choices import ShopState
from shops.models import Shop
from shops.services import check_shop, disconnect_shop, pause_shop, resume_shop


def pause(shop: Shop, person: AbstractUser) -> str:
    """Take the shop off the schedule."""
    pause_shop(shop, person=person)
    return "Paused. No new sync is started. Of one under way, what workers read now is finished; the rest waits."


def resume(shop: Shop, person: AbstractUser) -> str:
    """Put the shop back on the schedule."""
    resume_shop(shop, person=person)
    return "Active again. The next scheduled sync goes on from the watermark, so nothing was missed."


def check(shop: Shop, person: AbstractUser) -> str:
    """Test the connection, step by step."""
    shop = Shop.objects.select_related("app", "credential").get(pk=shop.pk)
    steps = check_shop(shop)
    told = "\n".join(f"{'✓' if step.ok else '✗'} {step.name}: {step.text}" for step in steps)
    if not all(step.ok for step in steps):
        raise NotPossible(f"It cannot be synced as it is.\n{told}")
    return f"The connection works.\n{told}"


def disconnect(shop: Shop, person: AbstractUser) -> str:
    """Forget the shop's credential."""
    disconnect_shop(shop, person=person)
    return "Disconnected, and its tokens are forgotten. Its orders stay. To sync it again, connect it again."


def register() -> None:
    """Add the actions on shops, in the order in which the buttons stand."""
    change = "shops.change_shop"
    register_action(
        RowAction(
            "shops.check", Shop, "Check connection", "network_check", change, check,
            is_offered=lambda shop: shop.state != ShopState.DISCONNECTED,
        )
    )  # fmt: skip
    register_action(
        RowAction(
            "shops.pause", Shop, "Pause", "pause", change, pause,
            is_offered=lambda shop: shop.state == ShopState.ACTIVE,
        )
    )  # fmt: skip
    register_action(
        RowAction(
            "shops.resume", Shop, "Resume", "play_arrow", change, resume,
            is_offered=lambda shop: shop.state == ShopState.PAUSED,
        )
    )  # fmt: skip
    register_action(
        RowAction(
            "shops.disconnect", Shop, "Disconnect", "link_off", "shops.delete_shop", disconnect,
            is_offered=lambda shop: shop.state != ShopState.DISCONNECTED, is_dangerous=True, is_bulk=False,
        )
    )  # fmt: skip
