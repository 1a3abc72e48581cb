"""Automatic review of new cases, where their shop wants it. A marketplace's case is judged here, not answered."""

from collections.abc import Iterable
from decimal import Decimal

import structlog

from aftersales.amounts import line_total
from aftersales.choices import MERCHANT_FAULT, Reason
from aftersales.models import Case
from aftersales.policy import Policy
from aftersales.queries.policies import load_policy
from aftersales.review import Facts, Rule, decide
from aftersales.services.asking import SYSTEM, Inputs, NotAllowed
from aftersales.services.moving import move_case
from aftersales.states import Action, CaseOrigin, CaseState, CaseType
from orders.choices import OrderStatus
from orders.models import Order

SHIPPED = frozenset({OrderStatus.IN_TRANSIT, OrderStatus.DELIVERED, OrderStatus.COMPLETED})
NOT_SHIPPED = frozenset(
    {OrderStatus.UNPAID, OrderStatus.ON_HOLD, OrderStatus.AWAITING_SHIPMENT, OrderStatus.AWAITING_COLLECTION}
)
SENDING_GOODS = (CaseType.EXCHANGE, CaseType.RESEND)

log = structlog.get_logger(__name__)


def review_quietly(case_ids: Iterable[int]) -> None:
    """Review cases that were just made; a failure is logged and leaves them to people."""
    for case_id in case_ids:
        try:
            review_case(case_id)
        except Exception:  # the cases are made, whatever becomes of their review
            log.exception("case_not_reviewed_by_rule", case_id=case_id)


def review_case(case_id: int) -> Rule | None:
    """Approve a case that a rule approves; return the rule that decided, or None where nothing is to decide.

    A marketplace's case is left as it is: approving that is a call, for whoever may make it.
    """
    case = Case.objects.select_related("order").get(pk=case_id)
    policy = load_policy(case.shop_id)
    if not policy.reviews_automatically or case.state != CaseState.PENDING_APPROVAL:
        return None
    rule = verdict_of(case, policy)
    if rule.approves and case.origin == CaseOrigin.INTERNAL:
        inputs = Inputs(reason=rule.sentence, context={"rule": rule.name})
        try:
            move_case(case.pk, Action.AUTO_APPROVE, SYSTEM, inputs)
        except NotAllowed:  # a person was faster
            return None
    return rule


def verdict_of(case: Case, policy: Policy | None = None) -> Rule:
    """Return the rule that decides on a case; whether its shop lets rules decide is not looked at."""
    policy = policy or load_policy(case.shop_id)
    order = case.order
    facts = Facts(
        is_from_marketplace=case.origin == CaseOrigin.MARKETPLACE,
        amount=_find_stake(case),
        is_shipped=_is_shipped(order),
        requested_at=case.created_at,
        paid_at=order.paid_at if order else None,
        is_unwanted=case.reason == Reason.DONT_WANT,
        is_merchants_fault=case.reason in MERCHANT_FAULT,
        count_earlier_cases=lambda: _count_earlier(case, policy.frequency_limit),
    )
    return decide(facts, policy)


def _find_stake(case: Case) -> Decimal | None:
    """Return the money that goes back, or what goods are worth that go out: a case for goods asks for no money."""
    if case.type not in SENDING_GOODS:
        return case.amount
    total = Decimal(0)
    for line in case.lines.all():
        if line.unit_price is None:
            return None
        total += line_total(line.unit_price, line.quantity, case.currency)
    return total


def _is_shipped(order: Order | None) -> bool | None:
    if order is None or order.status not in SHIPPED | NOT_SHIPPED:
        return None
    return order.status in SHIPPED


def _count_earlier(case: Case, at_most: int) -> int:
    """Count a buyer's earlier cases in the shop, as far as matters."""
    if case.order is None or not case.order.buyer_external_id:
        return 0
    theirs = Case.objects.filter(shop=case.shop_id, order__buyer_external_id=case.order.buyer_external_id)
    return theirs.filter(created_at__lt=case.created_at)[:at_most].count()
