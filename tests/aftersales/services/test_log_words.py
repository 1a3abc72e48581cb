"""The words that a case's log is searched by: each stands for what was done, and by whom."""

from decimal import Decimal

import pytest

from aftersales.models import Case
from aftersales.services.asking import SYSTEM, Inputs
from aftersales.states import Action, CaseState, CaseType
from tests.factories.cases import STAFF, act, make_case
from tests.factories.claims import ask_one, make_claimable

pytestmark = pytest.mark.django_db


def words_of(case, after=1):
    return [(row.action, row.operator_kind) for row in case.log.order_by("pk")][after:]


@pytest.mark.parametrize(
    ("case_type", "word"),
    [
        (CaseType.CANCEL, "COMPLETE"),
        (CaseType.REFUND_ONLY, "REQUEST_REFUND"),
        (CaseType.RETURN_REFUND, "STATE_CHANGE"),
        (CaseType.RESEND, "STATE_CHANGE"),
    ],
)
def test_where_an_approved_case_goes_on_is_named_by_what_that_brings_about(shop, case_type, word):
    case = make_case(shop, case_type)
    act(case, Action.APPROVE)
    assert words_of(case) == [("APPROVE", "ADMIN"), (word, "SYSTEM")]


@pytest.mark.parametrize("case_type", [CaseType.RETURN_REFUND, CaseType.EXCHANGE])
@pytest.mark.parametrize("is_inspected", [False, True])
def test_a_receipt_names_goods_that_were_checked_and_the_refund_that_is_asked_for(shop, case_type, is_inspected):
    case = make_case(shop, case_type, CaseState.PENDING_RECEIVE)
    before = case.log.count()
    act(case, Action.CONFIRM_RECEIPT, Inputs(is_inspected=is_inspected))
    checked = [("INSPECT_RETURN", "ADMIN")] if is_inspected else []
    asked = [("REQUEST_REFUND", "SYSTEM")] if case_type == CaseType.RETURN_REFUND else []
    assert words_of(case, before) == [("RECEIVE_RETURN", "ADMIN"), *checked, *asked]


def test_a_receipt_by_time_asks_for_the_refund_too(shop):
    case = make_case(shop, CaseType.RETURN_REFUND, CaseState.PENDING_RECEIVE)
    before = case.log.count()
    act(case, Action.TIMEOUT_RECEIVE, operator=SYSTEM)
    assert words_of(case, before) == [("TIMEOUT_PROCESS", "SYSTEM"), ("REQUEST_REFUND", "SYSTEM")]


def test_a_refund_that_is_there_already_is_not_asked_for_again(shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    act(case, Action.ESCALATE)
    before = case.log.count()
    act(case, Action.RESOLVE_APPROVE)
    assert words_of(case, before) == [("RESOLVE", "ADMIN"), ("STATE_CHANGE", "SYSTEM")]
    assert case.refunds.count() == 1


def test_who_submits_again_may_give_other_photos(shop):
    case = make_case(shop, state=CaseState.PENDING_MODIFICATION, images=["https://photos.example/1.jpg"])
    photos = ("https://photos.example/2.jpg", "https://photos.example/3.jpg")
    act(case, Action.SUBMIT, Inputs(images=photos))
    assert Case.objects.get(pk=case.pk).images == list(photos)
    for action in (Action.REJECT, Action.AMEND, Action.SUBMIT):
        act(case, action)
    assert Case.objects.get(pk=case.pk).images == list(photos)


def test_an_amount_that_stays_is_not_marked_as_changed_where_a_part_arrived(shop):
    case = ask_one(make_claimable(shop), 2, type=CaseType.EXCHANGE)
    for action in (Action.APPROVE, Action.FILL_SHIPMENT):
        act(case, action)
    part = act(case, Action.PARTIAL_RECEIPT, Inputs(reason="One was missing.", quantity=1), STAFF)
    assert (part.amount, part.is_amount_modified) == (Decimal(0), False)


def test_a_refund_that_failed_for_the_last_time_is_said_to_be_final(shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    finals = []
    for _ in range(3):
        act(case, Action.START_REFUND)
        act(case, Action.REFUND_FAILED)
        finals.append(case.log.filter(text__contains="This is final", operator_kind="SYSTEM").count())
    assert finals == [0, 0, 1]
    assert words_of(case, case.log.count() - 2) == [("FAIL_REFUND", "ADMIN"), ("ADD_REMARK", "SYSTEM")]
