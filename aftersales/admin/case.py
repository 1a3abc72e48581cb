"""The list and the page of cases: to look at, and to act on with what is allowed now."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from aftersales.admin.case_acting import act_view
from aftersales.admin.case_create import create_view
from aftersales.admin.case_page import build_page
from aftersales.admin.case_words import show_amounts, show_reason, show_state, show_time_left, show_type
from aftersales.choices import CaseOriginLabel, Due
from aftersales.models import Case
from aftersales.queries.case_filters import CaseFilterSet, order_of_list
from aftersales.queries.cases import NO_GOODS, list_failed_for_good, sum_goods
from backoffice.common.admin import ReadOnlyModelAdmin, badge, display, show_shop
from backoffice.common.admin.addresses import find_page
from backoffice.common.admin.filters import DayInput, FilterSetMixin, SelectSeveral
from backoffice.common.admin.times import show_distance
from backoffice.common.plurals import say_count
from orders.admin.filter_fields import make_field, make_fields
from orders.admin.paging import ShopPaginator
from orders.admin.synced import show_below
from orders.queries.newest import shown_shop_ids
from orders.queries.search import LEAST_CHARACTERS, search_rows

DAYS = ("created_from", "created_to", "audited_from", "audited_to", "completed_from", "completed_to")


@admin.register(Case)
class CaseAdmin(FilterSetMixin, ReadOnlyModelAdmin):
    """Cases, the newest first."""

    filterset_class = CaseFilterSet
    filter_fields = (
        *make_fields(
            CaseFilterSet,
            several=("state", "type", "reason"),
            one_of=(("due", Due.choices), ("origin", CaseOriginLabel.choices)),
            texts=("order_external_id",),
        ),
        make_field(CaseFilterSet, "stage", SelectSeveral(), is_half=False),
        *(make_field(CaseFilterSet, name, DayInput()) for name in DAYS),
    )
    change_form_outer_before_template = "aftersales/case.html"
    list_display = (
        "show_number", "show_order", "show_product", "show_amount", "show_state", "show_time_left", "show_created",
    )  # fmt: skip
    list_extra_columns = (
        show_shop, "origin", "raw_status", "raw_reason_text", "marketplace_deadline_at", "audited_at", "completed_at",
    )  # fmt: skip
    list_quick_links = (
        ("To review", "state=PENDING_APPROVAL"),
        ("Overdue", f"due={Due.OVERDUE}"),
        ("Due in 24 h", f"due={Due.DUE_24H}"),
        ("Escalated", "state=CS_INTERVENTION"),
        ("Awaiting refund", "state=PENDING_REFUND"),
        ("Unknown status", "state=UNKNOWN"),
    )
    list_select_related = ("shop", "synced_return")
    list_defer = (
        "description", "images", "snapshot", "sweep_error", "synced_return__attributes",
        "synced_return__validation_errors", "synced_return__payload_hash", "synced_return__buyer_message",
    )  # fmt: skip
    search_fields = ("number",)  # what is searched is said by the FilterSet
    search_help_text = str(CaseFilterSet.base_filters["q"].label)
    sortable_by = ("show_created",)  # by what an index gives; anything else would sort a million rows

    class Media:
        css = {"screen": ("backoffice/synced.css", "backoffice/cases.css")}
        js = ("backoffice/cases.js",)

    def get_ordering(self, request: HttpRequest) -> Sequence[str]:
        """Read in an order that fits the filters."""
        return order_of_list(request.GET)

    def get_paginator(self, request: HttpRequest, *arguments: Any, **options: Any) -> ShopPaginator:
        """Tell the pages which shops the list shows."""
        paginator = ShopPaginator(*arguments, **options)
        paginator.shop_ids = shown_shop_ids(request.user, request.GET.getlist("shop"))
        return paginator

    def get_search_hint(self, text: str) -> str:
        """Say why a short text finds nothing."""
        is_short = 0 < len(text) < LEAST_CHARACTERS
        return f"Type at least {LEAST_CHARACTERS} characters of the number." if is_short else ""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Suggest cases where another page refers to one; the list itself is searched by the FilterSet."""
        return (search_rows(queryset, search_term, CaseFilterSet.ways) if search_term else queryset), False

    def get_urls(self) -> list[URLPattern]:
        """Serve the forms of the actions, and the one that makes cases."""
        guard = self.admin_site.admin_view
        return [
            path("create/", guard(partial(create_view, self)), name="aftersales_case_create"),
            path("<int:case_id>/act/<str:action>/", guard(partial(act_view, self)), name="aftersales_case_act"),
            *super().get_urls(),
        ]

    def complete_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Sum up the lines of the page's cases, find refunds that failed for good, and link the orders."""
        goods, failed = sum_goods(rows), list_failed_for_good(rows)
        for case in rows:
            case.goods = goods.get(case.pk, NO_GOODS)
            case.has_failed_refund = case.pk in failed
            case.order_address = (
                find_page(request, "orders.view_order", "admin:orders_order_change", case.order_id)
                if case.order_id
                else ""
            )

    @display(description="Case")
    def show_number(self, case: Case) -> SafeString:
        return show_below(case.number, show_type(case))

    @display(description="Order, shop")
    def show_order(self, case: Any) -> SafeString:
        number: SafeString | str = case.order_external_id or "–"
        if case.order_address:
            number = format_html('<a class="text-link" href="{}">{}</a>', case.order_address, number)
        return show_below(number, case.shop.name or case.shop.external_id)

    @display(description="Product")
    def show_product(self, case: Any) -> SafeString:
        goods = case.goods
        pieces = say_count(goods.quantity, "piece")
        return show_below(goods.name or "–", f"{pieces}, and {goods.more_count:,} more" if goods.more_count else pieces)

    @display(description="Amount")
    def show_amount(self, case: Case) -> SafeString:
        return show_amounts(case)

    @display(description="State, reason")
    def show_state(self, case: Any) -> SafeString:
        state = show_state(case)
        if case.has_failed_refund:
            state = format_html("{} {}", state, badge("danger", "Refund failed for good"))
        return show_below(state, show_reason(case))

    @display(description="Time left")
    def show_time_left(self, case: Case) -> SafeString | str:
        return show_time_left(case)

    @display(description="Created", ordering="created_at")
    def show_created(self, case: Case) -> SafeString:
        return show_distance(case.created_at)

    def get_fieldsets(self, request: HttpRequest, obj: Case | None = None) -> Any:
        """Show nothing below the page of our own; `fieldsets = ()` would mean every field."""
        return ()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """Hand the template what it shows."""
        if obj is not None:
            context |= {"row": obj, **build_page(request, obj), "title": f"Case {obj.number}", "subtitle": None}
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer
