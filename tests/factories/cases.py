"""Cases as they get into the database: started and moved by the services, never written past them."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction

from aftersales.models import AftersalesSettings, Carrier, Case, CaseLine
from aftersales.services.asking import SYSTEM, Inputs, Operator
from aftersales.services.moving import Start, move_case, start_cases
from aftersales.states import Action, CaseOrigin, CaseState, CaseType, OperatorKind
from backoffice.common import clock
from orders.models import Order, OrderLine
from shops.models import Shop
from tests.factories.orders import store_order

STAFF = Operator(OperatorKind.ADMIN, "staff")
BUYER = Operator(OperatorKind.USER, "buyer")
NUMBERS = count(1)
BY_STAFF: dict[Action, Inputs] = {
    Action.REJECT: Inputs(reason="The photos show another product."),
    Action.FILL_SHIPMENT: Inputs(carrier="jt", tracking_number="JT0000000001"),
    Action.SHIP_REPLACEMENT: Inputs(carrier="jt", tracking_number="JT0000000002"),
    Action.ESCALATE: Inputs(reason="The buyer called."),
    Action.REJECT_RECEIPT: Inputs(reason="Not our product."),
    Action.REFUND_FAILED: Inputs(reason="The bank refused it."),
}
BY_STAFF |= {action: Inputs(reason="Settled with the buyer.") for action in Action if action.startswith("resolve_")}
# How a case gets into a state, from its beginning.
WAYS: dict[CaseState, tuple[Action, ...]] = {
    CaseState.PENDING_APPROVAL: (),
    CaseState.REJECTED: (Action.REJECT,),
    CaseState.PENDING_MODIFICATION: (Action.REJECT, Action.AMEND),
    CaseState.PENDING_RETURN: (Action.APPROVE,),
    CaseState.PENDING_RECEIVE: (Action.APPROVE, Action.FILL_SHIPMENT),
    CaseState.CS_INTERVENTION: (Action.ESCALATE,),
    CaseState.CANCELLED: (Action.CANCEL,),
}


def make_carrier(code: str = "jt", **changes: Any) -> Carrier:
    """The carrier that BY_STAFF names."""
    return Carrier.objects.get_or_create(code=code, defaults={"name": "J&T Express", **changes})[0]


def make_case(
    shop: Shop,
    case_type: CaseType = CaseType.RETURN_REFUND,
    state: CaseState = CaseState.PENDING_APPROVAL,
    *,
    order: Order | None = None,
    line: OrderLine | None = None,
    quantity: int = 1,
    amount: Decimal = Decimal(100_000),
    entered_at: datetime | None = None,
    **changes: Any,
) -> Case:
    """One case of one line that was made here, moved into a state by staff; the order is made where none is given."""
    number = f"AS-{next(NUMBERS)}"
    if order is None:
        order = store_order(shop, f"order-of-{number}")
        order.lines.filter(quantity__lt=quantity).update(quantity=quantity)
    line = line or order.lines.order_by("pk")[0]
    facts = {
        "shop": shop, "number": number, "origin": CaseOrigin.INTERNAL, "type": case_type, "order": order,
        "order_external_id": order.external_id, "reason": "quality_issue", "currency": order.currency,
        "requested_amount": amount, "amount": amount, **changes,
    }  # fmt: skip
    row = CaseLine(
        order=order, external_id=line.external_id, order_line_external_id=line.external_id, quantity=quantity,
        requested_quantity=quantity, ordered_quantity=line.quantity, unit_price=line.price, requested_amount=amount,
        amount=amount, seller_sku=line.seller_sku, product_name=line.product_name,
        product_external_id=line.product_external_id, sku_external_id=line.sku_external_id,
    )  # fmt: skip
    case = Case(**facts)
    with transaction.atomic():
        start_cases([Start(case, [row], CaseState.PENDING_APPROVAL, entered_at or clock.now())], SYSTEM)
    for action in WAYS[state] if state in WAYS else _ways_on(case_type, state):
        act(case, action)
    return Case.objects.get(pk=case.pk)


def act(case: Case, action: Action, inputs: Inputs | None = None, operator: Operator = STAFF) -> Case:
    """Take an action with what it usually needs."""
    make_carrier()
    return move_case(case.pk, action, operator, inputs or BY_STAFF.get(action, Inputs()))


def make_due(*cases: Case, hours: int = 1) -> None:
    """Let the time of cases have run out so many hours ago."""
    Case.objects.filter(pk__in=[case.pk for case in cases]).update(
        auto_process_time=clock.now() - timedelta(hours=hours)
    )


def set_policy(shop: Shop | None, **settings: Any) -> AftersalesSettings:
    """Set what a shop, or all shops, want of their cases."""
    return AftersalesSettings.objects.update_or_create(shop=shop, defaults=settings)[0]


def _ways_on(case_type: CaseType, state: CaseState) -> tuple[Action, ...]:
    to_receipt = (Action.APPROVE, Action.FILL_SHIPMENT, Action.CONFIRM_RECEIPT)
    approved = to_receipt if case_type in (CaseType.RETURN_REFUND, CaseType.EXCHANGE) else (Action.APPROVE,)
    if state != CaseState.COMPLETED or case_type == CaseType.CANCEL:
        return approved
    if case_type in (CaseType.EXCHANGE, CaseType.RESEND):
        return (*approved, Action.SHIP_REPLACEMENT, Action.REPLACEMENT_RECEIVED)
    return (*approved, Action.REFUND_SUCCEEDED)
