"""The money on the page of an order: every transaction that names it, what they come to, and what was paid."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from backoffice.common.admin.addresses import find_page
from orders.admin.money import PARTS, AmountLine, list_fees, show_signed
from orders.admin.statement import describe_transaction, word_difference, word_paid
from orders.models import Order, Statement
from orders.queries.statement_sums import StatementSum
from orders.queries.whole_order import MoneySum, list_order_money
from shops.marketplaces.records import Resource
from shops.marketplaces.registry import find_capability


def build_money(request: HttpRequest, order: Order) -> dict[str, Any]:
    """Return what the order earned and cost, for those who may see transactions."""
    if not request.user.has_perm("orders.view_transaction"):
        return {"money": None}
    capability = find_capability(order.shop.marketplace, Resource.TRANSACTIONS)
    if capability is None:
        return {"money": {"gives_none": order.shop.get_marketplace_display()}}
    found = list_order_money(order)
    may_see_statements = request.user.has_perm("orders.view_statement")
    return {
        "money": {
            "transactions": [
                {
                    **describe_transaction(row, may_see_order=False),
                    "address": reverse("admin:orders_transaction_change", args=[row.pk]),
                    "fees": list_fees(row.fees, row.currency),
                }
                for row in found.transactions
            ],
            "sums": [_show_sum(one) for one in found.sums],
            "has_more": found.has_more,
            "all_address": find_page(
                request, "orders.view_transaction", "admin:orders_transaction_changelist",
                query={"order_external_id": order.external_id, "shop": order.shop_id},
            ),
            "statements": [
                _show_statement(one, found.statement_sums[one.pk]) for one in found.statements if may_see_statements
            ],
            "has_statements": capability.has_statements,
            "marketplace": order.shop.get_marketplace_display(),
        }
    }  # fmt: skip


def _show_sum(found: MoneySum) -> list[AmountLine]:
    """List what all transactions in one currency come to, by part."""
    parts = [(PARTS[name], amount) for name, amount in found.parts.items() if amount]
    lines = [AmountLine(label, show_signed(amount, found.currency)) for label, amount in parts]
    return [*lines, AmountLine("In all", show_signed(found.amount, found.currency), is_sum=True)]


def _show_statement(statement: Statement, found: StatementSum) -> dict[str, Any]:
    return {
        "row": statement,
        "address": reverse("admin:orders_statement_change", args=[statement.pk]),
        "amount": show_signed(statement.amount, statement.currency),
        "difference": word_difference(statement, found),
        "paid": word_paid(statement),
    }
