"""Runs and their chunks: how far they are, what was read, what became of it, and why they ended."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.common import clock
from backoffice.common.admin import (
    LivePanelMixin,
    ReadOnlyModelAdmin,
    count_column,
    display,
    in_a_word,
    show_json,
    show_progress,
    show_shop,
    show_span,
)
from backoffice.common.admin.filters import FilterSetMixin
from backoffice.common.admin.times import describe_span, show_distance
from syncjobs.admin.filters import RUN_FIELDS, RunListFilterSet
from syncjobs.admin.run_panel import BAR_COLOURS, COUNTS, STATE_COLOURS, build_panel
from syncjobs.models import Run, RunState
from syncjobs.queries import NO_CHUNKS, read_progress

MORE_COUNTS = ("unchanged_count", "invalid_count", "unreadable_count", "call_count", "failed_call_count")


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
        "show_window", "trigger", "lane", "resource", *(count_column(name, COUNTS[name]) for name in MORE_COUNTS),
        "reason", "finished_at",
    )  # fmt: skip
    list_quick_links = (
        ("Open", "state=open"), ("Failed", "state=failed"), ("Skipped", "state=skipped"),
        ("Asked for by a person", "trigger=person"),
    )  # fmt: skip
    list_select_related = ("shop",)
    ordering = ("-id",)
    sortable_by = ("id",)
    live_template = "syncjobs/run_live.html"
    fieldsets = (
        ("What was asked for", {"fields": (
            ("shop", "resource"), ("kind", "trigger"), ("lane", "is_forced"), ("status_filter", "created_at"),
            "show_window", "show_parameters", "show_orders",
        )}),
    )  # fmt: skip

    def complete_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Read how far those runs of the page are that are not done, in one query for all of them."""
        progress = read_progress(run for run in rows if run.state != RunState.DONE)
        for run in rows:
            run.progress = progress.get(run.pk, NO_CHUNKS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        """Read the shop along; it is on every page of runs."""
        runs: QuerySet[Run] = super().get_queryset(request)
        return runs.select_related("shop")

    def is_going_on(self, row: Any) -> bool:
        return bool(row.state == RunState.OPEN)

    def get_live_context(self, request: HttpRequest, row: Run) -> dict[str, Any]:
        """Return how far the run is, what it waits for, its numbers, its chunks and what happened."""
        return build_panel(row)

    @display(description="State", label=STATE_COLOURS)
    def show_state(self, run: Run) -> tuple[str, str]:
        return run.state, in_a_word(run.get_state_display())

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

    @display(description="Asked for besides")
    def show_parameters(self, run: Run) -> SafeString | str:
        return show_json(run.parameters) if run.parameters else "–"

    @display(description="Orders")
    def show_orders(self, run: Run) -> SafeString:
        address = reverse("admin:orders_order_changelist")
        return format_html('<a class="text-link" href="{}?shop={}">All orders of this shop</a>', address, run.shop_id)
