"""How far the asking for package numbers is: on an order's page while some are unknown, and on a shop's page."""

from typing import Any

from django.http import HttpRequest

from backoffice.common.admin import badge, in_a_word
from backoffice.common.admin.addresses import find_page
from backoffice.common.admin.panels import Panel, register_panel
from backoffice.common.admin.times import show_distance, show_next
from orders.admin.order_parcels import PARCELS
from orders.models import Order
from shops.models import Shop
from syncjobs.admin.enrichment import STATUS_COLOURS
from syncjobs.intake.enrichment import ON_ITS_WAY
from syncjobs.models import EnrichmentStatus, EnrichmentTask
from syncjobs.queries import explain_wait, keep_unnumbered, read_enrichment_progress, say_why_not_asked
from syncjobs.queries.enrichment import list_waiting_reasons

VIEW, ADD = "syncjobs.view_enrichmenttask", "syncjobs.add_enrichmenttask"


def lacks_numbers(order: Any) -> bool:
    """Whether package numbers of an order on its way are still wanted; kept, as the button and the panel both ask."""
    if not hasattr(order, "_lacks_numbers"):
        task = find_task(order)
        order._lacks_numbers = order.status in ON_ITS_WAY and (
            keep_unnumbered(Order.objects.filter(pk=order.pk)).exists()
            if task is None
            else task.status != EnrichmentStatus.COMPLETED
        )
    return bool(order._lacks_numbers)


def find_task(order: Any) -> EnrichmentTask | None:
    """Find the task of an order; it is read once for a page."""
    task: EnrichmentTask | None = getattr(order, "enrichment_task", None)
    return task


def read_panel(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Read how far the asking is, for those who may see it; nothing where all is known or nothing is on its way."""
    if not request.user.has_perm(VIEW) or not lacks_numbers(order):
        return None
    task = find_task(order)
    if task is None:
        return {"task": None, "reason": say_why_not_asked(order.shop) or "Nobody has asked for it yet."}
    task.shop = order.shop  # which is here already
    wait = explain_wait(task)
    return {
        "task": task,
        "state": badge(STATUS_COLOURS[task.status], in_a_word(task.get_status_display())),
        "reason": wait.reason if wait else task.error_message,
        "next_try": show_next(wait.until) if wait and wait.until else "",
        "address": find_page(request, VIEW, "admin:syncjobs_enrichmenttask_change", task.pk),
    }


def read_shop_packages(request: HttpRequest, shop: Shop) -> dict[str, Any] | None:
    """Read how far a shop is, by state, and why its tasks wait; nothing for those who may not see tasks."""
    if not request.user.has_perm(VIEW):
        return None
    progress = read_enrichment_progress(shop)
    return {
        "progress": progress,
        "wanted": progress.total - progress.by_status[EnrichmentStatus.CANCELLED],
        "known": progress.by_status[EnrichmentStatus.COMPLETED],
        "states": [
            {"status": status.value, "label": in_a_word(status.label), "count": progress.by_status[status]}
            for status in EnrichmentStatus
        ],
        "may_ask": request.user.has_perm(ADD) and not progress.blocked,
        "reasons": list_waiting_reasons(shop),
        "waiting_since": show_distance(progress.waiting_since) if progress.waiting_since else "–",
        "last_finished": show_distance(progress.last_finished_at) if progress.last_finished_at else "–",
    }


def register() -> None:
    """Show it on the pages of orders."""
    register_panel(Order, Panel("syncjobs/order_packages.html", read_panel, PARCELS))
