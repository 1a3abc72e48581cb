"""A refusal names what is possible instead: never what would be refused as well."""

import pytest

from aftersales.models import Case
from aftersales.services.asking import Inputs, NotAllowed
from aftersales.states import Action, CaseState, CaseType
from tests.factories.cases import BUYER, STAFF, act, make_case

pytestmark = pytest.mark.django_db
A = Action
SENT_THRICE = (A.START_REFUND, A.REFUND_FAILED) * 3


@pytest.mark.parametrize(
    ("case_type", "state", "before", "action", "possible"),
    [
        (CaseType.REFUND_ONLY, CaseState.PENDING_REFUND, SENT_THRICE, A.START_REFUND, {A.ESCALATE}),
        (CaseType.REFUND_ONLY, CaseState.PENDING_REFUND, SENT_THRICE, A.REFUND_SUCCEEDED, {A.ESCALATE}),
        (
            CaseType.REFUND_ONLY, CaseState.PENDING_REFUND, (A.REFUND_FAILED,), A.REFUND_FAILED,
            {A.START_REFUND, A.ESCALATE},
        ),
        (
            CaseType.REFUND_ONLY, CaseState.PENDING_REFUND, (A.START_REFUND,), A.START_REFUND,
            {A.REFUND_SUCCEEDED, A.REFUND_FAILED, A.ESCALATE},
        ),
        (
            CaseType.REFUND_ONLY, CaseState.PENDING_REFUND, (A.START_REFUND, A.ESCALATE), A.RESOLVE_CANCEL,
            {A.RESOLVE_BACK, A.RESOLVE_APPROVE},
        ),
        (CaseType.RESEND, CaseState.PENDING_EXCHANGE, (), A.REPLACEMENT_RECEIVED, {A.SHIP_REPLACEMENT, A.ESCALATE}),
        (
            CaseType.RESEND, CaseState.PENDING_EXCHANGE, (A.SHIP_REPLACEMENT,), A.SHIP_REPLACEMENT,
            {A.REPLACEMENT_RECEIVED, A.ESCALATE},
        ),
    ],
)  # fmt: skip
def test_only_what_fits_the_records_too_is_called_possible(shop, case_type, state, before, action, possible):
    with pytest.raises(NotAllowed) as refused:
        act(make_after(shop, case_type, state, before), action)
    assert set(refused.value.allowed) == {*possible, A.REMARK}
    for step in possible:
        act(make_after(shop, case_type, state, before), step)  # is not refused


@pytest.mark.parametrize(
    ("case_type", "state", "before", "action", "possible"),
    [
        (CaseType.REFUND_ONLY, CaseState.PENDING_REFUND, SENT_THRICE, A.APPROVE, {A.ESCALATE}),
        (
            CaseType.REFUND_ONLY, CaseState.PENDING_REFUND, (A.START_REFUND,), A.APPROVE,
            {A.REFUND_SUCCEEDED, A.REFUND_FAILED, A.ESCALATE},
        ),
        (CaseType.RESEND, CaseState.PENDING_EXCHANGE, (), A.APPROVE, {A.SHIP_REPLACEMENT, A.ESCALATE}),
    ],
)  # fmt: skip
def test_nor_does_a_refusal_for_the_state_call_more_possible(shop, case_type, state, before, action, possible):
    with pytest.raises(NotAllowed, match="is not possible while the case is") as refused:
        act(make_after(shop, case_type, state, before), action)
    assert set(refused.value.allowed) == {*possible, A.REMARK}


def make_after(shop, case_type, state, before):
    case = make_case(shop, case_type, state)
    for step in before:
        act(case, step)
    return case


def test_a_case_that_was_amended_as_often_as_it_can_be_is_not_offered_to_be_amended(shop):
    case = make_case(shop)
    for action in (A.ESCALATE, A.RESOLVE_REJECT, A.AMEND, A.SUBMIT) * 3:
        act(case, action)
    for action in (A.REJECT, A.RESOLVE_BACK):
        act(case, action)
    for action in (A.AMEND, A.APPROVE):
        with pytest.raises(NotAllowed) as refused:
            act(case, action)
        assert set(refused.value.allowed) == {A.CANCEL, A.ESCALATE, A.REMARK}


def test_what_somebody_may_not_do_is_not_called_possible(shop):
    case = make_case(shop)
    with pytest.raises(NotAllowed, match="not for buyer") as refused:
        act(case, A.APPROVE, operator=BUYER)
    assert A.APPROVE not in refused.value.allowed
    assert A.CANCEL in refused.value.allowed


def test_what_lacks_something_else_is_called_possible_once_that_is_given(shop):
    case = make_case(shop)
    Case.objects.filter(pk=case.pk).update(amount=None)
    with pytest.raises(NotAllowed, match="Change the amount first") as refused:
        act(case, A.APPROVE, Inputs(), STAFF)
    assert A.APPROVE not in refused.value.allowed
    assert A.CHANGE_AMOUNT in refused.value.allowed
