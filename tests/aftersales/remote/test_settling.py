"""What became of an answer is found out by reading: after a lost reply, after a killed worker, never by sending."""

from datetime import timedelta

import pytest

from aftersales import remote
from aftersales.choices import AnswerState
from aftersales.models import Case, CaseLog, SellerAnswer
from aftersales.remote.answers import Asked, begin, make_record
from aftersales.remote.settling import KILLED_AFTER
from aftersales.services.asking import NOTHING, NotAllowed
from aftersales.states import Action, CaseState
from backoffice.common import clock
from shops.connections import Postponed, ShopConnection
from shops.marketplaces.records import Decision, ReturnKind
from shops.tokens import open_connection
from tests.aftersales.remote.marketplaces import write_calls
from tests.factories.cases import STAFF, set_policy

ASKED = Asked(STAFF, NOTHING)


def age(answer: SellerAnswer, by: timedelta) -> None:
    SellerAnswer.objects.filter(pk=answer.pk).update(sent_at=clock.now() - by)


def leave_in_doubt(case: Case, sandbox, by: timedelta = timedelta(hours=1)) -> SellerAnswer:
    sandbox.fault("server_error", endpoint="return_approve")
    with pytest.raises(remote.InDoubt):
        remote.act(case.pk, Action.APPROVE, STAFF)
    answer = SellerAnswer.objects.get(case=case)
    age(answer, by)
    return answer


def now_of(answer: SellerAnswer) -> str:
    return SellerAnswer.objects.get(pk=answer.pk).state


def test_a_worker_that_was_killed_before_the_call_leaves_an_answer_that_is_looked_after(take, sandbox):
    case = take()
    answer = begin(case.pk, Decision.APPROVE, ASKED)
    assert remote.settle_answers().examined_count == 0, "it may still be on its way"
    age(answer, KILLED_AFTER)
    assert remote.settle_answers() == remote.Settled(examined_count=1, open_count=1)
    assert now_of(answer) == AnswerState.IN_DOUBT
    assert Case.objects.get(pk=case.pk).state == CaseState.PENDING_APPROVAL


def test_a_worker_that_was_killed_after_the_call_has_its_answer_ended(take, sandbox):
    case = take()
    answer = begin(case.pk, Decision.APPROVE, ASKED)
    open_connection(case.shop).connector.send_answer(make_record(answer, answer.case, ""))
    age(answer, KILLED_AFTER)
    assert remote.settle_answers() == remote.Settled(examined_count=1, accepted_count=1)
    assert now_of(answer) == AnswerState.ACCEPTED
    assert Case.objects.get(pk=case.pk).state == CaseState.PENDING_REFUND
    assert "has taken the approval" in CaseLog.objects.filter(case=case, action="ADD_REMARK").latest("pk").text
    assert remote.settle_answers() == remote.Settled()


def test_an_answer_to_what_was_withdrawn_meanwhile_was_not_taken(take, sandbox):
    case = take()
    answer = leave_in_doubt(case, sandbox)
    type(case.synced_return).objects.filter(pk=case.synced_return_id).update(
        raw_status="RETURN_OR_REFUND_REQUEST_CANCEL", status="withdrawn", source_updated_at=clock.now()
    )
    assert remote.settle_answers().refused_count == 1
    assert now_of(answer) == AnswerState.REFUSED


def test_looks_come_at_growing_distances(take, sandbox):
    case = take()
    answer = leave_in_doubt(case, sandbox)
    assert remote.settle_answers().examined_count == 1
    assert remote.settle_answers().examined_count == 0
    SellerAnswer.objects.filter(pk=answer.pk).update(read_at=clock.now() - timedelta(minutes=29))
    assert remote.settle_answers().examined_count == 0, "the last look was 31 minutes after the sending, 29 ago"
    SellerAnswer.objects.filter(pk=answer.pk).update(read_at=clock.now() - timedelta(minutes=31))
    assert remote.settle_answers().examined_count == 1


@pytest.mark.parametrize(("hours", "looks"), [(5, 0), (7, 1)])
def test_looks_are_six_hours_apart_at_the_most(take, sandbox, hours, looks):
    answer = leave_in_doubt(take(), sandbox, timedelta(hours=30))
    SellerAnswer.objects.filter(pk=answer.pk).update(read_at=clock.now() - timedelta(hours=hours))
    assert remote.settle_answers().examined_count == looks


