"""What a later reading says of an answer, and when another one may be begun: no calls."""

from datetime import timedelta

import pytest

from aftersales.choices import AnswerState
from aftersales.models import Case, SellerAnswer, SyncedReturn
from aftersales.remote.answers import Asked, begin, begin_again, end, end_by_reading, judge
from aftersales.services.asking import NOTHING, NotAllowed
from aftersales.states import CaseState
from backoffice.common import clock
from shops.marketplaces.records import Decision, ReturnKind, ReturnStatus
from tests.factories.cases import STAFF
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

APPROVE, REJECT = Decision.APPROVE, Decision.REJECT
ACCEPTED, REFUSED = AnswerState.ACCEPTED, AnswerState.REFUSED


@pytest.fixture
def case(shop) -> Case:
    return Case.objects.get(synced_return=store_record(shop, "return", "r1"))


def add_answer(case: Case, state: AnswerState, **facts) -> SellerAnswer:
    raw_status = case.raw_status
    return SellerAnswer.objects.create(case=case, decision=APPROVE, raw_status=raw_status, state=state, **facts)


@pytest.mark.parametrize(
    ("decision", "status", "found"),
    [
        (APPROVE, ReturnStatus.APPROVED, ACCEPTED), (APPROVE, ReturnStatus.COMPLETED, ACCEPTED),
        (APPROVE, ReturnStatus.REJECTED, REFUSED), (APPROVE, ReturnStatus.DISPUTED, REFUSED),
        (APPROVE, ReturnStatus.WITHDRAWN, REFUSED), (REJECT, ReturnStatus.REJECTED, ACCEPTED),
        (REJECT, ReturnStatus.DISPUTED, ACCEPTED), (REJECT, ReturnStatus.APPROVED, REFUSED),
        (REJECT, ReturnStatus.WITHDRAWN, REFUSED), (APPROVE, ReturnStatus.REQUESTED, None),
        (APPROVE, ReturnStatus.UNKNOWN, None), (REJECT, ReturnStatus.UNKNOWN, None),
    ],
)  # fmt: skip
def test_an_answer_was_taken_where_the_return_says_what_it_asked_for(decision, status, found):
    told = SyncedReturn(status=status, raw_status="NEW", kind=ReturnKind.RETURN_REFUND)
    assert judge(decision, "OLD", told, CaseState.UNKNOWN) == found
    assert judge(decision, "NEW", told, CaseState.UNKNOWN) is None  # it says what it said before


@pytest.mark.parametrize(
    ("decision", "word", "found"),
    [
        (APPROVE, "RTM_INIT", ACCEPTED), (APPROVE, "REFUND_PENDING", ACCEPTED), (APPROVE, "RTM_CANCELED", REFUSED),
        (APPROVE, "CANCEL_REFUND_ISSUED", ACCEPTED), (APPROVE, "REFUND_REJECTED", REFUSED),
        (REJECT, "REFUND_REJECTED", ACCEPTED), (REJECT, "RTM_INIT", REFUSED), (APPROVE, "REFUND_INIT", None),
        (APPROVE, "REQUEST_INITIATE", None), (APPROVE, "SOMETHING_NEW", None),
    ],
)  # fmt: skip
def test_where_only_the_case_knows_the_word_its_state_tells_what_became_of_an_answer(decision, word, found, db):
    shop = make_shop(app__marketplace="lazada")
    told = store_record(shop, "return", "r1", raw_status=word, status=ReturnStatus.UNKNOWN)
    facts = {"raw_status": "REQUEST_INITIATE", "state": AnswerState.IN_DOUBT, "sent_at": clock.now()}
    answer = SellerAnswer.objects.create(case=told.case, decision=decision, **facts)
    assert end_by_reading(answer.pk) == found


@pytest.mark.parametrize(("decision", "found"), [(REJECT, ACCEPTED), (APPROVE, REFUSED)])
def test_a_cancellation_that_was_rejected_reads_as_withdrawn(decision, found):
    told = SyncedReturn(status=ReturnStatus.WITHDRAWN, raw_status="NEW", kind=ReturnKind.CANCEL)
    assert judge(decision, "OLD", told, CaseState.CANCELLED) == found


def test_an_answer_ends_once(case):
    answer = add_answer(case, AnswerState.SENDING, sent_at=clock.now())
    assert end(answer, ACCEPTED)
    assert not end(answer, REFUSED, "Too late.")
    answer.refresh_from_db()
    assert (answer.state, answer.message) == (ACCEPTED, "")
    assert case.log.filter(action="ADD_REMARK").count() == 1


@pytest.mark.parametrize(("later", "may_begin"), [(1, True), (0, False), (-1, False)])
def test_what_was_answered_is_answered_again_only_if_the_marketplace_has_changed_it_since(case, later, may_begin):
    sent_at = clock.now() - timedelta(hours=1)
    add_answer(case, ACCEPTED, sent_at=sent_at)
    SyncedReturn.objects.filter(case=case).update(source_updated_at=sent_at + timedelta(minutes=later))
    if may_begin:
        assert begin(case.pk, APPROVE, Asked(STAFF, NOTHING)).state == AnswerState.SENDING
        return
    with pytest.raises(NotAllowed, match="has taken an answer to this"):
        begin(case.pk, APPROVE, Asked(STAFF, NOTHING))


@pytest.mark.parametrize("state", [AnswerState.SENDING, AnswerState.IN_DOUBT])
def test_while_the_end_of_one_is_open_no_other_is_begun(case, state):
    add_answer(case, state, sent_at=clock.now())
    with pytest.raises(NotAllowed, match="is not known yet"):
        begin(case.pk, REJECT, Asked(STAFF, NOTHING))
    assert SellerAnswer.objects.count() == 1


def test_what_is_at_another_step_by_now_is_not_answered_again(case):
    answer = add_answer(case, AnswerState.IN_DOUBT, sent_at=clock.now())
    SyncedReturn.objects.filter(case=case).update(raw_status="AWAITING_BUYER_RESPONSE")
    with pytest.raises(NotAllowed, match="“AWAITING_BUYER_RESPONSE” by now"):
        begin_again(answer, Asked(STAFF, NOTHING))
    answer.refresh_from_db()
    assert answer.state == AnswerState.IN_DOUBT
