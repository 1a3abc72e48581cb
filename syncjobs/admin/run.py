"""Runs and their chunks: what was read, what became of it, and why it ended."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.common import clock
from backoffice.common.admin import (
    ReadOnlyInline,
    ReadOnlyModelAdmin,
    count_column,
    display,
    show_shop,
    show_span,
)
from syncjobs.models import Chunk, ChunkState, Run
from syncjobs.services import cancel_run

STATE_COLOURS = {
    "open": "info", "due": "warning", "running": "info", "done": "success", "failed": "danger", "cancelled": "warning",
}  # fmt: skip
READ = count_column("fetched_count", "Read")
OUTCOMES = (
    count_column("inserted_count", "New"),
    count_column("updated_count", "Updated"),
    count_column("unchanged_count", "Unchanged"),
)
PROBLEMS = (count_column("invalid_count", "Invalid"), count_column("unreadable_count", "Unreadable"))
CALLS = (count_column("call_count", "Calls"), count_column("failed_call_count", "Failed calls"))


def _in_a_word(label: str) -> str:
    """Shorten "Failed: a person must look" for a badge; the colour says the rest."""
    return label.partition(":")[0]


class ChunkInline(ReadOnlyInline):
    """The pieces of the run's window."""

    model = Chunk
    ordering = ("number",)
    per_page = 100
    fields = ("show_window", "show_state", "attempt_count", READ, *OUTCOMES, "show_problems", CALLS[0], "show_note")
    readonly_fields = fields

    @display(description="Window")
    def show_window(self, chunk: Chunk) -> SafeString:
        return show_span(chunk.window_start, chunk.window_end)

    @display(description="State", label=STATE_COLOURS)
    def show_state(self, chunk: Chunk) -> tuple[str, str]:
        return chunk.state, _in_a_word(chunk.get_state_display())

    @display(description="Problems")
    def show_problems(self, chunk: Chunk) -> str:
        return f"{chunk.invalid_count + chunk.unreadable_count:,}"

    @display(description="Note")
    def show_note(self, chunk: Chunk) -> SafeString:
        note = chunk.error or "-"
        if chunk.state == ChunkState.DUE and chunk.due_at > clock.now():
            note = f"Next try at {timezone.localtime(chunk.due_at):%H:%M:%S}. {chunk.error}"
        return format_html('<div class="note">{}</div>', note)


@admin.register(Run)
class RunAdmin(ReadOnlyModelAdmin):
    """Runs, newest first."""

    list_display = ("id", show_shop, "kind", "show_state", "show_window", READ, *OUTCOMES)
    list_filter = ("state", "kind", "trigger")
    list_select_related = ("shop",)
    ordering = ("-id",)
    sortable_by = ("id",)
    inlines = (ChunkInline,)
    actions = ("cancel",)
    fieldsets = (
        (None, {"fields": (("show_state", "reason"), ("shop", "resource"), ("kind", "trigger"), "status_filter")}),
        ("Window", {"fields": ("show_window", ("created_at", "finished_at"))}),
        ("What was read", {"fields": ((READ, OUTCOMES[0]), OUTCOMES[1:], PROBLEMS)}),
        ("Calls", {"fields": (CALLS, ("show_call_seconds", "show_received"))}),
    )

    @display(description="State", label=STATE_COLOURS)
    def show_state(self, run: Run) -> tuple[str, str]:
        return run.state, _in_a_word(run.get_state_display())

    @display(description="Window")
    def show_window(self, run: Run) -> SafeString:
        return show_span(run.window_start, run.window_end)

    @display(description="Time in calls")
    def show_call_seconds(self, run: Run) -> str:
        return f"{run.call_seconds:,.1f} s"

    @display(description="Received")
    def show_received(self, run: Run) -> str:
        return filesizeformat(run.received_bytes)

    @admin.action(description="Cancel what is still due", permissions=["cancel"])
    def cancel(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        """End open runs; what workers hold at the moment is still stored."""
        cancelled = sum(cancel_run(run, f"Cancelled by {request.user}.") for run in runs)
        self.message_user(request, f"{cancelled} cancelled, {len(runs) - cancelled} had ended already.")

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Whoever may change runs may cancel them."""
        return request.user.has_perm("syncjobs.change_run")
