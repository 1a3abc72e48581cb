"""Cases that were made here, for the demo: marketplaces' returns alone never show what staff decide themselves."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from aftersales.choices import Reason
from aftersales.models import Carrier, Case
from aftersales.services.asking import Inputs, Operator
from aftersales.services.creating import CaseRequest, LineRequest, create_cases
from aftersales.services.following import follow_returns_without_case
from aftersales.services.linking import link_waiting_cases
from aftersales.services.moving import move_case
from aftersales.states import Action, CaseOrigin, CaseType, OperatorKind
from backoffice.common import clock
from backoffice.common.errors import BackofficeError
from orders.choices import OrderStatus
from orders.models import Order
from shops.models import Shop

STAFF = Operator(OperatorKind.ADMIN, "demo")
CARRIER, CARRIER_NAME = "jt", "J&T Express"
ORDERS_AT_MOST = 200  # that are tried: some are too old, or have a case already
_INPUTS = {
    Action.REJECT: Inputs(reason="The photos show another product."),
    Action.CHANGE_AMOUNT: Inputs(reason="The box was opened."),
    Action.FILL_SHIPMENT: Inputs(carrier=CARRIER, tracking_number="JT0000000001"),
    Action.SHIP_REPLACEMENT: Inputs(carrier=CARRIER, tracking_number="JT0000000002"),
    Action.REFUND_FAILED: Inputs(reason="The bank refused it."),
    Action.ESCALATE: Inputs(reason="The buyer called twice."),
    Action.REMARK: Inputs(reason="The demo moved the clock of this case on: the next sweep handles it."),
}
_TO_RECEIPT = (Action.APPROVE, Action.FILL_SHIPMENT)


class _Story(NamedTuple):
    """What becomes of one case; `hours_left` until its time runs out, where that is not as the settings say."""

    type: CaseType
    reason: Reason
    actions: tuple[Action, ...] = ()
    hours_left: int | None = None


_STORIES = (
    _Story(CaseType.RETURN_REFUND, Reason.QUALITY_ISSUE, (Action.REMARK,), hours_left=-2),
    _Story(CaseType.RETURN_REFUND, Reason.DAMAGED, (*_TO_RECEIPT, Action.REMARK), hours_left=-1),
    _Story(CaseType.RETURN_REFUND, Reason.DONT_WANT, hours_left=3),
    _Story(CaseType.EXCHANGE, Reason.WRONG_PRODUCT),
    _Story(CaseType.RETURN_REFUND, Reason.NOT_AS_DESCRIBED, (Action.APPROVE,)),
    _Story(CaseType.RETURN_REFUND, Reason.QUALITY_ISSUE, _TO_RECEIPT),
    _Story(CaseType.RETURN_REFUND, Reason.QUALITY_ISSUE, (*_TO_RECEIPT, Action.CONFIRM_RECEIPT)),
    _Story(CaseType.REFUND_ONLY, Reason.MISSING_ITEM, (Action.APPROVE, Action.START_REFUND, Action.REFUND_FAILED)),
    _Story(CaseType.REFUND_ONLY, Reason.PRICE_ISSUE, (Action.APPROVE, Action.START_REFUND, Action.REFUND_SUCCEEDED)),
    _Story(CaseType.EXCHANGE, Reason.WRONG_PRODUCT, (*_TO_RECEIPT, Action.CONFIRM_RECEIPT)),
    _Story(CaseType.RESEND, Reason.MISSING_ITEM, (Action.APPROVE, Action.SHIP_REPLACEMENT)),
    _Story(CaseType.RETURN_REFUND, Reason.DONT_WANT, (Action.REJECT,)),
    _Story(CaseType.RETURN_REFUND, Reason.DAMAGED, (Action.REJECT, Action.AMEND)),
    _Story(CaseType.REFUND_ONLY, Reason.NOT_RECEIVED, (Action.ESCALATE,)),
    _Story(CaseType.RETURN_REFUND, Reason.OTHER, (Action.CANCEL,)),
)  # fmt: skip


def make_demo_cases(shops: Sequence[Shop]) -> int:
    """Make a case for each story, once in the life of a world; return how many.

    Returns get theirs first, and their orders: a line that a marketplace's case is about has none of ours.
    """
    follow_returns_without_case()
    link_waiting_cases()
    if Case.objects.filter(shop__in=shops, origin=CaseOrigin.INTERNAL).exists():
        return 0
    Carrier.objects.get_or_create(code=CARRIER, defaults={"name": CARRIER_NAME})
    orders = _list_orders(shops)
    return sum(_tell(story, orders) for story in _STORIES)


def _list_orders(shops: Sequence[Shop]) -> Iterator[Order]:
    """List orders that have come to their buyers and of which nothing was asked, the newest first."""
    arrived = Order.objects.filter(shop__in=shops, status__in=(OrderStatus.DELIVERED, OrderStatus.COMPLETED))
    return iter(
        arrived.filter(cases=None).select_related("shop").order_by("-source_created_at", "-pk")[:ORDERS_AT_MOST]
    )


def _tell(story: _Story, orders: Iterator[Order]) -> bool:
    """Carry out a story on the next order that allows it; tell whether there was one."""
    for order in orders:
        line = order.lines.order_by("pk").first()
        if line is None:
            continue
        asked = CaseRequest(order, story.type, story.reason.value, (LineRequest(line.external_id),))
        try:
            case = create_cases(asked, STAFF).cases[0]
        except BackofficeError:
            continue
        for action in story.actions:
            move_case(case.pk, action, STAFF, _INPUTS.get(action, Inputs()))
        if story.hours_left is not None:
            _move_clock_on(case, story.hours_left)
        return True
    return False


def _move_clock_on(case: Case, hours_left: int) -> None:
    """Let the countdown of a case end so many hours from now, past the place that sets it: no demo lasts days."""
    Case.objects.filter(pk=case.pk).update(auto_process_time=clock.now() + timedelta(hours=hours_left))
