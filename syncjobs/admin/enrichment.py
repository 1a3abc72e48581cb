"""Orders whose package numbers are asked for apart from the sync: how far each is, why it waits or failed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.common.admin import ReadOnlyModelAdmin, count_column, display, in_a_word, one_line, show_shop
from backoffice.common.admin.addresses import find_page
from backoffice.common.admin.filters import FilterSetMixin
from backoffice.common.admin.times import show_distance, show_next
from orders.admin.paging import ShopPaginator
from orders.queries.newest import shown_shop_ids
from syncjobs.admin.enrichment_filters import FIELDS, NEWEST_FIRST, EnrichmentTaskFilterSet
from syncjobs.models import EnrichmentStatus, EnrichmentTask
from syncjobs.queries import explain_wait

STATUS_COLOURS = {
    "pending": "warning", "processing": "info", "completed": "success", "failed": "danger", "cancelled": "",
}  # fmt: skip
PACKAGES_IN_A_LIST = 3  # an order may have a hundred


@admin.register(EnrichmentTask)
class EnrichmentTaskAdmin(FilterSetMixin, ReadOnlyModelAdmin):
    """Enrichment tasks, the newest first."""

    filterset_class = EnrichmentTaskFilterSet
    filter_fields = FIELDS
    search_fields = ("parent_order_sn",)  # what is searched is said by the FilterSet
    search_help_text = "Beginning of an order number or a package number"
    list_display = (
        "show_order", "show_status", show_shop, "show_packages", "show_reason", count_column("retry_count", "Retries"),
        count_column("looks", "Looks"), "show_next_try",
    )  # fmt: skip
    list_display_links = ("show_status",)
    list_extra_columns = ("priority", "max_retries", "created_at", "finished_at", "deadline_at")
    list_quick_links = (
        ("Failed", "status=failed"), ("Pending", "status=pending"), ("Being asked for", "status=processing"),
        ("Completed", "status=completed"), ("Cancelled", "status=cancelled"),
    )  # fmt: skip
    list_select_related = ("shop",)
    list_defer = ("order_ids",)
    ordering = NEWEST_FIRST
    sortable_by = ()
    fields = (
        ("show_status", "show_order_link"),
        ("shop", "priority"),
        "show_all_packages",
        "show_why",
        ("retry_count", "max_retries"),
        ("looks", "show_next_try"),
        ("deadline_at", "show_created"),
        ("show_finished", "show_lines"),
    )

    def get_paginator(self, request: HttpRequest, *arguments: Any, **options: Any) -> ShopPaginator:
        """Tell the pages which shops the list shows."""
        paginator = ShopPaginator(*arguments, **options)
        paginator.shop_ids = shown_shop_ids(request.user, request.GET.getlist("shop"))
        return paginator

    def complete_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Link the orders of the page, for those who may see orders."""
        for task in rows:
            task.order_address = find_order_page(request, task)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Find a row, and where its order is shown."""
        task: Any = super().get_object(request, object_id, from_field)
        if task is not None:
            task.order_address = find_order_page(request, task)
        return task

    @display(description="Order")
    def show_order(self, task: Any) -> SafeString:
        return _link(task.order_address, task.parent_order_sn)

    @display(description="Order number")
    def show_order_link(self, task: Any) -> SafeString:
        return _link(task.order_address, task.parent_order_sn)

    @display(description="Status", label=STATUS_COLOURS)
    def show_status(self, task: EnrichmentTask) -> tuple[str, str]:
        return task.status, in_a_word(task.get_status_display())

    @display(description="Package numbers")
    def show_packages(self, task: EnrichmentTask) -> SafeString:
        more = len(task.package_sns) - PACKAGES_IN_A_LIST
        shown = [*task.package_sns[:PACKAGES_IN_A_LIST], *([f"and {more:,} more"] if more > 0 else [])]
        return format_html_join("", '<div class="one-line">{}</div>', ((text,) for text in shown))

    @display(description="Package numbers")
    def show_all_packages(self, task: EnrichmentTask) -> str:
        return ", ".join(task.package_sns) or "None is known yet."

    @display(description="Reason")
    def show_reason(self, task: EnrichmentTask) -> SafeString:
        return format_html('<div class="note">{}</div>', task.error_message)

    @display(description="Reason")
    def show_why(self, task: EnrichmentTask) -> str:
        wait = explain_wait(task)
        return (wait.reason if wait else task.error_message) or "–"

    @display(description="Next try")
    def show_next_try(self, task: EnrichmentTask) -> SafeString | str:
        return show_next(task.next_try_at) if task.status == EnrichmentStatus.PENDING else "–"

    @display(description="Asked for since")
    def show_created(self, task: EnrichmentTask) -> SafeString:
        return show_distance(task.created_at)

    @display(description="Ended")
    def show_finished(self, task: EnrichmentTask) -> SafeString | str:
        return show_distance(task.finished_at) if task.finished_at else "–"

    @display(description="Lines of the order")
    def show_lines(self, task: EnrichmentTask) -> str:
        return ", ".join(task.order_ids) or "–"


def find_order_page(request: HttpRequest, task: EnrichmentTask) -> str:
    """Return where the order of a task is shown; empty where the person may not see orders."""
    return find_page(request, "orders.view_order", "admin:orders_order_change", task.order_id)


def _link(address: str, number: str) -> SafeString:
    if not address:
        return one_line(number)
    return format_html('<a class="text-link one-line" href="{}">{}</a>', address, number)
