"""What a move writes of a case beside its state: who judged it, how often it went round, where it is to go back to."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from aftersales.models import Case
from aftersales.services.asking import SYSTEM, Inputs, NotAllowed, Unacceptable, as_staff
from aftersales.services.moving import move_case
from aftersales.states import Action, CaseState, CaseType
from backoffice.common import clock
from tests.factories.cases import BY_STAFF, act, make_case

pytestmark = pytest.mark.django_db
A, S = Action, CaseState
ROUND = (A.ESCALATE, A.RESOLVE_REJECT, A.AMEND, A.SUBMIT)  # an amendment without a rejection that counts


def take(case: Case, *actions: Action) -> Case:
    for action in actions:
        case = act(case, action)
    return case


@pytest.mark.parametrize(
    ("state", "action"),
    [
        (S.PENDING_APPROVAL, A.APPROVE), (S.PENDING_APPROVAL, A.REJECT), (S.CS_INTERVENTION, A.RESOLVE_APPROVE),
        (S.CS_INTERVENTION, A.RESOLVE_REJECT),
    ],
)  # fmt: skip
def test_who_judged_a_case_and_when_stands_on_it(shop, state, action):
    person = User.objects.create(username="ann")
    case, before = make_case(shop, state=state), clock.now()
    assert (case.audited_at, case.audited_by) == (None, None)
    judged = move_case(case.pk, action, as_staff(person), BY_STAFF.get(action, Inputs()))
    assert judged.audited_by == person
    assert judged.audited_at is not None
    assert before <= judged.audited_at <= clock.now()


@pytest.mark.parametrize("action", [A.AUTO_APPROVE, A.TIMEOUT_APPROVE])
def test_what_the_product_approves_was_judged_by_nobody(shop, action):
    case = act(make_case(shop), action, operator=SYSTEM)
    assert (case.audited_at is not None, case.audited_by) == (True, None)


def test_a_case_that_is_closed_or_escalated_was_not_judged(shop):
    closed = act(make_case(shop), A.CANCEL)
    resolved = take(make_case(shop), A.ESCALATE, A.RESOLVE_BACK)
    assert [case.audited_at for case in (closed, resolved)] == [None, None]


def test_goods_that_were_rejected_count_as_a_rejection(shop):
    case = take(make_case(shop), A.REJECT, A.AMEND, A.SUBMIT, A.REJECT, A.AMEND, A.SUBMIT, A.APPROVE, A.FILL_SHIPMENT)
    escalated = act(case, A.REJECT_RECEIPT)
    assert (escalated.state, escalated.rejection_count) == (S.CS_INTERVENTION, 3)
    last = case.log.latest("pk")
    assert (last.action, last.operator_kind, last.previous_state) == ("ESCALATE", "SYSTEM", "REJECTED")


def test_a_rejection_escalates_once_no_amendment_is_left(shop):
    case = take(make_case(shop), *ROUND * 3)
    assert (case.modification_count, case.rejection_count) == (3, 0)
    assert act(case, A.REJECT).state == S.CS_INTERVENTION
    assert case.log.latest("pk").text == "Rejected 1 time, amended 3 times."
    assert act(case, A.RESOLVE_BACK).state == S.REJECTED
    with pytest.raises(NotAllowed, match="amended 3 times"):
        act(case, A.AMEND)


def test_two_amendments_leave_a_third(shop):
    case = take(make_case(shop), *ROUND * 2)
    assert take(case, A.REJECT, A.AMEND).state == S.PENDING_MODIFICATION


@pytest.mark.parametrize("action", [A.ESCALATE, A.TIMEOUT_ESCALATE])
@pytest.mark.parametrize("state", [S.PENDING_APPROVAL, S.PENDING_RETURN, S.PENDING_RECEIVE])
def test_what_was_escalated_goes_back_to_where_it_was_and_forgets_that(shop, action, state):
    case = make_case(shop, state=state)
    escalated = act(case, action, operator=SYSTEM)
    assert (escalated.state, escalated.escalated_from) == (S.CS_INTERVENTION, state)
    back = act(case, A.RESOLVE_BACK)
    assert (back.state, back.escalated_from) == (state, "")
    assert back.auto_process_time is not None
    assert back.auto_process_time > clock.now()


def test_who_submits_again_may_say_more_and_ask_for_less(shop):
    case = make_case(shop, CaseType.REFUND_ONLY, S.PENDING_MODIFICATION, description="Torn")
    asked = act(case, A.SUBMIT, Inputs(description=" Torn at\x00 the sleeve ", amount=Decimal(60_000)))
    assert (asked.description, asked.amount, asked.is_amount_modified) == ("Torn at the sleeve", Decimal(60_000), True)
    assert case.lines.get().amount == 60_000
    again = take(case, A.REJECT, A.AMEND, A.SUBMIT)
    assert (again.description, again.amount) == ("Torn at the sleeve", Decimal(60_000))


@pytest.mark.parametrize("amount", ["100001", "-1", "0.5", "NaN"])
def test_who_submits_again_asks_for_no_more_than_at_first(shop, amount):
    case = make_case(shop, CaseType.REFUND_ONLY, S.PENDING_MODIFICATION)
    with pytest.raises(Unacceptable) as refused:
        act(case, A.SUBMIT, Inputs(amount=Decimal(amount)))
    assert refused.value.field == "amount"
    assert Case.objects.get(pk=case.pk).state == S.PENDING_MODIFICATION
