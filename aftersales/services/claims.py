"""What earlier cases have taken of an order line, under a lock of the order: two claims at once cannot both have it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from aftersales.amounts import order_total
from aftersales.models import Case, CaseLine
from aftersales.states import ACTIVE, NOT_CLAIMING
from backoffice.common.locks import lock_until_commit
from orders.models import Order, OrderLine

LineKey = tuple[int, str]  # our id of the order, the marketplace's id of its line


@dataclass(frozen=True, slots=True)
class Claimed:
    """What cases have of one order line: pieces, money in the order's currency, how many cases, how many active."""

    quantity: int = 0
    amount: Decimal = Decimal(0)
    case_count: int = 0
    active_count: int = 0


NOTHING_CLAIMED = Claimed()


def lock_orders(order_ids: Iterable[int]) -> None:
    """Let nobody else claim lines of these orders until the caller's transaction ends."""
    lock_until_commit("claims", order_ids)


def sum_claims(order_ids: Collection[int]) -> dict[LineKey, Claimed]:
    """Sum up, for each line of the orders that cases name, what they claim.

    Cases that were rejected or closed claim nothing, but they count as cases.
    """
    claiming = ~Q(case__state__in=NOT_CLAIMING)
    rows = (
        CaseLine.objects.filter(order__in=order_ids)
        .order_by()
        .values_list("order_id", "order_line_external_id")
        .annotate(
            quantity=Sum("quantity", filter=claiming, default=0),
            amount=Sum("amount", filter=claiming, default=Decimal(0)),
            case_count=Count("pk"),
            active_count=Count("pk", filter=Q(case__state__in=ACTIVE)),
        )
    )
    return {(row[0], row[1]): Claimed(*row[2:]) for row in rows}


def sum_money(order_ids: Collection[int]) -> dict[int, Decimal]:
    """Sum up the money that cases claim of each order as a whole: a marketplace's may tell it of no line."""
    cases = Case.objects.filter(order__in=order_ids).exclude(state__in=NOT_CLAIMING).order_by()
    return dict(cases.values_list("order_id").annotate(claimed=Sum("amount", default=Decimal(0))))


def sum_left(order_ids: Collection[int]) -> dict[int, Decimal]:
    """Say of what was paid for each order how much no case claims; below zero where cases claim more than was paid."""
    lines: dict[int, list[tuple[Decimal | None, int, str]]] = defaultdict(list)
    columns = ("order_id", "price", "quantity", "order__currency", "currency")
    for order_id, price, quantity, of_order, of_line in (
        OrderLine.objects.filter(order__in=order_ids).order_by().values_list(*columns)
    ):
        lines[order_id].append((price, quantity, of_order or of_line))
    claimed = sum_money(order_ids)
    totals = Order.objects.filter(pk__in=order_ids).values_list("pk", "total_amount")
    return {pk: order_total(total, lines[pk]) - claimed.get(pk, Decimal(0)) for pk, total in totals}
