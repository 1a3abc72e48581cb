"""The order list and the order page. What the marketplace said is read-only; staff keep note, tags and assignee."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.common.admin import display, one_line, show_json, show_shop
from backoffice.common.admin.times import show_deadline, show_distance, show_moment
from orders.admin import filters, suggestions
from orders.admin.handling import handling_view
from orders.admin.page import STATUS_COLOURS, build_page
from orders.admin.synced import Fact, SyncedAdmin, show_word
from orders.choices import TO_SHIP
from orders.models import Order, OrderHandling
from orders.queries.filters import OrderFilterSet, order_of_list
from orders.queries.payloads import PayloadHistory


@admin.register(Order)
class OrderAdmin(SyncedAdmin):
    """Orders, newest change first."""

    filterset_class = OrderFilterSet
    filter_fields = filters.FIELDS
    order_of_list = order_of_list
    change_form_outer_before_template = "orders/page.html"
    list_display = (
        "show_number", show_shop, "show_status", "show_ship_by", "show_total", "show_ordered", "show_changed",
        "show_handling",
    )  # fmt: skip
    list_select_related = ("shop", "handling__assignee")
    list_defer = (*SyncedAdmin.list_defer, "other_amounts", "recipient_details")
    sortable_by = ("show_ordered", "show_changed")
    search_help_text = "Order or tracking number, or SKU"
    fieldsets = (
        ("More of what the marketplace said", {"classes": ("collapse",), "fields": (
            ("raw_status", "is_cod"), ("buyer_external_id", "buyer_email"), ("warehouse_external_id", "carrier_name"),
            ("cancel_reason", "cancelled_by"), "details_fetched_at", "show_attributes",
        )}),
    )  # fmt: skip

    class Media:
        js = ("backoffice/orders.js",)

    @display(description="Order")
    def show_number(self, order: Order) -> SafeString:
        return one_line(order.external_id)

    @display(description="Status")
    def show_status(self, order: Order) -> SafeString:
        return show_word(order, STATUS_COLOURS)

    @display(description="Ship by")
    def show_ship_by(self, order: Order) -> SafeString | str:
        return show_deadline(order.ship_by_at) if order.status in TO_SHIP and order.ship_by_at else ""

    @display(description="Total")
    def show_total(self, order: Order) -> SafeString:
        return format_html('<span class="number">{}</span>', order.total)

    @display(description="Ordered", ordering="source_created_at")
    def show_ordered(self, order: Order) -> SafeString | str:
        return show_distance(order.source_created_at) if order.source_created_at else "–"

    @display(description="Tags, assignee")
    def show_handling(self, order: Order) -> SafeString | str:
        handling: OrderHandling | None = getattr(order, "handling", None)
        if handling is None:
            return ""
        tags = format_html_join("", '<span class="row-tag">{}</span>', ((tag,) for tag in handling.tags))
        who = handling.assignee.get_username() if handling.assignee else ""
        note = format_html('<span class="row-noted" title="{}">✎</span>', handling.note) if handling.note else ""
        return format_html('<span class="row-words">{}{}<span>{}</span></span>', note, tags, who)

    @display(description="Own fields")
    def show_attributes(self, order: Order) -> SafeString:
        return show_json({**order.attributes, **order.other_amounts})

    def get_list_quick_links(self, request: HttpRequest) -> Sequence[tuple[str, str]]:
        """Offer what people look at every day."""
        return filters.list_quick_links(request.user.get_username())

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
            path("<int:order_id>/handling/", guard(partial(handling_view, self)), name="orders_order_handling"),
            *urls,
        ]

    def list_facts(self, request: HttpRequest, row: Order) -> list[Fact]:
        """Return what people look for first: how far it is, until when, how much."""
        payment = "cash on delivery" if row.is_cod else row.payment_method
        facts = [
            Fact("Status", show_word(row, STATUS_COLOURS)),
            Fact("Ship by", self.show_ship_by(row)),
            Fact("Total", format_html("<b>{}</b>", row.total), payment),
            Fact("Ordered", show_moment(row.source_created_at) if row.source_created_at else ""),
        ]
        return [fact for fact in facts if fact.value]

    def build_page(self, request: HttpRequest, row: Order, history: PayloadHistory) -> dict[str, Any]:
        """Return lines, parcels, amounts and times, and the form for what staff keep."""
        return build_page(request, row, history)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """Add what the form needs; there is none for those who may only look."""
        answer = super().render_change_form(request, context, *arguments, obj=obj, **options)
        if "handling_form" in context:
            context["media"] += context["handling_form"].media
        return answer
