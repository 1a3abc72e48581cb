"""Asking a marketplace once more over the API: what it says of its case, and an answer whose reply was lost."""

from datetime import timedelta

import pytest

from aftersales import remote
from aftersales.models import Case, KeyedCall
from aftersales.remote.answers import make_record
from aftersales.states import CaseState
from shops.models import Shop
from shops.tokens import open_connection
from tests.aftersales.remote.marketplaces import decide_there, write_calls
from tests.aftersales.remote.test_settling import age, leave_in_doubt, now_of
from tests.factories.api import make_caller, make_person
from tests.factories.cases import make_case, set_policy
from tests.factories.claims import make_claimable, tell_case
from tests.factories.shops import make_shop


def ask(case, what, body=None, *, may=None, key=""):
    caller = make_caller(case.shop) if may is None else make_caller(person=make_person(case.shop, may=may))
    return caller.post(f"aftersales/{case.pk}/{what}/", body or {}, **({"Idempotency-Key": key} if key else {}))


def test_what_was_decided_at_the_marketplace_is_read_once_for_each_key(take, sandbox):
    case = take("shopee")
    decide_there(case)
    caller = make_caller(case.shop)
    first, again = (caller.post(f"aftersales/{case.pk}/read-again/", {}, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, first.json()["state"]) == (200, "PENDING_REFUND"), first.content
    assert first.json() == caller.get(f"aftersales/{case.pk}/").json() == again.json()
    assert again["Idempotency-Replayed"] == "true"


def test_a_reading_ends_what_was_in_doubt(take, sandbox):
    case = take()
    answer = leave_in_doubt(case, sandbox)
    open_connection(case.shop).connector.send_answer(make_record(answer, answer.case, ""))
    shown = ask(case, "read-again").json()
    assert [one["state"] for one in shown["answers"]] == ["accepted"]
    assert shown["state"] == "PENDING_REFUND"


def test_what_cannot_be_read_is_refused_with_the_reason(take, sandbox):
    case = take("lazada")
    Shop.objects.filter(pk=case.shop_id).update(state="paused")
    refused = ask(case, "read-again", key="k")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_read")
    assert "not in use" in refused.json()["message"]
    assert not KeyedCall.objects.exists()


@pytest.mark.parametrize("what", ["read-again", "send-again"])
def test_our_own_case_is_not_asked_for_and_what_can_be_done_is_named(shop, what):
    refused = ask(make_case(shop), what)
    assert (refused.status_code, refused.json()["code"]) == (409, "action_not_allowed")
    assert {"approve", "reject"} <= set(refused.json()["allowed"])


@pytest.mark.parametrize(("is_passed_on", "allowed"), [(True, ["approve", "reject", "remark"]), (False, ["remark"])])
def test_an_answer_is_called_possible_only_where_its_shop_passes_answers_on(shop, is_passed_on, allowed):
    set_policy(shop, calls_marketplace=is_passed_on)
    case = tell_case(make_claimable(shop), CaseState.PENDING_APPROVAL)
    refused = [ask(case, "send-again"), ask(case, "actions", {"action": "escalate", "reason": "No."})]
    assert [one.json()["allowed"] for one in refused] == [allowed, allowed]


def test_an_answer_is_called_possible_only_where_its_marketplace_takes_it(db):
    shop = make_shop(app__marketplace="temu")
    set_policy(shop, calls_marketplace=True)
    case = tell_case(make_claimable(shop), CaseState.PENDING_APPROVAL)
    offered = make_caller(shop).get(f"aftersales/{case.pk}/actions/").json()["actions"]
    assert [one["action"] for one in offered] == ["approve", "remark"] == ask(case, "send-again").json()["allowed"]


@pytest.mark.parametrize("what", ["read-again", "send-again"])
def test_both_need_the_permission_to_change_cases_and_take_no_fields(shop, what):
    case = make_case(shop)
    refused = ask(case, what, may=("view_case", "approve_case"))
    assert (refused.status_code, "change_case" in refused.json()["message"]) == (403, True)
    wrong = ask(case, what, {"force": True})
    assert (wrong.status_code, wrong.json()["fields"]) == (
        400,
        {"force": ["Not known here. This call takes no fields."]},
    )


def test_an_answer_in_doubt_is_sent_again_a_day_later_under_its_old_key(take, sandbox):
    case = take()
    answer = leave_in_doubt(case, sandbox, timedelta(hours=23))
    sandbox.forget_calls()
    early = ask(case, "send-again")
    assert (early.status_code, early.json()["code"]) == (409, "action_not_allowed")
    assert "a day after it was sent" in early.json()["message"]
    second = ask(case, "actions", {"action": "reject", "reason": "No.", "reason_code": "any"})
    assert (second.status_code, second.json()["code"]) == (409, "answer_in_doubt")
    assert early.json()["allowed"] == second.json()["allowed"] == ["remark"]  # no answer would be taken
    age(answer, remote.SEND_AGAIN_AFTER)
    other = ask(case, "send-again", may=("view_case", "change_case", "reject_case"))
    assert (other.status_code, "approve_case" in other.json()["message"]) == (403, True)
    assert write_calls(sandbox) == 0
    sent = ask(case, "send-again", may=("view_case", "change_case", "approve_case"), key="again")
    assert (sent.status_code, sent.json()["state"]) == (200, "PENDING_REFUND"), sent.content
    assert (now_of(answer), write_calls(sandbox)) == ("accepted", 1)
    assert Case.objects.get(pk=case.pk).log.filter(request_id="again", operator_kind="ADMIN").count() == 1
    assert ask(case, "send-again").status_code == 409