def test_a_shop_that_cannot_be_read_leaves_its_answers_open(take, sandbox, settings):
    settings.MAX_REQUEST_RETRIES = 0
    case = take()
    answer = leave_in_doubt(case, sandbox)
    sandbox.fault("server_error")
    assert remote.settle_answers() == remote.Settled(examined_count=1, open_count=1, failed_count=1)
    assert now_of(answer) == AnswerState.IN_DOUBT


def test_after_a_day_a_person_sends_it_again_under_the_same_key(take, sandbox):
    case = take()
    answer = leave_in_doubt(case, sandbox, timedelta(hours=23))
    with pytest.raises(NotAllowed, match="a day after it was sent"):
        remote.send_again(answer.pk, STAFF)
    age(answer, remote.SEND_AGAIN_AFTER)
    sandbox.forget_calls()
    assert remote.send_again(answer.pk, STAFF).state == CaseState.PENDING_REFUND
    assert (now_of(answer), write_calls(sandbox)) == (AnswerState.ACCEPTED, 1)
    again = SellerAnswer.objects.get(pk=answer.pk)
    assert again.idempotency_key == answer.idempotency_key
    with pytest.raises(NotAllowed):
        remote.send_again(answer.pk, STAFF)


def test_what_cannot_be_read_before_is_not_sent_again(take, sandbox, settings):
    settings.MAX_REQUEST_RETRIES = 0
    case = take()
    answer = leave_in_doubt(case, sandbox, remote.SEND_AGAIN_AFTER)
    sandbox.forget_calls()
    sandbox.fault("server_error", endpoint="return_search")
    with pytest.raises(remote.NotRead, match="cannot be read, so nothing was sent"):
        remote.send_again(answer.pk, STAFF)
    assert (now_of(answer), write_calls(sandbox)) == (AnswerState.IN_DOUBT, 0)


def test_a_shop_whose_answers_are_not_passed_on_any_more_sends_none_again(take, sandbox):
    case = take()
    answer = leave_in_doubt(case, sandbox, remote.SEND_AGAIN_AFTER)
    sandbox.forget_calls()
    set_policy(case.shop, calls_marketplace=False)
    with pytest.raises(NotAllowed, match="not passed on to the marketplace"):
        remote.send_again(answer.pk, STAFF)
    assert (now_of(answer), write_calls(sandbox)) == (AnswerState.IN_DOUBT, 0)


def test_what_could_not_be_sent_again_stays_in_doubt_and_may_be_sent_later(take, sandbox, monkeypatch):
    case = take()
    answer = leave_in_doubt(case, sandbox, remote.SEND_AGAIN_AFTER)
    call = ShopConnection.call

    def postpone(self, carry_out, *, once=False):
        if once:
            raise Postponed(600, "The calls of this hour are used up.")
        return call(self, carry_out)

    with monkeypatch.context() as busy:
        busy.setattr(ShopConnection, "call", postpone)
        with pytest.raises(NotAllowed, match=r"nothing was sent\. The calls of this hour"):
            remote.send_again(answer.pk, STAFF)
    assert now_of(answer) == AnswerState.IN_DOUBT, "the marketplace may have taken it the first time"
    assert "It was not sent again: The calls" in CaseLog.objects.filter(case=case).latest("pk").text
    assert remote.send_again(answer.pk, STAFF).state == CaseState.PENDING_REFUND


def test_what_was_taken_after_all_is_not_sent_again(take, sandbox):
    case = take()
    answer = leave_in_doubt(case, sandbox, remote.SEND_AGAIN_AFTER)
    open_connection(case.shop).connector.send_answer(make_record(answer, answer.case, ""))
    sandbox.forget_calls()
    assert remote.send_again(answer.pk, STAFF).state == CaseState.PENDING_REFUND
    assert (now_of(answer), write_calls(sandbox)) == (AnswerState.ACCEPTED, 0)


def test_a_rejected_cancellation_ends_as_withdrawn_and_was_taken(take, sandbox):
    case = take(kind=ReturnKind.CANCEL)
    code = remote.list_reject_reasons(case.pk)[0].code
    answer = begin(case.pk, Decision.REJECT, Asked(STAFF, NOTHING.__class__(reason="Sent already.", reason_code=code)))
    open_connection(case.shop).connector.send_answer(make_record(answer, answer.case, ""))
    age(answer, KILLED_AFTER)
    assert remote.settle_answers().accepted_count == 1
