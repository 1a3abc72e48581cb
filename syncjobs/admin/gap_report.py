"""Gap reports: what the marketplaces have against what is here, by shop and day."""

from typing import Any

import django_filters
from django.contrib import admin
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.common.admin import (
    ReadOnlyModelAdmin,
    count_column,
    display,
    in_a_word,
    one_line,
    show_shop,
    show_span,
    show_tone,
)
from backoffice.common.admin.filters import DayInput, FilterField, FilterSetMixin, SelectSeveral
from backoffice.common.admin.times import show_distance
from backoffice.common.filters import AnyChoiceFilter, AnyRowFilter, MomentFilter, TruthFilter
from orders.models import Order
from shops.queries import list_shops_to_choose
from syncjobs.admin.filters import SHOP_FIELD
from syncjobs.models import GapReport, GapReportState
from syncjobs.models.gap_report import HAS_GAPS
from syncjobs.queries import day_of

STATE_COLOURS = {"due": "warning", "running": "info", "done": "success", "failed": "danger"}
KINDS = {
    "missing": "Missing: there and not here",
    "stale": "Stale: newer there",
    "extra": "Extra: here and not there",
}


class GapReportFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of gap reports."""

    shop = AnyRowFilter(queryset=list_shops_to_choose, label="Shop")
    state = AnyChoiceFilter(choices=GapReportState.choices, label="State")
    gaps = TruthFilter(method="filter_gaps", label="Gaps")
    day_from = MomentFilter(field_name="window_start", lookup_expr="gte", label="Days from")
    day_to = MomentFilter(field_name="window_start", lookup_expr="lt", label="Days to", is_end=True)

    class Meta:
        model = GapReport
        fields: list[str] = []

    def filter_gaps(self, reports: QuerySet[GapReport], _: str, has_gaps: bool) -> QuerySet[GapReport]:
        """Narrow to reports that found something, or to those that found nothing."""
        return reports.filter(HAS_GAPS) if has_gaps else reports.exclude(HAS_GAPS)


@admin.register(GapReport)
class GapReportAdmin(FilterSetMixin, ReadOnlyModelAdmin):
    """Gap reports, the last asked for first."""

    filterset_class = GapReportFilterSet
    filter_fields = (
        SHOP_FIELD,
        FilterField(
            "gaps", "Gaps", UnfoldAdminSelectWidget(choices=(("", "Any"), ("true", "With gaps"), ("false", "Without")))
        ),
        FilterField("state", "State", SelectSeveral()),
        FilterField("day_from", "Days from", DayInput(), is_half=True),
        FilterField("day_to", "Days to", DayInput(), is_half=True),
    )
    list_display = (
        "show_day", show_shop, "show_state", count_column("found_count", "There"), "show_missing", "show_stale",
        "show_extra", count_column("fetched_count", "Fetched since"), "show_asked",
    )  # fmt: skip
    list_extra_columns = ("trigger", "resource", count_column("call_count", "Calls"), "finished_at")
    list_quick_links = (("With gaps", "gaps=true"), ("Failed", "state=failed"))
    list_select_related = ("shop",)
    list_defer = ("examples",)
    ordering = ("-id",)
    sortable_by = ("id",)
    fieldsets = (
        ("What was compared", {"fields": (
            ("shop", "resource"), ("show_day", "show_window"), ("trigger", "created_at"),
            ("fetch_missing", "show_state"), ("finished_at", "attempt_count"), "error",
        )}),
        ("What differs", {"fields": (
            ("found_count", "call_count"), ("show_missing", "show_stale"), ("show_extra", "fetched_count"),
            "show_examples",
        )}),
    )  # fmt: skip

    def get_queryset(self, request: Any) -> QuerySet[GapReport]:
        """Read the shop along: a report's day is one of its zone."""
        reports: QuerySet[GapReport] = super().get_queryset(request)
        return reports.select_related("shop")

    @display(description="Day")
    def show_day(self, report: GapReport) -> SafeString:
        return one_line(f"{day_of(report.window_start, report.shop)}")

    @display(description="Window")
    def show_window(self, report: GapReport) -> SafeString:
        return show_span(report.window_start, report.window_end)

    @display(description="State", label=STATE_COLOURS)
    def show_state(self, report: GapReport) -> tuple[str, str]:
        return report.state, in_a_word(report.get_state_display())

    @display(description="Missing")
    def show_missing(self, report: GapReport) -> SafeString:
        return show_tone("danger" if report.missing_count else "", f"{report.missing_count:,}")

    @display(description="Stale")
    def show_stale(self, report: GapReport) -> SafeString:
        return show_tone("warning" if report.stale_count else "", f"{report.stale_count:,}")

    @display(description="Extra")
    def show_extra(self, report: GapReport) -> SafeString:
        return show_tone("warning" if report.extra_count else "", f"{report.extra_count:,}")

    @display(description="Asked for")
    def show_asked(self, report: GapReport) -> SafeString:
        return show_distance(report.created_at)

    @display(description="The first of each")
    def show_examples(self, report: GapReport) -> SafeString | str:
        """Name the first orders of each kind; those that are here lead to their page."""
        named = [external_id for ids in report.examples.values() for external_id in ids]
        if not named:
            return "–"
        here = dict(Order.objects.filter(shop=report.shop_id, external_id__in=named).values_list("external_id", "pk"))
        lines = (
            (title, format_html_join(", ", "{}", ((_show_order(one, here.get(one)),) for one in report.examples[kind])))
            for kind, title in KINDS.items()
            if report.examples.get(kind)
        )
        return format_html_join("", '<p class="note"><strong>{}</strong><br>{}</p>', lines)


def _show_order(external_id: str, order_id: int | None) -> SafeString:
    if order_id is None:
        return format_html("{}", external_id)
    address = reverse("admin:orders_order_change", args=[order_id])
    return format_html('<a class="text-link" href="{}">{}</a>', address, external_id)
