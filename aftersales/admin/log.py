"""The log of all cases: who did what, when, and from which state to which. It only grows."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from aftersales.admin.records import OfCaseAdmin, list_fields
from aftersales.models import CaseLog
from aftersales.queries.record_filters import LogFilterSet
from aftersales.states import LogAction
from backoffice.common.admin import badge, display, one_line, show_json
from backoffice.common.admin.times import show_distance

ACTION_COLOURS = {
    LogAction.TIMEOUT_PROCESS: "warning", LogAction.ESCALATE: "warning", LogAction.FAIL_REFUND: "danger",
    LogAction.REJECT: "danger", LogAction.COMPLETE_REFUND: "success", LogAction.APPROVE: "success",
    LogAction.AUTO_APPROVE: "success",
}  # fmt: skip


@admin.register(CaseLog)
class CaseLogAdmin(OfCaseAdmin):
    """The case log, the newest first."""

    filterset_class = LogFilterSet
    filter_fields = list_fields(LogFilterSet, "action", "operator_kind", "state")
    list_display = ("show_at", "show_case", "show_action", "show_states", "show_by", "show_text", "show_shop_of_case")
    list_display_links = ("show_at",)
    list_extra_columns = ("request_id",)
    list_quick_links = (
        ("Time ran out", f"action={LogAction.TIMEOUT_PROCESS}"), ("By staff", "operator_kind=ADMIN"),
        ("Refund failed", f"action={LogAction.FAIL_REFUND}"), ("Escalated", f"action={LogAction.ESCALATE}"),
    )  # fmt: skip
    list_select_related = ("case__shop",)
    list_defer = ("context",)
    search_fields = ("case__number",)
    ordering = ("-at", "-id")
    fieldsets: Any = (
        (None, {"fields": (
            ("show_case", "show_action"), ("show_states", "show_by"), "text", ("at", "request_id"), "show_context",
        )}),
    )  # fmt: skip

    @display(description="When")
    def show_at(self, entry: CaseLog) -> SafeString:
        return show_distance(entry.at)

    @display(description="Action")
    def show_action(self, entry: CaseLog) -> SafeString:
        return badge(ACTION_COLOURS.get(LogAction(entry.action), ""), entry.get_action_display())

    @display(description="States")
    def show_states(self, entry: CaseLog) -> SafeString | str:
        """Show what it was and what it became; one state where it stayed."""
        became = entry.get_state_display()
        if not entry.previous_state or entry.previous_state == entry.state:
            return became
        return format_html("{} → {}", entry.get_previous_state_display(), became)

    @display(description="By")
    def show_by(self, entry: CaseLog) -> str:
        return entry.operator_name or entry.get_operator_kind_display()

    @display(description="Text")
    def show_text(self, entry: CaseLog) -> SafeString:
        return format_html('<div class="row-cut" title="{}">{}</div>', entry.text, entry.text)

    @display(description="Shop")
    def show_shop_of_case(self, entry: CaseLog) -> SafeString:
        return one_line(entry.case.shop.name or entry.case.shop.external_id)

    @display(description="Details")
    def show_context(self, entry: CaseLog) -> SafeString | str:
        return show_json(entry.context) if entry.context else "–"
