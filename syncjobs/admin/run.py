"""Runs and their chunks: what was read, what became of it, and why it ended."""

from django.contrib import admin

from backoffice.common.admin import ReadOnlyInline, ReadOnlyModelAdmin, display
from syncjobs.models import Chunk, Run

STATE_COLOURS = {
    "open": "info", "due": "warning", "running": "info", "done": "success", "failed": "danger", "skipped": "warning",
    "cancelled": "warning",
}  # fmt: skip
COUNTS = ("fetched_count", "inserted_count", "updated_count", "unchanged_count", "invalid_count", "unreadable_count")


class ChunkInline(ReadOnlyInline):
    """The pieces of the run's window."""

    model = Chunk
    ordering = ("number",)
    fields = (
        "number",
        "window_start",
        "window_end",
        "show_state",
        "attempt_count",
        "due_at",
        *COUNTS,
        "call_count",
        "error",
    )
    readonly_fields = fields

    @display(description="State", label=STATE_COLOURS)
    def show_state(self, chunk: Chunk) -> tuple[str, str]:
        return chunk.state, chunk.get_state_display()


@admin.register(Run)
class RunAdmin(ReadOnlyModelAdmin):
    """Runs, newest first."""

    list_display = (
        "id",
        "shop",
        "kind",
        "show_state",
        "trigger",
        "window_start",
        "window_end",
        *COUNTS[:4],
        "created_at",
    )
    list_filter = ("state", "kind", "trigger")
    list_select_related = ("shop",)
    ordering = ("-id",)
    inlines = (ChunkInline,)
    fieldsets = (
        (None, {"fields": (("shop", "resource", "kind"), ("show_state", "reason"), ("trigger", "status_filter"))}),
        ("Window", {"fields": (("window_start", "window_end"), ("created_at", "finished_at"))}),
        ("What was read", {"fields": (COUNTS[:3], COUNTS[3:])}),
        ("Calls", {"fields": (("call_count", "failed_call_count"), ("call_seconds", "received_bytes"))}),
    )

    @display(description="State", label=STATE_COLOURS, ordering="state")
    def show_state(self, run: Run) -> tuple[str, str]:
        return run.state, run.get_state_display()
