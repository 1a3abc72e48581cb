"""Pages of transactions: what moved a shop's money, for which order, and where it stands on a statement."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.common.admin import badge, display, one_line, show_shop
from orders.admin.filter_fields import make_fields
from orders.admin.links import Links
from orders.admin.money import list_fees, list_parts, show_signed
from orders.admin.synced import Fact, SyncedAdmin, show_below, show_word
from orders.choices import Matching
from orders.models import Statement, Transaction
from orders.queries.money_filters import TransactionFilterSet

KIND_COLOURS = {
    "settlement": "success", "refund": "warning", "compensation": "info", "withdrawal": "info",
}  # fmt: skip


@admin.register(Transaction)
class TransactionAdmin(SyncedAdmin):
    """Movements of money, the newest first."""

    filterset_class = TransactionFilterSet
    filter_fields = make_fields(
        TransactionFilterSet,
        several=("kind",),
        one_of=(("matching", Matching.choices),),
        texts=("order_external_id", "statement_external_id", "external_id"),
    )
    change_form_outer_before_template = "orders/transaction.html"
    changed_label = "Moved"
    list_display = (
        "show_number", "show_kind", "show_amount", "show_order", show_shop, "show_moved",
    )  # fmt: skip
    list_extra_columns = ("show_statement", "raw_kind", "raw_status", "description", "show_fees")
    list_defer = (*SyncedAdmin.list_defer, "fees")
    list_quick_links = (("Refunds", "kind=refund"), ("Fees", "kind=fee&kind=advertising"),
                        ("Order not here", "matching=unmatched"), ("Unknown kind", "kind=unknown"),
                        ("Invalid", "is_valid=false"))  # fmt: skip
    sortable_by = ("show_moved",)
    fieldsets = (
        ("More of what the marketplace said", {"classes": ("collapse",), "fields": (
            ("raw_kind", "raw_status"), ("description", "details_fetched_at"), "show_attributes",
        )}),
    )  # fmt: skip

    def complete_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Find the statements of the page's transactions, in one query."""
        statements = Links(request, Statement, ((one.shop_id, one.statement_external_id) for one in rows))
        may_see_orders = request.user.has_perm("orders.view_order")
        for transaction in rows:
            transaction.statement_links, transaction.may_see_orders = statements, may_see_orders

    @display(description="Transaction")
    def show_number(self, row: Transaction) -> SafeString:
        return show_below(row.external_id, row.description or row.raw_kind)

    @display(description="Kind")
    def show_kind(self, transaction: Transaction) -> SafeString:
        return show_word(transaction, KIND_COLOURS, "kind")

    @display(description="Amount")
    def show_amount(self, transaction: Transaction) -> SafeString:
        return show_signed(transaction.amount, transaction.currency)

    @display(description="Fees in it")
    def show_fees(self, transaction: Transaction) -> SafeString:
        return show_signed(transaction.fee_amount, transaction.currency)

    @display(description="Order and statement")
    def show_order(self, transaction: Any) -> SafeString:
        order = show_order_of(transaction, may_see=transaction.may_see_orders)
        return show_below(order, self.show_statement(transaction))

    @display(description="Statement")
    def show_statement(self, transaction: Any) -> SafeString | str:
        number = transaction.statement_external_id
        return transaction.statement_links.show(transaction.shop_id, number) if number else ""

    @display(description="Moved", ordering="source_updated_at")
    def show_moved(self, transaction: Transaction) -> SafeString | str:
        return self.show_changed(transaction)

    def list_facts(self, request: HttpRequest, row: Transaction) -> list[Fact]:
        """Return what it is, how much, and where it belongs."""
        statements = Links(request, Statement, [(row.shop_id, row.statement_external_id)])
        may_see = request.user.has_perm("orders.view_order")
        number = row.statement_external_id
        return [
            Fact("Kind", show_word(row, KIND_COLOURS, "kind"), row.raw_kind),
            Fact("Amount", format_html("<b>{}</b>", show_signed(row.amount, row.currency)), row.raw_status),
            Fact("Order", show_order_of(row, may_see=may_see) or "names no order"),
            Fact("Statement", statements.show(row.shop_id, number) if number else "not on one yet"),
        ]

    def build_page(self, request: HttpRequest, row: Transaction, history: Any) -> dict[str, Any]:
        """Return the split."""
        return {"parts": list_parts(row), "fees": list_fees(row.fees, row.currency)}


def show_order_of(transaction: Transaction, *, may_see: bool) -> SafeString | str:
    """Show the order as a link, or say that it is not here; empty where none is named."""
    number = transaction.order_external_id
    if not number:
        return ""
    if transaction.order_id is None:
        return format_html('<span class="one-line">{}</span> {}', number, badge("warning", "Not here"))
    if not may_see:
        return one_line(number)
    address = reverse("admin:orders_order_change", args=[transaction.order_id])
    return format_html('<a class="text-link one-line" href="{}">{}</a>', address, number)
