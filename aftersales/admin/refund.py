"""Refunds: money that goes back to buyers, to look at. The case's page has the buttons."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from aftersales.admin.case_words import REFUND_COLOURS
from aftersales.admin.records import RecordAdmin, list_fields, show_when
from aftersales.choices import RefundState
from aftersales.models import MOST_REFUND_RETRIES, Refund
from aftersales.queries.record_filters import RefundFilterSet
from backoffice.common.admin import display, show_json, show_shop


@admin.register(Refund)
class RefundAdmin(RecordAdmin):
    """Refunds, the newest first."""

    filterset_class = RefundFilterSet
    filter_fields = list_fields(RefundFilterSet, "state")
    list_display = (
        "show_number", "show_case", "show_state", "show_amount", show_shop, "show_retries", "show_reason", "show_made",
        "show_ended",
    )  # fmt: skip
    list_extra_columns = ("method", "refund_transaction", "original_transaction", "sent_at")
    list_quick_links = (
        ("To be sent", f"state={RefundState.PENDING}"), ("Sent, not answered", f"state={RefundState.PROCESSING}"),
        ("Failed", f"state={RefundState.FAILED}"),
    )  # fmt: skip
    list_defer = ("provider_response",)
    fieldsets: Any = (
        (None, {"fields": (
            ("show_case", "show_state"), ("show_amount", "shop"), ("method", "show_retries"), "failure_reason",
            ("original_transaction", "refund_transaction"), ("created_at", "sent_at"), "ended_at",
        )}),
        ("The payment side's answer", {"fields": ("idempotency_key", "show_response")}),
    )  # fmt: skip

    @display(description="State", label=REFUND_COLOURS)
    def show_state(self, refund: Refund) -> tuple[str, str]:
        if refund.state == RefundState.PROCESSING:
            return refund.state, "Sent, not answered"
        return refund.state, refund.get_state_display()

    @display(description="Amount")
    def show_amount(self, refund: Refund) -> SafeString:
        return format_html('<span class="number">{}</span>', refund.shown_amount)

    @display(description="Retries")
    def show_retries(self, refund: Refund) -> SafeString:
        return format_html('<span class="number">{} of {}</span>', refund.retry_count, MOST_REFUND_RETRIES)

    @display(description="Why it failed")
    def show_reason(self, refund: Refund) -> SafeString:
        return format_html('<div class="row-cut">{}</div>', refund.failure_reason)

    @display(description="Ended")
    def show_ended(self, refund: Refund) -> SafeString | str:
        return show_when(refund.ended_at)

    @display(description="Answer")
    def show_response(self, refund: Refund) -> SafeString | str:
        return show_json(refund.provider_response) if refund.provider_response else "–"
