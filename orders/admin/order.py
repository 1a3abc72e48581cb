"""The order list and the order page. What the marketplace said is read-only; staff keep note, tags and assignee."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.common.admin import ReadOnlyModelAdmin, badge, display, one_line, show_json, show_shop
from backoffice.common.admin.filters import FilterSetMixin
from backoffice.common.admin.times import show_deadline, show_distance
from orders.admin import filters, suggestions
from orders.admin.handling import handling_view
from orders.admin.history import compare_view
from orders.admin.page import STATUS_COLOURS, RunLink, build_page
from orders.admin.paging import OrderPaginator
from orders.choices import TO_SHIP
from orders.models import Order, OrderHandling
from orders.queries.filters import OrderFilterSet, order_of_list
from orders.queries.newest import shown_shop_ids
from orders.queries.search import LEAST_CHARACTERS, search_orders


@admin.register(Order)
class OrderAdmin(FilterSetMixin, ReadOnlyModelAdmin):
    """Orders, newest change first."""

    filterset_class = OrderFilterSet
    filter_fields = filters.FIELDS
    list_display = (
        "show_number", show_shop, "show_status", "show_ship_by", "show_total", "show_ordered", "show_changed",
        "show_handling",
    )  # fmt: skip
    list_select_related = ("shop", "handling__assignee")
    list_defer = ("attributes", "other_amounts", "recipient_details", "validation_errors")
    sortable_by = ("show_ordered", "show_changed")  # the orders that an index gives; others would sort a million rows
    search_fields = ("external_id",)  # what is searched is said in orders/queries/search.py
    search_help_text = "Order or tracking number, or SKU"
    fieldsets = (
        ("More of what the marketplace said", {"classes": ("collapse",), "fields": (
            ("raw_status", "is_cod"), ("buyer_external_id", "buyer_email"), ("warehouse_external_id", "carrier_name"),
            ("cancel_reason", "cancelled_by"), "details_fetched_at", "show_attributes",
        )}),
    )  # fmt: skip

    class Media:
        css = {"screen": ("backoffice/orders.css",)}
        js = ("backoffice/orders.js",)

    @display(description="Order")
    def show_number(self, order: Order) -> SafeString:
        return one_line(order.external_id)

    @display(description="Status")
    def show_status(self, order: Order) -> SafeString:
        status = badge(STATUS_COLOURS.get(order.status, ""), order.get_status_display())
        return (
            status
            if order.is_valid
            else format_html('<span class="order-handling">{}{}</span>', status, badge("danger", "Invalid"))
        )

    @display(description="Ship by")
    def show_ship_by(self, order: Order) -> SafeString | str:
        return show_deadline(order.ship_by_at) if order.status in TO_SHIP and order.ship_by_at else ""

    @display(description="Total")
    def show_total(self, order: Order) -> SafeString:
        return format_html('<span class="number">{}</span>', order.total)

    @display(description="Ordered", ordering="source_created_at")
    def show_ordered(self, order: Order) -> SafeString | str:
        return show_distance(order.source_created_at) if order.source_created_at else "–"

    @display(description="Changed", ordering="source_updated_at")
    def show_changed(self, order: Order) -> SafeString | str:
        return show_distance(order.source_updated_at) if order.source_updated_at else "–"

    @display(description="Tags, assignee")
    def show_handling(self, order: Order) -> SafeString | str:
        handling: OrderHandling | None = getattr(order, "handling", None)
        if handling is None:
            return ""
        tags = format_html_join("", '<span class="order-tag">{}</span>', ((tag,) for tag in handling.tags))
        who = handling.assignee.get_username() if handling.assignee else ""
        note = format_html('<span class="order-noted" title="{}">✎</span>', handling.note) if handling.note else ""
        return format_html('<span class="order-handling">{}{}<span>{}</span></span>', note, tags, who)

    @display(description="Own fields")
    def show_attributes(self, order: Order) -> SafeString:
        return show_json({**order.attributes, **order.other_amounts})

    def get_ordering(self, request: HttpRequest) -> Sequence[str]:
        """Read in an order that fits the filters."""
        return order_of_list(request.GET)

    def get_paginator(self, request: HttpRequest, *arguments: Any, **options: Any) -> OrderPaginator:
        """Tell the pages which shops the list shows."""
        paginator = OrderPaginator(*arguments, **options)
        paginator.shop_ids = shown_shop_ids(request.user, request.GET.getlist("shop"))
        return paginator

    def get_list_quick_links(self, request: HttpRequest) -> Sequence[tuple[str, str]]:
        """Offer what people look at every day."""
        return filters.list_quick_links(request.user.get_username())

    def get_search_hint(self, text: str) -> str:
        """Say why a short text finds nothing."""
        if 0 < len(text) < LEAST_CHARACTERS:
            return (
                f"Type at least {LEAST_CHARACTERS} characters: the beginning of an order or tracking number, or a "
                "whole SKU."
            )
        return ""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        """Suggest orders where another page refers to one; the list itself is searched by the FilterSet."""
        return (search_orders(queryset, search_term) if search_term else queryset), False

    def get_urls(self) -> list[URLPattern]:
        """Serve the form for what staff keep, and what fields suggest."""
        guard = self.admin_site.admin_view
        urls: list[URLPattern] = super().get_urls()
        return [
            path("suggest/people/", guard(suggestions.suggest_people), name="orders_order_people"),
            path(
                "<int:order_id>/suggest/assignees/",
                guard(suggestions.suggest_assignees),
                name="orders_order_assignees",
            ),
            path("<int:order_id>/compare/", guard(partial(compare_view, self)), name="orders_order_compare"),
            path("<int:order_id>/handling/", guard(partial(handling_view, self)), name="orders_order_handling"),
            *urls,
        ]

    def link_runs(self, request: HttpRequest, order: Order, ids: Iterable[int | None]) -> dict[int | None, RunLink]:
        """Name runs on the page of an order. What has become of them the roof knows: see backoffice/admin/order.py."""
        return {run_id: RunLink(f"run {run_id}") for run_id in ids if run_id}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """Hand the template what it shows."""
        if obj is not None:
            context |= build_page(request, obj, self.link_runs)
            context["title"] = f"Order {obj.external_id}"
            context["subtitle"] = None
            if "handling_form" in context:  # not for those who may only look
                context["media"] += context["handling_form"].media
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer
