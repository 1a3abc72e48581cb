"""What moves do to the records of a case."""

import pytest

from aftersales.choices import ExchangeState, RefundState
from aftersales.services.asking import NotAllowed
from aftersales.states import Action, CaseState, CaseType
from tests.factories.cases import act, make_case
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("ending", [Action.RESOLVE_CANCEL, Action.RESOLVE_REJECT])
@pytest.mark.parametrize("before", [(), (Action.REFUND_FAILED,)])
def test_a_refund_that_was_not_sent_ends_with_its_case(ending, before):
    case = make_case(make_shop(), CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    for action in (*before, Action.ESCALATE, ending):
        act(case, action)
    refund = case.refunds.get()
    assert refund.state == RefundState.CANCELLED
    assert refund.ended_at is not None


def test_a_replacement_that_was_sent_stays_sent_and_is_not_sent_twice():
    case = make_case(make_shop(), CaseType.RESEND, CaseState.PENDING_EXCHANGE)
    for action in (Action.SHIP_REPLACEMENT, Action.ESCALATE, Action.RESOLVE_REJECT):
        act(case, action)
    assert case.exchanges.get().state == ExchangeState.EXCHANGE_SHIPPED
    for action in (Action.AMEND, Action.SUBMIT, Action.APPROVE):
        act(case, action)
    with pytest.raises(NotAllowed, match="sent already"):
        act(case, Action.SHIP_REPLACEMENT)
    assert act(case, Action.REPLACEMENT_RECEIVED).state == CaseState.COMPLETED
