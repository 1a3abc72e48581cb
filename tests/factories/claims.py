"""Orders that cases can be made of, and requests for them."""

from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from aftersales.models import Case, CaseLine
from aftersales.services.asking import Operator
from aftersales.services.creating import CaseRequest, Created, LineRequest, create_cases
from aftersales.services.moving import Start, start_cases
from aftersales.states import CaseOrigin, CaseState, CaseType, OperatorKind
from backoffice.common import clock
from orders.models import Order
from shops.marketplaces.records import LineRecord, OrderStatus
from shops.models import Shop
from tests.factories.orders import store_order
from tests.factories.records import make_line

CLERK = Operator(OperatorKind.ADMIN, "clerk")
NUMBERS = count(1)


def make_claimable(shop: Shop, *lines: LineRecord, **changes: Any) -> Order:
    """An order that was received a day ago: of one line, 3 pieces for 100.00 USD together, unless told otherwise."""
    now = clock.now()
    facts: dict[str, Any] = {
        "status": OrderStatus.DELIVERED,
        "currency": "USD",
        "total_amount": Decimal(100),
        "source_created_at": now - timedelta(days=5),
        "paid_at": now - timedelta(days=5),
        "shipped_at": now - timedelta(days=4),
        "delivered_at": now - timedelta(days=1),
        **changes,
    }
    facts["status"] = OrderStatus(facts["status"])
    lines = lines or (make_line(1, quantity=3, price=Decimal("33.3333"), currency=facts["currency"]),)
    return store_order(shop, f"claimed-{next(NUMBERS)}", lines=lines, **facts)


def ask(order: Order, *lines: LineRequest | str, operator: Operator = CLERK, **changes: Any) -> Created:
    """Ask for one piece of the order's first line to be sent back and refunded, unless told otherwise."""
    wanted = tuple(LineRequest(line) if isinstance(line, str) else line for line in lines or ("line-1",))
    facts: dict[str, Any] = {"type": CaseType.RETURN_REFUND, "reason": "quality_issue", **changes}
    return create_cases(CaseRequest(order=order, lines=wanted, **facts), operator)


def ask_one(order: Order, quantity: int = 1, amount: str | None = None, **changes: Any) -> Case:
    """Ask for pieces of the order's first line; return the case."""
    line = LineRequest("line-1", quantity, None if amount is None else Decimal(amount))
    (case,) = ask(order, line, **changes).cases
    return case


def tell_case(order: Order, state: CaseState, *, line: str = "line-1", quantity: int = 1, amount: str = "10") -> Case:
    """A case of the order that its marketplace decides on; an empty line stands for one it does not name."""
    case = Case(
        shop=order.shop, number=f"told-{next(NUMBERS)}", origin=CaseOrigin.MARKETPLACE, type=CaseType.REFUND_ONLY,
        order=order, order_external_id=order.external_id, currency=order.currency, amount=Decimal(amount),
    )  # fmt: skip
    row = CaseLine(order=order, external_id="1", order_line_external_id=line, quantity=quantity, requested_quantity=9,
                   amount=Decimal(amount) if line else None)  # fmt: skip
    start_cases([Start(case, [row], state, clock.now())], Operator(OperatorKind.SYNC, "Marketplace"))
    return case
