"""What moves do to the records of a case."""

import pytest

from aftersales.choices import RefundState
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
