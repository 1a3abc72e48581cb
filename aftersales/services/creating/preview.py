"""What could be asked for of an order's lines, before anybody asks."""

from dataclasses import dataclass
from decimal import Decimal

from aftersales.services.asking import Unacceptable
from aftersales.services.creating.checks import check_claimable
from aftersales.services.creating.standing import Standing, read_standing
from aftersales.states import CaseType
from orders.models import Order, OrderLine

QUANTITIES_AT_MOST = 100  # for which an amount is shown
SHOWN_TYPES = tuple(one for one in CaseType if one != CaseType.UNKNOWN)


@dataclass(frozen=True, slots=True)
class LinePreview:
    """One order line. `refundable_amount` is for all that is left, `refundable_amounts` for 1, 2, 3... pieces of it.

    `types` says for each type why a case of it cannot be made now; nothing where it can. Amounts are None where the
    price is not known.
    """

    order_line_external_id: str
    product_name: str
    ordered_quantity: int
    claimed_quantity: int
    left_quantity: int
    case_count: int
    currency: str
    paid_amount: Decimal | None
    refundable_amount: Decimal | None
    refundable_amounts: tuple[Decimal, ...]
    types: dict[str, str]


def preview_order(order: Order) -> list[LinePreview]:
    """Show for each line of an order what is left to claim and which types of case can be made."""
    standing = read_standing(order.pk)
    return [_preview(line, standing) for line in standing.lines.values()]


def _preview(line: OrderLine, standing: Standing) -> LinePreview:
    claimed, left = standing.claimed_of(line), standing.left_of(line)
    shown = (standing.refundable_for(line, number) for number in range(1, min(left, QUANTITIES_AT_MOST) + 1))
    return LinePreview(
        order_line_external_id=line.external_id,
        product_name=line.product_name,
        ordered_quantity=line.quantity,
        claimed_quantity=claimed.quantity,
        left_quantity=left,
        case_count=claimed.case_count,
        currency=standing.currency_of(line),
        paid_amount=standing.paid_for(line),
        refundable_amount=standing.refundable_for(line, left),
        refundable_amounts=tuple(amount for amount in shown if amount is not None),
        types={one.value: _explain(line, one, standing) for one in SHOWN_TYPES},
    )


def _explain(line: OrderLine, case_type: CaseType, standing: Standing) -> str:
    try:
        check_claimable(line, case_type, standing)
    except Unacceptable as error:
        return str(error)
    return ""
