"""Pages of statements: what a marketplace says it pays, beside what its transactions add up to."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.common.admin import badge, display, one_line, show_shop
from backoffice.common.admin.addresses import find_page
from backoffice.common.admin.times import show_moment
from backoffice.common.money import format_money
from orders.admin.filter_fields import make_fields
from orders.admin.money import list_parts, show_signed
from orders.admin.synced import Fact, SyncedAdmin
from orders.admin.transaction import KIND_COLOURS, show_order_of
from orders.models import Statement, Transaction
from orders.queries.money_filters import StatementFilterSet
from orders.queries.statement_sums import StatementSum, sum_statements

PAID = (("true", "Paid"), ("false", "Not paid yet"))
TRANSACTIONS_SHOWN = 100
DIFFERS = "What the statement states beyond its transactions. Some of them may not be here yet."


@admin.register(Statement)
class StatementAdmin(SyncedAdmin):
    """Statements, those drawn up last first."""

    filterset_class = StatementFilterSet
    filter_fields = make_fields(StatementFilterSet, one_of=(("is_paid", PAID),), texts=("external_id",))
    change_form_outer_before_template = "orders/statement.html"
    changed_label = "Drawn up"
    list_display = (
        "show_number", "show_amount", "show_sum", "show_difference", "show_paid", "show_period", show_shop,
        "show_drawn_up",
    )  # fmt: skip
    list_extra_columns = ("raw_status",)
    list_quick_links = (("Not paid yet", "is_paid=false"), ("Paid", "is_paid=true"), ("Invalid", "is_valid=false"))
    list_per_page = 25  # each is added up from its transactions, of which it may have thousands
    sortable_by = ("show_drawn_up",)
    fieldsets = (
        ("More of what the marketplace said", {"classes": ("collapse",), "fields": (
            ("raw_status", "details_fetched_at"), "show_attributes",
        )}),
    )  # fmt: skip

    def complete_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Add up the transactions of the page's statements, in one query."""
        sums = sum_statements(rows)
        for statement in rows:
            statement.sum = sums[statement.pk]

    @display(description="Statement")
    def show_number(self, row: Statement) -> SafeString:
        return one_line(row.external_id)

    @display(description="Amount")
    def show_amount(self, statement: Statement) -> SafeString:
        return show_signed(statement.amount, statement.currency)

    @display(description="Its transactions")
    def show_sum(self, statement: Any) -> SafeString:
        return word_sum(statement, statement.sum)

    @display(description="Difference")
    def show_difference(self, statement: Any) -> SafeString:
        return word_difference(statement, statement.sum)

    @display(description="Paid")
    def show_paid(self, statement: Statement) -> SafeString:
        return word_paid(statement)

    @display(description="Period")
    def show_period(self, statement: Statement) -> SafeString | str:
        return word_period(statement)

    @display(description="Drawn up", ordering="source_updated_at")
    def show_drawn_up(self, statement: Statement) -> SafeString | str:
        return self.show_changed(statement)

    def list_facts(self, request: HttpRequest, row: Statement) -> list[Fact]:
        """Return what it states, what its transactions come to, and whether both agree."""
        found = sum_statements([row])[row.pk]
        facts = [
            Fact("Amount", format_html("<b>{}</b>", show_signed(row.amount, row.currency))),
            Fact("Its transactions", word_sum(row, found)),
            Fact("Difference", word_difference(row, found)),
            Fact("Paid", word_paid(row), row.raw_status),
            Fact("Period", word_period(row)),
        ]
        return [fact for fact in facts if fact.value]

    def build_page(self, request: HttpRequest, row: Statement, history: Any) -> dict[str, Any]:
        """Return the parts, and the transactions that name it."""
        if not request.user.has_perm("orders.view_transaction"):
            return {"parts": list_parts(row), "may_see_transactions": False}
        named = Transaction.objects.filter(shop_id=row.shop_id, statement_external_id=row.external_id)
        rows = list(named.defer(*SyncedAdmin.list_defer, "fees").order_by("-pk")[: TRANSACTIONS_SHOWN + 1])
        may_see_orders = request.user.has_perm("orders.view_order")
        query = {"statement_external_id": row.external_id, "shop": row.shop_id}
        return {
            "parts": list_parts(row),
            "may_see_transactions": True,
            "transactions": [
                describe_transaction(one, may_see_order=may_see_orders) for one in rows[:TRANSACTIONS_SHOWN]
            ],
            "has_more_transactions": len(rows) > TRANSACTIONS_SHOWN,
            "transactions_address": find_page(
                request, "orders.view_transaction", "admin:orders_transaction_changelist", query=query
            ),
        }


def describe_transaction(transaction: Transaction, *, may_see_order: bool) -> dict[str, Any]:
    """Return what a table shows of a transaction."""
    colour = "warning" if transaction.kind == "unknown" else KIND_COLOURS.get(transaction.kind, "")
    return {
        "row": transaction,
        "kind": badge(colour, str(transaction.get_kind_display())),
        "amount": show_signed(transaction.amount, transaction.currency),
        "order": show_order_of(transaction, may_see=may_see_order),
    }


def word_sum(statement: Statement, found: StatementSum) -> SafeString:
    """Write what the transactions come to, and how many they are."""
    if not found.transaction_count:
        return format_html('<span class="row-faint">{}</span>', "none here yet")
    return format_html(
        '<span class="one-line"><span class="number">{}</span> <span class="row-faint">{}</span></span>',
        format_money(found.amount, statement.currency), f"of {found.transaction_count:,}",
    )  # fmt: skip


def word_difference(statement: Statement, found: StatementSum) -> SafeString:
    """Write what is missing to the amount stated: nothing is good, anything else must be looked at."""
    if found.agrees is None:
        return format_html('<span class="row-faint">{}</span>', "–")
    if found.agrees:
        return format_html('<span class="tone-success number">{}</span>', "0")
    left_out = f" {found.left_out_count:,} left out" if found.left_out_count else ""
    shown = format_money(found.difference, statement.currency)
    return format_html('<span class="tone-warning number" title="{}">⚠ {}{}</span>', DIFFERS, shown, left_out)


def word_paid(statement: Statement) -> SafeString:
    """Say whether it was paid, where the marketplace says so."""
    if statement.is_paid is None:
        return format_html('<span class="row-faint">{}</span>', "not told")
    return badge("success", "Paid") if statement.is_paid else badge("info", "Not yet")


def word_period(statement: Statement) -> SafeString | str:
    """Write from which day to which it is, in the shop's zone."""
    bounds = (statement.period_start_at, statement.period_end_at)
    if not any(bounds):
        return ""
    zone = ZoneInfo(statement.shop.timezone) if statement.shop.timezone else None
    days = [f"{timezone.localtime(one, zone):%Y-%m-%d}" if one else "?" for one in bounds]
    exact = " – ".join(show_moment(one) if one else "?" for one in bounds)
    return format_html('<span class="one-line" title="{}">{}</span>', exact, " – ".join(days))
