"""An answer to a marketplace's case is sent once, written down before, and what became of it is read."""

import pytest
from django.contrib.auth.models import User

from aftersales import remote
from aftersales.choices import AnswerState
from aftersales.models import Case, CaseLog, SellerAnswer
from aftersales.services.asking import SYSTEM, Inputs, NotAllowed, Unacceptable
from aftersales.states import Action, CaseState
from shops.connections import Postponed, ShopConnection
from shops.marketplaces import registry
from shops.marketplaces.records import ReturnKind
from shops.models import Shop
from tests.aftersales.remote.marketplaces import decide_there, write_calls
from tests.factories.cases import BUYER, STAFF, make_case

CODES = sorted(registry.MARKETPLACES)
WITH_REASON = Inputs(reason="It is as described.", images=("https://img.example.test/1.jpeg",))


@pytest.fixture
def person(db) -> User:
    return User.objects.create(username="ann", email="ann@example.test")


def states_of(case: Case) -> list[str]:
    return list(SellerAnswer.objects.filter(case=case).order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize("code", CODES)
def test_an_approval_is_sent_once_and_read(take, sandbox, person, code):
    case = take(code)
    sandbox.forget_calls()
    done = remote.act(case.pk, Action.APPROVE, STAFF, person=person, request_id="r-1")
    assert done.state == CaseState.PENDING_REFUND
    answer = SellerAnswer.objects.get(case=case)
    assert (answer.state, answer.asked_by, answer.raw_status) == (AnswerState.ACCEPTED, person, case.raw_status)
    assert write_calls(sandbox, code) == 1
    log = list(CaseLog.objects.filter(case=case).order_by("pk"))
    assert [(row.action, row.operator_kind) for row in log] == [
        ("CREATE", "SYNC"), ("ADD_REMARK", "ADMIN"), ("ADD_REMARK", "SYSTEM"), ("SYSTEM_SYNC", "SYNC"),
    ]  # fmt: skip
    assert (log[1].text.split(" sent")[0], log[1].request_id) == ("Approval", "r-1")


@pytest.mark.parametrize(
    ("code", "state"),
    [("tiktok", CaseState.REJECTED), ("shopee", CaseState.CS_INTERVENTION), ("lazada", CaseState.REJECTED)],
)
def test_a_rejection_names_one_of_the_marketplaces_reasons(take, sandbox, person, code, state):
    case = take(code, ReturnKind.RETURN_REFUND)
    sandbox.forget_calls()
    with pytest.raises(Unacceptable) as refusal:
        remote.act(case.pk, Action.REJECT, STAFF, WITH_REASON, person=person)
    reasons = remote.list_reject_reasons(case.pk)
    assert refusal.value.field == "reason_code"
    assert all(reason.code in str(refusal.value) for reason in reasons) and reasons
    assert (write_calls(sandbox, code), states_of(case)) == (0, [])
    given = Inputs(reason="It is as described.", reason_code=reasons[-1].code)
    assert remote.act(case.pk, Action.REJECT, STAFF, given, person=person).state == state


def test_what_the_marketplace_does_not_take_is_refused_before_any_call(take, sandbox):
    case = take("temu")
    sandbox.forget_calls()
    with pytest.raises(NotAllowed, match="seller centre"):
        remote.act(case.pk, Action.REJECT, STAFF, WITH_REASON)
    assert (write_calls(sandbox, "temu"), states_of(case)) == (0, [AnswerState.REFUSED])
    assert remote.act(case.pk, Action.APPROVE, STAFF).state == CaseState.PENDING_REFUND


def test_a_shop_that_does_not_want_it_is_not_called(take, sandbox):
    case = take(calls_marketplace=False)
    with pytest.raises(NotAllowed, match="switched on in the shop's after-sales settings") as refusal:
        remote.act(case.pk, Action.APPROVE, STAFF)
    assert refusal.value.allowed == (Action.REMARK,)  # rejecting would be refused as well
    assert states_of(case) == []


def test_a_shop_that_is_not_in_use_is_not_called(take):
    case = take()
    Shop.objects.filter(pk=case.shop_id).update(state="paused")
    with pytest.raises(NotAllowed, match=r"nothing was sent\. The shop is not in use"):
        remote.act(case.pk, Action.APPROVE, STAFF)
    assert states_of(case) == []


def test_only_staff_and_rules_answer_and_only_what_waits(take):
    case = take()
    with pytest.raises(NotAllowed, match="not for buyer to do"):
        remote.act(case.pk, Action.APPROVE, BUYER)
    with pytest.raises(Unacceptable):
        remote.act(case.pk, Action.REJECT, STAFF)
    assert remote.act(case.pk, Action.APPROVE, SYSTEM, Inputs(reason="By rule.")).state == CaseState.PENDING_REFUND
    with pytest.raises(NotAllowed, match="Awaiting refund"):
        remote.act(case.pk, Action.APPROVE, STAFF)
    assert states_of(case) == [AnswerState.ACCEPTED]


def test_our_own_cases_and_other_actions_move_here(shop, take):
    own = make_case(shop)
    assert remote.act(own.pk, Action.APPROVE, STAFF).state == CaseState.PENDING_RETURN
    case = take()
    remote.act(case.pk, Action.REMARK, STAFF, Inputs(reason="Asked the buyer for photos."))
    with pytest.raises(NotAllowed, match="the marketplace decides on it"):
        remote.act(case.pk, Action.CANCEL, STAFF)
    with pytest.raises(Case.DoesNotExist):
        remote.act(0, Action.APPROVE, STAFF)


def test_what_was_decided_elsewhere_is_refused_there_and_read(take, sandbox):
    case = take()
    decide_there(case)
    with pytest.raises(NotAllowed, match="did not take it"):
        remote.act(case.pk, Action.APPROVE, STAFF)
    assert states_of(case) == [AnswerState.REFUSED]
    assert Case.objects.get(pk=case.pk).state == CaseState.PENDING_REFUND


def test_what_was_taken_and_not_read_yet_is_not_sent_a_second_time(take, sandbox, settings):
    settings.MAX_REQUEST_RETRIES = 0
    case = take("temu")
    sandbox.fault("server_error", marketplace="temu", endpoint="bg.aftersales.parentaftersales.list.get")
    assert remote.act(case.pk, Action.APPROVE, STAFF).state == CaseState.PENDING_APPROVAL
    sandbox.forget_calls()
    with pytest.raises(NotAllowed, match="has taken an answer to this"):
        remote.act(case.pk, Action.APPROVE, STAFF)
    assert (write_calls(sandbox, "temu"), states_of(case)) == (0, [AnswerState.ACCEPTED])


@pytest.mark.parametrize("code", CODES)
def test_an_answer_whose_reply_is_lost_is_not_repeated_but_read(take, sandbox, code):
    case = take(code)
    sandbox.forget_calls()
    sandbox.fault("cut_off", marketplace=code, times=1)
    assert remote.act(case.pk, Action.APPROVE, STAFF).state == CaseState.PENDING_REFUND
    assert (states_of(case), write_calls(sandbox, code)) == ([AnswerState.ACCEPTED], 1)


def test_a_fault_that_did_nothing_leaves_the_answer_in_doubt_and_blocks_another(take, sandbox):
    case = take()
    sandbox.forget_calls()
    sandbox.fault("server_error", endpoint="return_approve", times=9)
    with pytest.raises(remote.InDoubt) as doubt:
        remote.act(case.pk, Action.APPROVE, STAFF)
    assert doubt.value.code == "answer_in_doubt"
    assert (states_of(case), write_calls(sandbox)) == ([AnswerState.IN_DOUBT], 1)
    with pytest.raises(NotAllowed, match="is not known yet") as refusal:
        remote.act(case.pk, Action.REJECT, STAFF, Inputs(reason="No.", reason_code="any"))
    assert (refusal.value.code, write_calls(sandbox)) == ("answer_in_doubt", 1)


def test_what_must_wait_for_its_turn_was_not_sent_and_may_be_sent_later(take, monkeypatch):
    case = take()

    def postpone(*_, **__):
        raise Postponed(600, "The calls of this hour are used up.")

    with monkeypatch.context() as busy:
        busy.setattr(ShopConnection, "call", postpone)
        with pytest.raises(NotAllowed, match=r"nothing was sent\. The calls of this hour"):
            remote.act(case.pk, Action.APPROVE, STAFF)
    assert states_of(case) == [AnswerState.REFUSED]
    assert remote.act(case.pk, Action.APPROVE, STAFF).state == CaseState.PENDING_REFUND


def test_too_many_calls_and_an_old_token_are_no_reason_for_doubt(take, sandbox):
    case = take()
    sandbox.fault("throttled", endpoint="return_approve", retry_after=0)
    sandbox.fault("expired_token", endpoint="return_approve")
    assert remote.act(case.pk, Action.APPROVE, STAFF).state == CaseState.PENDING_REFUND
