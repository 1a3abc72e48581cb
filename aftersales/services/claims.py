"""What earlier cases have taken of an order line, under a lock of the order: two claims at once cannot both have it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from aftersales.models import CaseLine
from aftersales.states import ACTIVE, NOT_CLAIMING
from backoffice.common.locks import lock_until_commit

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


def sum_claims(order_ids: Collection[int], *, without: Collection[int] = ()) -> dict[LineKey, Claimed]:
    """Sum up, for each line of the orders that cases name, what they claim; without the cases with these ids.

    Cases that were rejected or closed claim nothing, but they count as cases.
    """
    claiming = ~Q(case__state__in=NOT_CLAIMING)
    rows = (
        CaseLine.objects.filter(order__in=order_ids)
        .exclude(case__in=without)
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
