"""Records that could not be stored as rows: one by one here, by cause on the page of failures."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from backoffice.common.admin import ReadOnlyModelAdmin, count_column, display, one_line, show_json, show_shop
from backoffice.common.admin.filters import FilterSetMixin
from backoffice.common.admin.times import show_distance
from syncjobs.admin.failures import act_on_group_view, failures_view
from syncjobs.admin.filters import FAILED_RECORD_FIELDS, FailedRecordFilterSet
from syncjobs.models import FailedRecord, FailedRecordState

STATE_COLOURS = {"open": "danger", "fixed": "success", "discarded": "warning"}


@admin.register(FailedRecord)
class FailedRecordAdmin(FilterSetMixin, ReadOnlyModelAdmin):
    """Failed records, the last seen first."""

    filterset_class = FailedRecordFilterSet
    filter_fields = FAILED_RECORD_FIELDS
    list_display = (
        "show_error", "show_state", show_shop, "show_number", count_column("seen_count", "Times seen"),
        "show_first_seen", "show_last_seen", "show_ended",
    )  # fmt: skip
    list_extra_columns = ("resource", "cause")
    list_quick_links = (("Open", "state=open"), ("Fixed since", "state=fixed"), ("Discarded", "state=discarded"))
    list_select_related = ("shop",)
    list_defer = ("payload",)
    ordering = ("-last_seen_at",)
    fields = (
        ("show_state", "show_ended"),
        "error",
        "cause",
        ("shop", "run"),
        ("resource", "external_id"),
        ("seen_count", "source_updated_at"),
        ("first_seen_at", "last_seen_at"),
        "show_payload",
    )

    def get_urls(self) -> list[URLPattern]:
        """Serve the page of failures, and take the press of its buttons."""
        guard = self.admin_site.admin_view
        urls: list[URLPattern] = super().get_urls()
        act = guard(require_POST(act_on_group_view))
        return [
            path("failures/", guard(self._show_failures), name="syncjobs_failedrecord_failures"),
            path("failures/do/", act, name="syncjobs_failedrecord_act_on_group"),
            *urls,
        ]

    def _show_failures(self, request: HttpRequest) -> HttpResponse:
        context: dict[str, Any] = self.admin_site.each_context(request)
        return failures_view(request, context)

    @display(description="Error")
    def show_error(self, record: FailedRecord) -> SafeString:
        return format_html('<div class="note">{}</div>', record.error)

    @display(description="State", label=STATE_COLOURS)
    def show_state(self, record: FailedRecord) -> tuple[str, str]:
        return record.state, str(record.get_state_display())

    @display(description="Order")
    def show_number(self, record: FailedRecord) -> SafeString:
        return one_line(record.external_id or "–")

    @display(description="First seen", ordering="first_seen_at")
    def show_first_seen(self, record: FailedRecord) -> SafeString:
        return show_distance(record.first_seen_at)

    @display(description="Last seen", ordering="last_seen_at")
    def show_last_seen(self, record: FailedRecord) -> SafeString:
        return show_distance(record.last_seen_at)

    @display(description="Fixed or discarded")
    def show_ended(self, record: FailedRecord) -> SafeString | str:
        if record.state == FailedRecordState.OPEN or record.ended_at is None:
            return "–"
        return format_html("{} by {}", show_distance(record.ended_at), record.ended_by)

    @display(description="Payload")
    def show_payload(self, record: FailedRecord) -> SafeString:
        return show_json(record.payload)
