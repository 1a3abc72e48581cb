"""Every way of a case, by the one function that moves cases."""

import pytest

from aftersales.choices import ExchangeState, RefundState, ReturnState
from aftersales.models import Case
from aftersales.services.asking import NotAllowed
from aftersales.states import COUNTDOWN, Action, CaseState, CaseType
from tests.factories.cases import act, make_case
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop()


def states_of(case):
    return [(row.previous_state, row.action, row.state) for row in case.log.order_by("pk")]


def test_a_return_with_refund_goes_through_every_state_to_its_end(shop):
    case = make_case(shop, CaseType.RETURN_REFUND)
    seen = [case.state]
    for action in (Action.APPROVE, Action.FILL_SHIPMENT, Action.CONFIRM_RECEIPT, Action.REFUND_SUCCEEDED):
        seen.append(act(case, action).state)
    assert seen == ["PENDING_APPROVAL", "PENDING_RETURN", "PENDING_RECEIVE", "PENDING_REFUND", "COMPLETED"]
    assert states_of(case) == [
        ("", "CREATE", "PENDING_APPROVAL"),
        ("PENDING_APPROVAL", "APPROVE", "APPROVED"),
        ("APPROVED", "STATE_CHANGE", "PENDING_RETURN"),
        ("PENDING_RETURN", "SHIP_RETURN", "PENDING_RECEIVE"),
        ("PENDING_RECEIVE", "RECEIVE_RETURN", "PENDING_REFUND"),
        ("PENDING_REFUND", "COMPLETE_REFUND", "COMPLETED"),
    ]
    assert case.refunds.get().state == RefundState.SUCCESS
    assert case.return_parcels.get().state == ReturnState.RECEIVED
    assert not case.lines.get().holds_line


def test_an_exchange_ends_when_its_replacement_has_arrived(shop):
    case = make_case(shop, CaseType.EXCHANGE, CaseState.COMPLETED)
    assert case.exchanges.get().state == ExchangeState.COMPLETED
    assert not case.refunds.exists()


@pytest.mark.parametrize("state", [state for state in CaseState if state not in ("APPROVED", "TIMEOUT", "UNKNOWN")])
def test_a_deadline_stands_exactly_where_a_countdown_runs(shop, state):
    kind = CaseType.EXCHANGE if state == CaseState.PENDING_EXCHANGE else CaseType.RETURN_REFUND
    case = make_case(shop, kind, state)
    assert case.state == state
    assert (case.auto_process_time is not None) == (state in COUNTDOWN)


def test_nothing_leaves_an_end(shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.CANCELLED)
    for action in (Action.APPROVE, Action.REJECT, Action.CANCEL, Action.ESCALATE, Action.AMEND):
        with pytest.raises(NotAllowed, match="Possible now"):
            act(case, action)
    assert Case.objects.get(pk=case.pk).state == "CANCELLED"
    assert case.log.count() == 2


def test_the_third_rejection_escalates(shop):
    case = make_case(shop)
    for _ in range(2):
        for action in (Action.REJECT, Action.AMEND, Action.SUBMIT):
            act(case, action)
    assert act(case, Action.REJECT).state == CaseState.CS_INTERVENTION
    assert act(case, Action.RESOLVE_BACK).state == CaseState.REJECTED
