"""Transactions and statements over the API."""

from collections.abc import Iterable
from typing import Any

from backoffice.common.api.views import DetailView
from orders.api.document import describe_history, describe_list, describe_row
from orders.api.examples.money import STATEMENT, TRANSACTION
from orders.api.parameters import DRAWN_UP, MOVED
from orders.api.serializers.money import StatementSerializer, TransactionSerializer
from orders.api.synced import UNUSED, HistoryView, StoredAfterChange, SyncedListView, SyncedPages
from orders.models import Statement, Transaction
from orders.queries.money_filters import StatementFilterSet, TransactionFilterSet
from orders.queries.statement_sums import sum_statements

TRANSACTIONS = Transaction.objects.defer(*UNUSED)
STATEMENTS = Statement.objects.defer(*UNUSED)


class ApiTransactionFilterSet(StoredAfterChange, TransactionFilterSet):
    """The filters in words that fit the API's order."""


class ApiStatementFilterSet(StoredAfterChange, StatementFilterSet):
    """The filters in words that fit the API's order."""


@describe_list("transactions", TRANSACTION, MOVED)
class TransactionList(SyncedListView):
    """The movements of money that you may see, in the order in which they were stored here.

    One that is matched with its order later is not stored anew: `order` may be filled without a new `synced_at`.
    """

    queryset = TRANSACTIONS
    serializer_class = TransactionSerializer
    filterset_class = ApiTransactionFilterSet


@describe_row("transaction", TRANSACTION, "a transaction")
class TransactionDetail(DetailView):
    """One movement of money by our id."""

    queryset = TRANSACTIONS
    serializer_class = TransactionSerializer


@describe_history("transaction", "a transaction")
class TransactionHistory(HistoryView):
    """What changed of a movement of money at the marketplace, newest first."""

    queryset = TRANSACTIONS


class StatementPages(SyncedPages):
    """Small pages, as each statement on them is added up from its transactions, of which it may have many thousands."""

    page_size, largest_page = 20, 100


@describe_list("statements", STATEMENT, DRAWN_UP)
class StatementList(SyncedListView):
    """The statements that you may see, with what their transactions add up to, in the order in which they were stored.

    The sums are of this moment: a transaction that comes later changes them without a new `synced_at`.
    """

    queryset = STATEMENTS
    serializer_class = StatementSerializer
    filterset_class = ApiStatementFilterSet
    pagination_class = StatementPages

    def paginate_queryset(self, queryset: Any) -> Any:
        """Read a page, and the sums of its statements in one query more."""
        return _with_sums(super().paginate_queryset(queryset) or [])


@describe_row("statement", STATEMENT, "a statement")
class StatementDetail(DetailView):
    """One statement by our id, with what its transactions add up to."""

    queryset = STATEMENTS
    serializer_class = StatementSerializer

    def get_object(self) -> Any:
        return _with_sums([super().get_object()])[0]


@describe_history("statement", "a statement")
class StatementHistory(HistoryView):
    """What changed of a statement at the marketplace, newest first."""

    queryset = STATEMENTS


def _with_sums(statements: Iterable[Statement]) -> list[Any]:
    """Give each statement what its transactions add up to."""
    shown: list[Any] = list(statements)
    sums = sum_statements(shown)
    for statement in shown:
        statement.summed = sums[statement.pk]
    return shown
