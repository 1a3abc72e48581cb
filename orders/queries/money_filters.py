"""What lists of transactions and of statements can be narrowed by."""

import django_filters
from django.db.models import QuerySet

from backoffice.common.filters import AnyChoiceFilter, TruthFilter
from orders.choices import Matching, TransactionKind
from orders.models import Statement, Transaction
from orders.queries.search import ways_to_statements, ways_to_transactions
from orders.queries.synced_filters import LABELS, SyncedFilterSet, make_moment_filter, make_unknown_filter


class TransactionFilterSet(SyncedFilterSet):
    """The filters of a list of transactions by name. They change at the marketplace once: when the money moves."""

    labels = {
        **LABELS, "external_id": "Transaction number", "kind": "Kind", "unknown": "Unknown kind",
        "statement_external_id": "Statement number", "matching": "Order", "changed_from": "Moved from",
        "changed_to": "Moved to",
    }  # fmt: skip
    ways = ways_to_transactions
    word = "kind"

    q = django_filters.CharFilter(
        method="by_text", label="Beginning of a transaction number, or a whole order or statement number"
    )
    kind = AnyChoiceFilter(choices=TransactionKind.choices, label="Kind; may be given several times")
    unknown = make_unknown_filter("kind")
    order_external_id = django_filters.CharFilter(label="Number of its order, exactly")
    statement_external_id = django_filters.CharFilter(label="Number of its statement, exactly")
    matching = django_filters.ChoiceFilter(
        method="by_matching",
        choices=Matching.choices,
        label="Whether its order is here: matched, unmatched (it names one that is not), none (it names no order)",
    )
    changed_from = make_moment_filter("source_updated_at", "gte", "Moved at or after")
    changed_to = make_moment_filter("source_updated_at", "lt", "Moved before; a day is included", is_end=True)

    class Meta:
        model = Transaction
        fields: list[str] = []

    def by_matching(self, transactions: QuerySet[Transaction], _: str, choice: str) -> QuerySet[Transaction]:
        """Narrow by whether the order is here."""
        return narrow_by_matching(transactions, choice)


def narrow_by_matching(transactions: QuerySet[Transaction], choice: str) -> QuerySet[Transaction]:
    """Keep transactions whose order is here, those that name one which is not, or those that name none."""
    if choice == Matching.MATCHED:
        return transactions.filter(order__isnull=False)
    missing = transactions.filter(order__isnull=True)
    return (
        missing.exclude(order_external_id="") if choice == Matching.UNMATCHED else missing.filter(order_external_id="")
    )


class StatementFilterSet(SyncedFilterSet):
    """The filters of a list of statements by name. They change at the marketplace when they are drawn up."""

    labels = {
        **LABELS, "external_id": "Statement number", "is_paid": "Paid", "changed_from": "Drawn up from",
        "changed_to": "Drawn up to",
    }  # fmt: skip
    ways = ways_to_statements

    q = django_filters.CharFilter(method="by_text", label="Beginning of a statement number")
    is_paid = TruthFilter(label="Whether it was paid; where the marketplace does not say it is neither")
    changed_from = make_moment_filter("source_updated_at", "gte", "Drawn up at or after")
    changed_to = make_moment_filter("source_updated_at", "lt", "Drawn up before; a day is included", is_end=True)

    class Meta:
        model = Statement
        fields: list[str] = []
