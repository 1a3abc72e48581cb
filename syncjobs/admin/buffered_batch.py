"""Batches that wait in files of the workers' hosts since the database could not be written."""

import django_filters
from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.common.admin import ReadOnlyModelAdmin, count_column, display, in_a_word, one_line, show_span
from backoffice.common.admin.filters import FilterField, FilterSetMixin, SelectSeveral
from backoffice.common.admin.times import show_distance
from backoffice.common.filters import AnyChoiceFilter, AnyRowFilter
from shops.queries import list_shops_to_choose
from syncjobs.admin.filters import RESOURCE_FIELD, RESOURCES, SHOP_FIELD
from syncjobs.models import BatchFileState, BufferedBatch

STATE_COLOURS = {
    "waiting": "warning", "replaying": "info", "failed": "danger", "damaged": "danger", "stored": "success",
}  # fmt: skip


class BufferedBatchFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of buffered batches."""

    state = AnyChoiceFilter(choices=BatchFileState.choices, label="State")
    shop = AnyRowFilter(queryset=list_shops_to_choose, label="Shop")
    resource = django_filters.ChoiceFilter(choices=RESOURCES, label="Resource")

    class Meta:
        model = BufferedBatch
        fields: list[str] = []


@admin.register(BufferedBatch)
class BufferedBatchAdmin(FilterSetMixin, ReadOnlyModelAdmin):
    """Buffered batches, the newest first."""

    filterset_class = BufferedBatchFilterSet
    filter_fields = (FilterField("state", "State", SelectSeveral()), SHOP_FIELD, RESOURCE_FIELD)
    list_display = (
        "id", "show_state", "show_whose", count_column("record_count", "Records"), count_column("try_count", "Tries"),
        "show_size", "show_buffered", "show_error",
    )  # fmt: skip
    list_extra_columns = ("show_window", "resource", "run_id", "chunk_id", "host", "file_name", "changed_at")
    list_quick_links = (
        ("Waiting", "state=waiting"), ("A person must look", "state=failed&state=damaged"), ("Stored", "state=stored"),
    )  # fmt: skip
    list_select_related = ("shop",)
    ordering = ("-id",)
    sortable_by = ("id",)
    fields = (
        ("show_state", "error"),
        ("shop", "resource"),
        ("show_window", "record_count"),
        ("run_id", "chunk_id"),
        ("try_count", "show_size"),
        ("buffered_at", "changed_at"),
        ("host", "file_name"),
    )

    @display(description="State", label=STATE_COLOURS)
    def show_state(self, batch: BufferedBatch) -> tuple[str, str]:
        return batch.state, in_a_word(batch.get_state_display())

    @display(description="Shop")
    def show_whose(self, batch: BufferedBatch) -> SafeString | str:
        return one_line(batch.shop.name) if batch.shop else "unknown"

    @display(description="Window")
    def show_window(self, batch: BufferedBatch) -> SafeString | str:
        if batch.window_start is None or batch.window_end is None:
            return "–"
        return show_span(batch.window_start, batch.window_end)

    @display(description="Size", ordering="size_bytes")
    def show_size(self, batch: BufferedBatch) -> str:
        return filesizeformat(batch.size_bytes)

    @display(description="Kept", ordering="buffered_at")
    def show_buffered(self, batch: BufferedBatch) -> SafeString:
        return show_distance(batch.buffered_at)

    @display(description="Error")
    def show_error(self, batch: BufferedBatch) -> SafeString:
        return format_html('<div class="note">{}</div>', batch.error)
