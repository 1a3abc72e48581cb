"""Records that could not be stored as rows."""

from django.contrib import admin
from django.utils.safestring import SafeString

from backoffice.common.admin import ReadOnlyModelAdmin, count_column, display, show_json, show_shop
from syncjobs.models import FailedRecord


@admin.register(FailedRecord)
class FailedRecordAdmin(ReadOnlyModelAdmin):
    """Failed records, the last seen first."""

    list_display = (
        "error",
        show_shop,
        "resource",
        count_column("seen_count", "Times seen"),
        "first_seen_at",
        "last_seen_at",
    )
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

    @display(description="Payload")
    def show_payload(self, record: FailedRecord) -> SafeString:
        return show_json(record.payload)
