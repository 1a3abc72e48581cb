"""Runs and their chunks: how far they are, what was read, what became of it, and why they ended."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.common import clock
from backoffice.common.admin import (
    CappedChangeList,
    LivePanelMixin,
    ReadOnlyModelAdmin,
    count_column,
    display,
    show_progress,
    show_shop,
    show_span,
)
from backoffice.common.admin.filters import FilterSetChangeList, FilterSetMixin
from backoffice.common.admin.times import describe_span, show_distance
from syncjobs.admin.filters import RUN_FIELDS, RunListFilterSet
from syncjobs.models import Chunk, ChunkState, Run, RunState
from syncjobs.queries import NO_CHUNKS, list_chunks, read_progress

STATE_COLOURS = {
    "open": "info", "due": "warning", "running": "info", "done": "success", "failed": "danger", "cancelled": "warning",
    "stopped": "warning", "buffered": "warning", "skipped": "warning",
}  # fmt: skip
BAR_COLOURS = {RunState.DONE: "done", RunState.FAILED: "failed"}
COUNTS = {
    "fetched_count": "Read", "inserted_count": "New", "updated_count": "Updated", "unchanged_count": "Unchanged",
    "invalid_count": "Invalid", "unreadable_count": "Unreadable", "call_count": "Calls",
    "failed_call_count": "Failed calls",
}  # fmt: skip
MORE_COUNTS = ("unchanged_count", "invalid_count", "unreadable_count", "call_count", "failed_call_count")
MOST_CHUNKS = 100


def _in_a_word(label: str) -> str:
    """Shorten "Failed: a person must look" for a badge; the colour says the rest."""
    return label.partition(":")[0]


class RunChangeList(FilterSetChangeList):
    """Reads how far those runs of the page are that are not done, in one query for all of them."""

    result_list: list[Any]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        runs: list[Any] = list(self.result_list)
        progress = read_progress(run for run in runs if run.state != RunState.DONE)
        for run in runs:
            run.progress = progress.get(run.pk, NO_CHUNKS)
        self.result_list = runs


@admin.register(Run)
class RunAdmin(LivePanelMixin, FilterSetMixin, ReadOnlyModelAdmin):
    """Runs, newest first."""

    filterset_class = RunListFilterSet
    filter_fields = RUN_FIELDS
    list_display = (
        "id", show_shop, "kind", "show_state", "show_progress", count_column("fetched_count", "Read"),
        count_column("inserted_count", "New"), count_column("updated_count", "Updated"), "show_asked", "show_duration",
    )  # fmt: skip
    list_extra_columns = (
        "show_window", "trigger", "resource", *(count_column(name, COUNTS[name]) for name in MORE_COUNTS),
        "finished_at",
    )  # fmt: skip
    list_quick_links = (("Open", "state=open"), ("Failed", "state=failed"), ("Asked for by a person", "trigger=person"))
    list_select_related = ("shop",)
    ordering = ("-id",)
    sortable_by = ("id",)
    live_template = "syncjobs/run_live.html"
    fieldsets = (
        ("What was asked for", {"fields": (
            ("shop", "resource"), ("kind", "trigger"), ("status_filter", "created_at"), "show_window", "show_orders",
        )}),
    )  # fmt: skip

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[CappedChangeList]:
        return RunChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        """Read the shop along; it is on every page of runs."""
        runs: QuerySet[Run] = super().get_queryset(request)
        return runs.select_related("shop")

    def is_going_on(self, row: Any) -> bool:
        return bool(row.state == RunState.OPEN)

    def get_live_context(self, request: HttpRequest, row: Run) -> dict[str, Any]:
        """Return how far the run is, its numbers and its chunks."""
        progress = read_progress([row]).get(row.pk, NO_CHUNKS)
        counts: dict[str, Any] = progress.counts or vars(row)
        seconds = ((row.finished_at or clock.now()) - row.created_at).total_seconds()
        speed = f"{counts['fetched_count'] / seconds:,.0f} a second" if seconds >= 1 else "–"
        chunks = list_chunks(row, progress.chunk_count, MOST_CHUNKS)
        return {
            "progress": progress,
            "bar": BAR_COLOURS.get(RunState(row.state), ""),
            "state": (STATE_COLOURS[row.state], _in_a_word(row.get_state_display())),
            "facts": [
                *((label, f"{counts[name]:,}") for name, label in COUNTS.items()),
                ("Time in calls", f"{counts['call_seconds']:,.1f} s"),
                ("Received", filesizeformat(counts["received_bytes"])),
                ("Speed", speed),
                ("Duration", self.show_duration(row)),
            ],
            "chunks": [_line_of(chunk) for chunk in chunks],
            "hidden_chunk_count": progress.chunk_count - len(chunks),
        }

    @display(description="State", label=STATE_COLOURS)
    def show_state(self, run: Run) -> tuple[str, str]:
        return run.state, _in_a_word(run.get_state_display())

    @display(description="Progress")
    def show_progress(self, run: Any) -> SafeString:
        bar = BAR_COLOURS.get(RunState(run.state), "")
        if run.state == RunState.DONE:
            return show_progress(1, 1, bar)
        return show_progress(run.progress.done_count, run.progress.chunk_count, bar)

    @display(description="Window")
    def show_window(self, run: Run) -> SafeString:
        return show_span(run.window_start, run.window_end)

    @display(description="Asked for")
    def show_asked(self, run: Run) -> SafeString:
        return show_distance(run.created_at)

    @display(description="Duration")
    def show_duration(self, run: Run) -> str:
        return describe_span((run.finished_at or clock.now()) - run.created_at)

    @display(description="Orders")
    def show_orders(self, run: Run) -> SafeString:
        address = reverse("admin:orders_order_changelist")
        return format_html('<a class="text-link" href="{}?shop={}">All orders of this shop</a>', address, run.shop_id)


def _line_of(chunk: Chunk) -> dict[str, Any]:
    """Return what the table shows of a chunk."""
    note = chunk.error
    if chunk.state == ChunkState.DUE and chunk.due_at > clock.now():
        note = f"Next try at {timezone.localtime(chunk.due_at):%H:%M:%S}. {chunk.error}"
    return {
        "number": chunk.number,
        "window": show_span(chunk.window_start, chunk.window_end),
        "colour": STATE_COLOURS[chunk.state],
        "state": _in_a_word(chunk.get_state_display()),
        "tries": chunk.attempt_count,
        "counts": [
            ("Read", f"{chunk.fetched_count:,}"),
            ("New", f"{chunk.inserted_count:,}"),
            ("Updated", f"{chunk.updated_count:,}"),
            ("Unchanged", f"{chunk.unchanged_count:,}"),
            ("Problems", f"{chunk.invalid_count + chunk.unreadable_count:,}"),
            ("Calls", f"{chunk.call_count:,}"),
        ],
        "note": note,
    }
