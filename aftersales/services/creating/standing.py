"""How an order stands as to further claims: its lines, what cases have of them, and the rules of its shop."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from aftersales.amounts import line_total, order_total, refundable
from aftersales.models import Case, CaseLine
from aftersales.policy import Policy
from aftersales.queries.policies import load_policy
from aftersales.services.claims import NOTHING_CLAIMED, Claimed, sum_claims, sum_money
from aftersales.states import ACTIVE, CaseOrigin, CaseState, CaseType
from backoffice.common import clock
from orders.models import Order, OrderLine, Product


@dataclass(frozen=True, slots=True)
class Standing:
    """One order, read at one moment; who is about to make cases holds the lock on its claims."""

    order: Order
    policy: Policy
    at: datetime
    lines: Mapping[str, OrderLine]  # by the marketplace's id
    claims: Mapping[str, Claimed]
    is_claimed_whole: bool  # whether an active case of a marketplace names none of the lines: any may be meant
    left_amount: Decimal  # of what was paid for the order: what no case claims yet
    exchanged: frozenset[str]
    categories: Mapping[str, str]  # of products

    def currency_of(self, line: OrderLine) -> str:
        """Return the currency that a line was paid in."""
        return self.order.currency or line.currency

    def claimed_of(self, line: OrderLine) -> Claimed:
        """Return what cases have of a line."""
        return self.claims.get(line.external_id, NOTHING_CLAIMED)

    def left_of(self, line: OrderLine) -> int:
        """Return how many pieces of a line no case claims."""
        return max(line.quantity - self.claimed_of(line).quantity, 0)

    def paid_for(self, line: OrderLine) -> Decimal | None:
        """Return what was paid for a whole line; None where the marketplace did not say."""
        currency = self.currency_of(line)
        return None if line.price is None or not currency else line_total(line.price, line.quantity, currency)

    def refundable_for(self, line: OrderLine, quantity: int) -> Decimal | None:
        """Return the most that may be asked for so many pieces; None where the price is not known."""
        paid, claimed = self.paid_for(line), self.claimed_of(line)
        if paid is None:
            return None
        most = refundable(paid, line.quantity, claimed.quantity, claimed.amount, quantity, self.currency_of(line))
        return max(min(most, self.left_amount), Decimal(0))


def read_standing(order_id: int) -> Standing:
    """Read an order anew with all that decides about further claims."""
    order = Order.objects.select_related("shop").get(pk=order_id)
    lines = {line.external_id: line for line in order.lines.order_by("pk")}
    return Standing(
        order=order,
        policy=load_policy(order.shop_id),
        at=clock.now(),
        lines=lines,
        claims={line_id: claimed for (_, line_id), claimed in sum_claims([order_id]).items()},
        is_claimed_whole=_is_claimed_whole(order, lines),
        left_amount=_paid_for_all(order, lines) - sum_money([order_id]).get(order_id, Decimal(0)),
        exchanged=_list_exchanged(order),
        categories=_find_categories(order, lines),
    )


def _is_claimed_whole(order: Order, lines: Mapping[str, OrderLine]) -> bool:
    cases = Case.objects.filter(order=order, origin=CaseOrigin.MARKETPLACE, state__in=ACTIVE)
    return cases.exclude(lines__order_line_external_id__in=lines).exists()


def _paid_for_all(order: Order, lines: Mapping[str, OrderLine]) -> Decimal:
    of_lines = ((line.price, line.quantity, order.currency or line.currency) for line in lines.values())
    return order_total(order.total_amount, of_lines)


def _list_exchanged(order: Order) -> frozenset[str]:
    ended = CaseLine.objects.filter(order=order, case__type=CaseType.EXCHANGE, case__state=CaseState.COMPLETED)
    return frozenset(ended.values_list("order_line_external_id", flat=True))


def _find_categories(order: Order, lines: Mapping[str, OrderLine]) -> dict[str, str]:
    wanted = {line.product_external_id for line in lines.values()} - {""}
    products = Product.objects.filter(shop=order.shop_id, external_id__in=wanted)
    return dict(products.values_list("external_id", "category_external_id"))
