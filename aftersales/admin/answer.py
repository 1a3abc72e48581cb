"""Answers to marketplaces: approvals and rejections that were passed on, those whose end is unknown first."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from aftersales.admin.case_words import ANSWER_COLOURS
from aftersales.admin.records import OfCaseAdmin, list_fields, show_when
from aftersales.choices import AnswerState
from aftersales.models import SellerAnswer
from aftersales.queries.record_filters import AnswerFilterSet
from backoffice.common.admin import display, one_line
from backoffice.common.admin.times import show_distance


@admin.register(SellerAnswer)
class SellerAnswerAdmin(OfCaseAdmin):
    """Answers to marketplaces."""

    filterset_class = AnswerFilterSet
    filter_fields = list_fields(AnswerFilterSet, "state")
    list_display = (
        "show_sent", "show_case", "decision", "show_state", "show_said", "show_shop_of_case", "show_asker",
        "show_settled",
    )  # fmt: skip
    list_display_links = ("show_sent",)
    list_extra_columns = ("reason_code", "raw_status")
    list_quick_links = (
        ("In doubt", f"state={AnswerState.IN_DOUBT}"), ("Being sent", f"state={AnswerState.SENDING}"),
        ("Refused", f"state={AnswerState.REFUSED}"),
    )  # fmt: skip
    list_select_related = ("case__shop", "asked_by")
    search_fields = ("case__number",)
    ordering = ("-settled_at", "-id")  # the database puts those without a time first, and an index has this order
    fieldsets: Any = (
        (None, {"fields": (
            ("show_case", "decision"), ("show_state", "show_asker"), "message", ("reason_code", "raw_status"),
            "comment", ("sent_at", "settled_at"), "idempotency_key",
        )}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[SellerAnswer]:
        """Read along what the page of an answer names."""
        answers: QuerySet[SellerAnswer] = super().get_queryset(request)
        return answers.select_related("case", "asked_by")

    @display(description="Sent")
    def show_sent(self, answer: SellerAnswer) -> SafeString:
        return show_distance(answer.sent_at)

    @display(description="State", label=ANSWER_COLOURS)
    def show_state(self, answer: SellerAnswer) -> tuple[str, str]:
        return answer.state, answer.get_state_display()

    @display(description="What was said")
    def show_said(self, answer: SellerAnswer) -> SafeString:
        said = answer.message or answer.comment
        return format_html('<div class="row-cut" title="{}">{}</div>', said, said)

    @display(description="Shop")
    def show_shop_of_case(self, answer: SellerAnswer) -> SafeString:
        return one_line(answer.case.shop.name or answer.case.shop.external_id)

    @display(description="Asked by")
    def show_asker(self, answer: SellerAnswer) -> str:
        return answer.asked_by.get_username() if answer.asked_by else "System"

    @display(description="Settled")
    def show_settled(self, answer: SellerAnswer) -> SafeString | str:
        return show_when(answer.settled_at)
