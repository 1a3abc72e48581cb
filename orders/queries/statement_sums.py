"""Whether statements agree with their transactions: what these add up to, and what is missing to the amount stated."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from orders.models import Statement, Transaction


@dataclass(frozen=True)
class StatementSum:
    """What the transactions of a statement, in its currency, come to.

    `difference` is what the statement states beyond them; None where the statement states no amount. Transactions in
    another currency, or without an amount that could be read, are `left_out_count`.
    """

    amount: Decimal
    transaction_count: int
    left_out_count: int
    difference: Decimal | None

    @property
    def agrees(self) -> bool | None:
        """Whether statement and transactions say the same; None where that cannot be said."""
        if self.difference is None or not self.transaction_count:
            return None
        return self.difference == 0 and not self.left_out_count


def sum_statements(statements: Iterable[Statement]) -> dict[int, StatementSum]:
    """Add up the transactions of these statements, by the statement's id, in one query however many they are."""
    wanted = {(one.shop_id, one.external_id): one for one in statements}
    if not wanted:
        return {}
    named = Transaction.objects.filter(
        shop_id__in={shop_id for shop_id, _ in wanted}, statement_external_id__in={number for _, number in wanted}
    ).exclude(statement_external_id="")
    groups = named.order_by().values_list("shop_id", "statement_external_id", "currency")
    found: dict[tuple[int, str], list[tuple[str, Decimal, int, int]]] = {}
    for shop_id, number, currency, amount, count, unread in groups.annotate(
        added_up=Sum("amount", default=Decimal(0)), rows=Count("pk"), unread=Count("pk", filter=Q(amount__isnull=True))
    ):
        found.setdefault((shop_id, number), []).append((currency, amount, count, unread))
    return {one.pk: _add_up(one, found.get(key, [])) for key, one in wanted.items()}


def _add_up(statement: Statement, groups: Iterable[tuple[str, Decimal, int, int]]) -> StatementSum:
    amount, count, left_out = Decimal(0), 0, 0
    for currency, subtotal, rows, unread in groups:
        is_comparable = currency == statement.currency
        amount += subtotal if is_comparable else 0
        count += rows
        left_out += unread if is_comparable else rows
    difference = None if statement.amount is None else statement.amount - amount
    return StatementSum(amount, count, left_out, difference)


def list_whole_statements() -> QuerySet[Statement]:
    """List the statements whose transactions come to the amount stated: all of them are here, or there are none."""
    named = Transaction.objects.filter(shop_id=OuterRef("shop_id"), statement_external_id=OuterRef("external_id"))
    added_up = named.exclude(statement_external_id="").order_by().values("shop_id").annotate(sum=Sum("amount"))
    return Statement.objects.filter(amount=Coalesce(Subquery(added_up.values("sum")), Decimal(0)))
