"""Records that could not be stored as rows."""

from django.contrib import admin
from django.utils.safestring import SafeString

from backoffice.common.admin import ReadOnlyModelAdmin, display, show_json
from syncjobs.models import FailedRecord


@admin.register(FailedRecord)
class FailedRecordAdmin(ReadOnlyModelAdmin):
    """Failed records, the last seen first."""

    list_display = ("shop", "resource", "error", "seen_count", "first_seen_at", "last_seen_at")
    list_select_related = ("shop",)
    ordering = ("-last_seen_at",)
    fields = (("shop", "resource", "run"), "error", ("seen_count", "first_seen_at", "last_seen_at"), "show_payload")

    @display(description="Payload")
    def show_payload(self, record: FailedRecord) -> SafeString:
        return show_json(record.payload)
