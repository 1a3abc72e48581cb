"""Backfills: how far they are, day by day in a calendar, shop by shop, and what failed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from backoffice.common.admin import (
    LivePanelMixin,
    ReadOnlyModelAdmin,
    display,
    in_a_word,
    show_progress,
    show_span,
)
from backoffice.common.admin.times import show_distance
from syncjobs.admin.backfill_form import start_view
from syncjobs.admin.backfill_panel import bar_of, build_panel, find_shop
from syncjobs.models import Backfill, BackfillState
from syncjobs.queries import BackfillLine, read_lines

STATE_COLOURS = {"open": "info", "stopped": "warning", "ended": "success"}
NO_LINE = BackfillLine()
CHUNKS_A_SECOND = 5_000  # a page of more chunks than this is renewed less often, as each look counts them


@admin.register(Backfill)
class BackfillAdmin(LivePanelMixin, ReadOnlyModelAdmin):
    """Backfills, newest first."""

    list_display = ("id", "show_window", "show_state", "show_progress", "show_shop_count", "show_asked", "person")
    list_filter = ("state",)
    list_select_related = ("person",)
    ordering = ("-id",)
    sortable_by = ("id",)
    readonly_fields = ("person",)
    live_template = "syncjobs/backfill_live.html"
    fieldsets = (
        ("What was asked for", {"fields": (
            ("show_window", "chunk_days"), ("show_resources", "person"), ("created_at", "finished_at"),
        )}),
    )  # fmt: skip

    class Media:
        css = {"screen": ("backoffice/backfill.css",)}

    def complete_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Read how far the backfills of the page are, for all of them at once."""
        viewer: Any = request.user
        lines = read_lines(rows, viewer)
        for backfill in rows:
            backfill.line = lines.get(backfill.pk, NO_LINE)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Backfill]:
        """Read along who asked."""
        backfills: QuerySet[Backfill] = super().get_queryset(request)
        return backfills.select_related("person")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may start backfills has a form for it."""
        return request.user.has_perm("syncjobs.add_backfill")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Start a backfill."""
        context = {**self.admin_site.each_context(request), "title": "Start a backfill", "media": self.media}
        return start_view(request, context)

    def is_going_on(self, row: Any) -> bool:
        return bool(row.state != BackfillState.ENDED)

    def get_live_seconds(self, row: Backfill) -> int:
        """Renew the page less often where counting takes long."""
        days = (row.window_end - row.window_start).days // row.chunk_days + 1
        return min(60, self.live_seconds + days * row.runs.count() // CHUNKS_A_SECOND)

    def get_live_context(self, request: HttpRequest, row: Backfill) -> dict[str, Any]:
        """Return what there is of the shops that the person may see."""
        viewer: Any = request.user
        colour = STATE_COLOURS[row.state], in_a_word(row.get_state_display())
        return {"state": colour, **build_panel(row, viewer, find_shop(viewer, request.GET.get("shop", "")))}

    @display(description="Days", ordering="window_start")
    def show_window(self, backfill: Backfill) -> SafeString:
        return show_span(backfill.window_start, backfill.window_end)

    @display(description="State", label=STATE_COLOURS)
    def show_state(self, backfill: Backfill) -> tuple[str, str]:
        return backfill.state, in_a_word(backfill.get_state_display())

    @display(description="Progress")
    def show_progress(self, backfill: Any) -> SafeString:
        line: BackfillLine = backfill.line
        bar = bar_of(backfill, line.failed_run_count)
        if backfill.state == BackfillState.ENDED:
            return show_progress(1, 1, bar)
        return show_progress(line.ended_count, line.chunk_count, bar)

    @display(description="Shops")
    def show_shop_count(self, backfill: Any) -> str:
        failed = backfill.line.failed_run_count
        return f"{backfill.line.shop_count:,}" + (f", {failed:,} with failures" if failed else "")

    @display(description="Asked for")
    def show_asked(self, backfill: Backfill) -> SafeString:
        return show_distance(backfill.created_at)

    @display(description="Resources")
    def show_resources(self, backfill: Backfill) -> str:
        return ", ".join(backfill.resources)
