"""What people may do with a button about package numbers: ask for an order's or a shop's, try again, cancel."""

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from backoffice.common.errors import NotPossible
from backoffice.common.history import note_change
from backoffice.common.lists.actions import RowAction, register_action
from backoffice.common.plurals import say_count
from backoffice.common.wake_ups import wake_after_commit
from orders.models import Order
from shops.models import Shop
from syncjobs import services
from syncjobs.admin.enrichment_panel import lacks_numbers
from syncjobs.models import UNFINISHED_ENRICHMENT, EnrichmentStatus, EnrichmentTask
from syncjobs.tasks import find_in_background, wake_enrichers

SECONDS_IN_A_REQUEST = 2.0  # some ten thousand orders; the rest is a worker's


def ask_now(order: Order, person: AbstractUser) -> str:
    """Ask for the package numbers of an order before all others."""
    with transaction.atomic():
        wish = services.enrich_now(order.shop, [order.external_id])
        if wish.refused:
            raise NotPossible(wish.refused[order.external_id])
        if wish.already_known:
            return "Its package numbers are known."
        note_change(person, order, "Package numbers asked for.")
        wake_after_commit(wake_enrichers)
    return "Asked for before all others. Load the page of the order again in a moment: it shows the answer."


def ask_for_older(shop: Shop, person: AbstractUser) -> str:
    """Ask for the package numbers of all orders of a shop that are on their way and here already."""
    found = services.enrich_shop(shop, seconds=SECONDS_IN_A_REQUEST)
    asked = f"{say_count(found.count, 'more order is', 'more orders are')} asked for package numbers"
    note_change(person, shop, f"{asked}.")
    wake_after_commit(wake_enrichers)
    if found.is_finished:
        return f"{asked}."
    find_older_orders(shop.pk, found.after)
    return f"{asked} so far; a worker looks through the rest."


def find_older_orders(shop_id: int, after: str = "") -> None:
    """Let a worker look through the orders of a shop; without a broker somebody has to ask again."""
    wake_after_commit(lambda: find_in_background(shop_id, after))


def retry(task: EnrichmentTask, person: AbstractUser) -> str:
    """Ask again for what failed or was cancelled, with all its tries."""
    with transaction.atomic():
        if not services.retry_tasks(EnrichmentTask.objects.filter(pk=task.pk)):
            raise NotPossible(f"Only what failed or was cancelled is retried. {_say_state(task)}")
        note_change(person, task, "Retried.")
        wake_after_commit(wake_enrichers)
    return "Asked for again, before all others."


def cancel(task: EnrichmentTask, person: AbstractUser) -> str:
    """Ask no more."""
    with transaction.atomic():
        if not services.cancel_tasks(EnrichmentTask.objects.filter(pk=task.pk)):
            raise NotPossible(f"There is nothing to cancel. {_say_state(task)}")
        note_change(person, task, "Cancelled.")
    return "Cancelled: its package numbers are asked for no more, until somebody retries."


def _say_state(task: EnrichmentTask) -> str:
    task.refresh_from_db(fields=["status"])
    return f"This is {task.get_status_display().partition(':')[0].lower()}."


def register() -> None:
    """Add the actions, in the order in which the buttons stand."""
    start, change = "syncjobs.add_enrichmenttask", "syncjobs.change_enrichmenttask"
    for action in (
        RowAction(
            "syncjobs.ask_for_packages", Order, "Ask for package numbers now", "package_2", start, ask_now,
            is_offered=lacks_numbers,
        ),
        RowAction(
            "syncjobs.ask_for_older", Shop, "Ask for older orders", "package_2", start, ask_for_older,
            is_offered=lambda shop: False,  # the button stands beside what it is about: see shop_packages.html
        ),
        RowAction(
            "syncjobs.retry_enrichment", EnrichmentTask, "Retry", "replay", change, retry,
            is_offered=lambda task: task.status in (EnrichmentStatus.FAILED, EnrichmentStatus.CANCELLED),
        ),
        RowAction(
            "syncjobs.cancel_enrichment", EnrichmentTask, "Cancel", "cancel", change, cancel,
            is_offered=lambda task: task.status in (*UNFINISHED_ENRICHMENT, EnrichmentStatus.FAILED),
            is_dangerous=True,
        ),
    ):  # fmt: skip
        register_action(action)
