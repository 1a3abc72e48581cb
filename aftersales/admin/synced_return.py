"""Pages of returns, refunds and cancellations as the marketplaces describe them, to look at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from aftersales.admin.words import show_answer_by, show_goods, show_kind, show_money, show_request
from aftersales.choices import AnswerBy, Custody, MoneyState
from aftersales.models import SyncedReturn, SyncedReturnLine
from aftersales.queries.filters import ReturnFilterSet, order_of_list
from backoffice.common.admin import display, show_shop
from backoffice.common.admin.times import show_moment
from backoffice.common.money import format_money
from orders.admin.filter_fields import make_fields
from orders.admin.links import Links
from orders.admin.synced import Fact, SyncedAdmin, show_below
from orders.models import Order

LINES_AT_MOST = 300


@admin.register(SyncedReturn)
class ReturnAdmin(SyncedAdmin):
    """Returns, the newest change first."""

    filterset_class = ReturnFilterSet
    filter_fields = make_fields(
        ReturnFilterSet,
        several=("status", "kind"),
        one_of=(
            ("answer_by", AnswerBy.choices), ("money_state", MoneyState.choices), ("custody", Custody.choices),
        ),
        texts=("order_external_id", "external_id"),
    )  # fmt: skip
    order_of_list = order_of_list
    change_form_outer_before_template = "aftersales/return.html"
    list_display = (
        "show_number", "show_order", "show_request", "show_money", "show_goods", show_shop, "show_changed",
    )  # fmt: skip
    list_extra_columns = (
        "show_refund",
        "raw_status",
        "raw_kind",
        "reason_text",
        "opened_by",
        "requested_action",
        "tracking_number",
    )
    list_quick_links = (("To answer", "status=requested"), ("Overdue", f"answer_by={AnswerBy.OVERDUE}"),
                        ("Due in 24 h", f"answer_by={AnswerBy.DUE_24H}"), ("Disputed", "status=disputed"),
                        ("Unknown status", "status=unknown"), ("Invalid", "is_valid=false"))  # fmt: skip
    fieldsets = (
        ("More of what the marketplace said", {"classes": ("collapse",), "fields": (
            ("raw_status", "raw_kind"), ("raw_logistics_status", "reason_code"), "details_fetched_at",
            "show_attributes",
        )}),
    )  # fmt: skip

    def complete_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Find the orders of the page's returns, in one query."""
        orders = Links(request, Order, ((one.shop_id, one.order_external_id) for one in rows))
        for one in rows:
            one.order_links = orders

    @display(description="Return")
    def show_number(self, row: SyncedReturn) -> SafeString:
        return show_below(row.external_id, show_kind(row))

    @display(description="Order")
    def show_order(self, row: Any) -> SafeString | str:
        return row.order_links.show(row.shop_id, row.order_external_id) if row.order_external_id else ""

    @display(description="Request, answer by")
    def show_request(self, row: SyncedReturn) -> SafeString:
        return show_below(show_request(row), show_answer_by(row))

    @display(description="Money")
    def show_money(self, row: SyncedReturn) -> SafeString:
        return show_below(show_money(row), row.shown_refund if row.refund_amount else "")

    @display(description="Goods")
    def show_goods(self, row: SyncedReturn) -> SafeString:
        return show_goods(row)

    @display(description="Refund")
    def show_refund(self, row: SyncedReturn) -> SafeString:
        return format_html('<span class="number">{}</span>', row.shown_refund)

    def list_facts(self, request: HttpRequest, row: SyncedReturn) -> list[Fact]:
        """Return what is asked for, until when, and where money and goods are."""
        orders = Links(request, Order, [(row.shop_id, row.order_external_id)])
        facts = [
            Fact("Kind", show_kind(row)),
            Fact("Request", show_request(row), row.raw_status),
            Fact("Answer by", show_answer_by(row)),
            Fact("Money", show_money(row)),
            Fact("Refund", format_html("<b>{}</b>", row.shown_refund)),
            Fact("Goods", show_goods(row), row.raw_logistics_status),
            Fact("Order", orders.show(row.shop_id, row.order_external_id) if row.order_external_id else ""),
            Fact("Requested", show_moment(row.source_created_at) if row.source_created_at else "", row.opened_by),
        ]
        return [fact for fact in facts if fact.value]

    def build_page(self, request: HttpRequest, row: SyncedReturn, history: Any) -> dict[str, Any]:
        """Return the lines."""
        lines = row.lines.defer("attributes").order_by("pk")[:LINES_AT_MOST]
        return {"lines": [describe_line(line, row.currency) for line in lines]}


def describe_line(line: SyncedReturnLine, currency: str) -> dict[str, Any]:
    """Return what a table shows of a line."""
    return {"line": line, "refund": format_money(line.refund_amount, currency)}
