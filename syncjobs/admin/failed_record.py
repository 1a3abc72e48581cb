"""Records that could not be stored as rows."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.common.admin import ReadOnlyModelAdmin, count_column, display, show_json, show_shop
from backoffice.common.admin.filters import FilterSetMixin
from backoffice.common.admin.times import show_distance
from syncjobs.admin.filters import RESOURCE_FIELD, SHOP_FIELD, FailedRecordFilterSet
from syncjobs.models import FailedRecord


@admin.register(FailedRecord)
class FailedRecordAdmin(FilterSetMixin, ReadOnlyModelAdmin):
    """Failed records, the last seen first."""

    filterset_class = FailedRecordFilterSet
    filter_fields = (SHOP_FIELD, RESOURCE_FIELD)
    list_display = (
        "show_error", show_shop, "resource", count_column("seen_count", "Times seen"), "show_first_seen",
        "show_last_seen",
    )  # fmt: skip
    list_select_related = ("shop",)
    list_defer = ("payload",)
    ordering = ("-last_seen_at",)
    fields = (
        "error",
        ("shop", "run"),
        ("resource", "seen_count"),
        ("first_seen_at", "last_seen_at"),
        "show_payload",
    )

    @display(description="Error")
    def show_error(self, record: FailedRecord) -> SafeString:
        return format_html('<div class="note">{}</div>', record.error)

    @display(description="First seen", ordering="first_seen_at")
    def show_first_seen(self, record: FailedRecord) -> SafeString:
        return show_distance(record.first_seen_at)

    @display(description="Last seen", ordering="last_seen_at")
    def show_last_seen(self, record: FailedRecord) -> SafeString:
        return show_distance(record.last_seen_at)

    @display(description="Payload")
    def show_payload(self, record: FailedRecord) -> SafeString:
        return show_json(record.payload)
