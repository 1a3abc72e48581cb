"""Sweeps: each pass over cases whose time ran out, with what it did. It proves that the sweep runs."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from aftersales.admin.records import choose_truth, list_fields, show_when
from aftersales.models import SweepRun
from aftersales.queries.record_filters import SweepFilterSet
from backoffice.common.admin import ReadOnlyModelAdmin, badge, count_column, display, show_tone
from backoffice.common.admin.filters import FilterSetMixin
from backoffice.common.admin.times import describe_span, show_distance
from orders.admin.filter_fields import make_field
from shops.models import Shop


@admin.register(SweepRun)
class SweepRunAdmin(FilterSetMixin, ReadOnlyModelAdmin):
    """Sweeps, the newest first. One over all shops is shown to those who may see all shops."""

    filterset_class = SweepFilterSet
    filter_fields = (
        make_field(SweepFilterSet, "failures", choose_truth("With failures", "Without"), is_half=True),
        make_field(SweepFilterSet, "handled", choose_truth("Moved a case", "Moved none"), is_half=True),
        *list_fields(SweepFilterSet, has_shop=False),
    )
    list_display: Any = (
        "show_started", "show_result", "show_duration", "show_scope", count_column("examined_count", "Examined"),
        count_column("approved_count", "Approved"), count_column("cancelled_count", "Closed"),
        count_column("received_count", "Received"), count_column("escalated_count", "Escalated"),
        count_column("alerted_count", "Alerted"), count_column("skipped_count", "Skipped"), "show_failed",
    )  # fmt: skip
    list_display_links = ("show_started",)
    list_extra_columns = ("slot", "batch_size")
    list_quick_links = (("With failures", "failures=true"), ("Moved a case", "handled=true"))
    list_defer = ("message",)
    ordering = ("-started_at", "-id")
    sortable_by = ()
    fieldsets: Any = (
        (None, {"fields": (
            ("show_result", "show_scope"), ("started_at", "finished_at"), ("slot", "batch_size"), "message",
        )}),
        ("What it did", {"fields": (
            ("examined_count", "skipped_count", "failed_count"),
            ("approved_count", "cancelled_count", "received_count"), ("escalated_count", "alerted_count"),
        )}),
    )  # fmt: skip

    def complete_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Name the shops of the page's sweeps, in one query."""
        ids = {row.shop_id for row in rows if row.shop_id is not None}
        names = {shop.pk: str(shop) for shop in Shop.objects.filter(pk__in=ids)} if ids else {}
        for row in rows:
            row.scope = _name_scope(row, names)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Find a sweep, and name its shop."""
        row: Any = super().get_object(request, object_id, from_field)
        if row is not None:
            self.complete_rows(request, [row])
        return row

    @display(description="Started")
    def show_started(self, sweep: SweepRun) -> SafeString:
        return show_distance(sweep.started_at)

    @display(description="Result")
    def show_result(self, sweep: SweepRun) -> SafeString:
        if sweep.finished_at is None:
            return badge("info", "Not finished")
        return badge("danger", "With failures") if sweep.failed_count else badge("success", "Done")

    @display(description="Took")
    def show_duration(self, sweep: SweepRun) -> SafeString | str:
        if sweep.finished_at is None:
            return show_when(None)
        return describe_span(sweep.finished_at - sweep.started_at)

    @display(description="Shop")
    def show_scope(self, sweep: Any) -> str:
        return str(sweep.scope)

    @display(description="Failed")
    def show_failed(self, sweep: SweepRun) -> SafeString:
        return show_tone("danger" if sweep.failed_count else "", f"{sweep.failed_count:,}")


def _name_scope(sweep: SweepRun, names: dict[int, str]) -> str:
    return "All shops" if sweep.shop_id is None else names.get(sweep.shop_id, f"Shop {sweep.shop_id}")
