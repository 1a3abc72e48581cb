"""Acting on a case over the API: only what fits, only what one may, and once for each key."""

import pytest
from django.db import connection

from aftersales.api.cases import calls
from aftersales.choices import AnswerState
from aftersales.models import Case, KeyedCall, SellerAnswer
from aftersales.states import BY_PEOPLE, MOVES, Action, CaseState, CaseType, name_permission
from backoffice.common import clock
from tests.factories.api import ALL, make_caller, make_person
from tests.factories.cases import BY_STAFF, act, make_carrier, make_case, set_policy
from tests.factories.claims import make_claimable, tell_case
from tests.factories.races import at_once
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
SHIPMENT = {"carrier": "jt", "tracking_number": "JT0000000001"}


def take(caller, case, action, key="", to="actions", **given):
    body = {"action": action, **given} if to == "actions" else given
    return caller.post(f"aftersales/{case.pk}/{to}/", body, **({"Idempotency-Key": key} if key else {}))


def list_actions(caller, case):
    return [row["action"] for row in caller.get(f"aftersales/{case.pk}/actions/").json()["actions"]]


def given_with(action):
    inputs = BY_STAFF.get(action)
    usual = {"amount": "1", "quantity": 1, "reason": "Agreed."}
    return {name: getattr(inputs, name) if inputs else usual[name] for name in MOVES[action].needs}


def test_an_action_that_the_records_of_the_case_refuse_is_not_listed(shop, caller):
    case = make_case(shop, CaseType.REFUND_ONLY, state=CaseState.PENDING_REFUND)
    assert {"start_refund", "refund_succeeded"} <= set(list_actions(caller, case))
    act(case, Action.START_REFUND)
    assert "start_refund" not in list_actions(caller, case)


def test_no_second_answer_is_listed_while_one_is_on_its_way(shop, caller):
    set_policy(shop, calls_marketplace=True)
    case = tell_case(make_claimable(shop), CaseState.PENDING_APPROVAL)
    assert list_actions(caller, case) == ["approve", "reject", "remark"]
    SellerAnswer.objects.create(case=case, decision="approve", state=AnswerState.IN_DOUBT, sent_at=clock.now())
    assert list_actions(caller, case) == ["remark"]


def test_the_listed_actions_fit_the_case_and_the_person(shop, caller):
    case = make_case(shop, state=CaseState.PENDING_RETURN)
    shown = caller.get(f"aftersales/{case.pk}/actions/").json()
    listed = {row["action"]: row for row in shown["actions"]}
    assert shown["state"] == "PENDING_RETURN"
    assert set(listed) == {"fill_shipment", "cancel", "escalate", "remark"}
    assert listed["fill_shipment"] == {
        "action": "fill_shipment", "title": "Fill in shipment", "needs": ["carrier", "tracking_number"],
        "leads_to": "PENDING_RECEIVE", "is_for_buyer": True,
    }  # fmt: skip
    few = make_caller(person=make_person(shop, may=("view_case", "cancel_case")))
    assert list_actions(few, case) == ["cancel"]
    reader = make_caller(person=caller.user, may_write=False)
    assert list_actions(reader, case) == []


@pytest.mark.parametrize("action", BY_PEOPLE)
def test_every_action_can_be_taken_and_needs_its_own_permission(shop, action):
    state = min(MOVES[action].sources - {CaseState.APPROVED, CaseState.UNKNOWN, CaseState.TIMEOUT})
    kind = CaseType.RESEND if state == CaseState.PENDING_EXCHANGE else CaseType.RETURN_REFUND
    case = make_case(shop, kind, state, quantity=2 if action == Action.PARTIAL_RECEIPT else 1)
    if action == Action.REPLACEMENT_RECEIVED:
        act(case, Action.SHIP_REPLACEMENT)
    make_carrier()
    without = make_caller(person=make_person(shop, may=("view_case",)))
    refused = take(without, case, action, **given_with(action))
    assert refused.status_code == 403
    assert name_permission(action) in refused.json()["message"]
    with_it = make_caller(person=make_person(shop, may=("view_case", name_permission(action))))
    answer = take(with_it, case, action, **given_with(action))
    assert answer.status_code == 200, answer.content
    assert answer.json() == with_it.get(f"aftersales/{case.pk}/").json()
    row = case.log.filter(context__action=action).get()
    assert (row.operator_kind, row.operator_id) == ("ADMIN", with_it.user.pk)


def test_what_does_not_fit_is_refused_with_what_does(shop, caller):
    case = make_case(shop, state=CaseState.PENDING_RETURN)
    answer = take(caller, case, "approve")
    assert (answer.status_code, answer.json()["code"]) == (409, "action_not_allowed")
    assert answer.json()["allowed"] == ["fill_shipment", "cancel", "escalate", "remark"]
    assert Case.objects.get(pk=case.pk).state == "PENDING_RETURN"


@pytest.mark.parametrize(("given", "status", "field"), [
    ({"action": "explode"}, 422, "action"), ({"action": "timeout_approve"}, 422, "action"),
    ({"action": "sync"}, 422, "action"), ({"action": "reject"}, 422, "reason"),
    ({"action": "reject", "reason": "  "}, 400, "reason"), ({"action": "reject", "reason": "x" * 2001}, 400, "reason"),
    ({"action": "change_amount", "amount": "100001", "reason": "r"}, 422, "amount"),
    ({"action": "change_amount", "amount": "0.5", "reason": "r"}, 422, "amount"),
    ({"action": "change_amount", "amount": "-5", "reason": "r"}, 422, "amount"),
    ({"action": "change_amount", "amount": 5, "reason": "r"}, 400, "amount"),
    ({"action": "approve", "colour": "red"}, 400, "colour"), ({}, 400, "action"),
])  # fmt: skip
def test_what_cannot_be_taken_is_refused_with_its_field(shop, caller, given, status, field):
    case = make_case(shop)
    answer = caller.post(f"aftersales/{case.pk}/actions/", given)
    assert answer.status_code == status, answer.content
    assert field in answer.json()["fields"]
    assert case.log.count() == 1


@pytest.mark.parametrize("action", ["explode", "timeout_approve"])
def test_an_action_that_is_none_is_refused_with_those_that_are(shop, action):
    caller = make_caller(person=make_person(shop, may=("view_case", "approve_case", "remark_case")))
    answer = take(caller, make_case(shop), action)
    assert (answer.status_code, answer.json()["allowed"]) == (422, ["approve", "remark"])


@pytest.mark.parametrize(("state", "given", "unused"), [
    ("PENDING_APPROVAL", {"action": "approve", "amount": "5"}, "amount"),
    ("PENDING_APPROVAL", {"action": "reject", "reason": "No.", "images": ["https://i/1"]}, "images"),
    ("PENDING_APPROVAL", {"action": "reject", "reason": "No.", "reason_code": "r1"}, "reason_code"),
    ("PENDING_RECEIVE", {"action": "confirm_receipt", "quantity": 1}, "quantity"),
    ("PENDING_RECEIVE", {"action": "reject_receipt", "reason": "No.", "is_inspected": True}, "is_inspected"),
    ("PENDING_MODIFICATION", {"action": "submit", "transaction": "T1"}, "transaction"),
])  # fmt: skip
def test_what_an_action_makes_nothing_of_is_refused(shop, caller, state, given, unused):
    case = make_case(shop, state=CaseState(state))
    answer = caller.post(f"aftersales/{case.pk}/actions/", given)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [unused])
    assert Case.objects.get(pk=case.pk).state == state
    rest = {name: value for name, value in given.items() if name != unused}
    assert caller.post(f"aftersales/{case.pk}/actions/", rest).status_code == 200


def test_nothing_is_nothing_whatever_its_sign(shop, caller):
    case = make_case(shop)
    take(caller, case, "change_amount", amount="-0", reason="Agreed.")
    assert case.log.latest("pk").context["amount"] == ["100000", "0"]


def test_a_buyer_may_do_what_buyers_may(shop, caller):
    case = make_case(shop)
    assert take(caller, case, "approve", on_behalf_of_buyer=True).status_code == 409
    assert take(caller, case, "cancel", on_behalf_of_buyer=True).json()["state"] == "CANCELLED"
    assert case.log.latest("pk").operator_kind == "USER"


def test_a_return_shipment_is_submitted(shop, caller):
    make_carrier()
    case = make_case(shop, state=CaseState.PENDING_RETURN)
    answer = take(caller, case, "", to="return-shipment", **SHIPMENT, on_behalf_of_buyer=True)
    assert (answer.status_code, answer.json()["state"]) == (200, "PENDING_RECEIVE")
    (parcel,) = answer.json()["return_parcels"]
    assert (parcel["carrier"], parcel["tracking_number"], parcel["state"]) == ("jt", "JT0000000001", "SHIPPED")
    again = take(caller, case, "", to="return-shipment", **SHIPMENT)
    assert (again.status_code, again.json()["code"]) == (409, "action_not_allowed")


@pytest.mark.parametrize(
    "given", [{"carrier": "no", "tracking_number": "A1"}, {"carrier": "jt", "tracking_number": "A-1"}]
)
def test_a_shipment_by_nobody_or_without_a_good_number_is_refused(shop, caller, given):
    make_carrier()
    case = make_case(shop, state=CaseState.PENDING_RETURN)
    assert take(caller, case, "", to="return-shipment", **given).status_code == 422


def test_a_marketplaces_case_is_not_moved_past_the_marketplace(shop, caller):
    case = tell_case(make_claimable(shop), CaseState.PENDING_APPROVAL)
    assert list_actions(caller, case) == ["remark"]
    for answer in (
        take(caller, case, "approve"), take(caller, case, "cancel"),
        take(caller, case, "", to="status", state="CANCELLED"),
        take(caller, case, "", to="information", description="Mine"),
    ):  # fmt: skip
        assert answer.status_code == 409, answer.content
    assert take(caller, case, "remark", reason="Called the buyer.").status_code == 200


def test_a_repeated_key_gives_the_first_answer_and_changes_nothing_more(shop, caller):
    case = make_case(shop)
    first = take(caller, case, "remark", key="k", reason="Called.")
    act(case, Action.APPROVE)
    again = take(caller, case, "remark", key="k", reason="Called.")
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")
    assert case.log.filter(action="ADD_REMARK").count() == 1
    assert KeyedCall.objects.get().key == "k"


def test_a_key_of_one_call_serves_no_other(shop, caller):
    case, other = make_case(shop), make_case(shop)
    take(caller, case, "remark", key="k", reason="Called.")
    for answer in (
        take(caller, case, "remark", key="k", reason="Called again."),
        take(caller, other, "remark", key="k", reason="Called."),
    ):
        assert answer.status_code == 422
        assert "Idempotency-Key" in answer.json()["fields"]
    assert take(make_caller(shop), case, "remark", key="k", reason="Called.").status_code == 200
    assert other.log.count() == 1


def test_a_refused_call_uses_up_no_key(shop, caller):
    case = make_case(shop)
    assert take(caller, case, "confirm_receipt", key="k").status_code == 409
    act(case, Action.APPROVE)
    act(case, Action.FILL_SHIPMENT)
    answer = take(caller, case, "confirm_receipt", key="k")
    assert (answer.status_code, answer.json()["state"]) == (200, "PENDING_REFUND")


@pytest.mark.parametrize("key", ["", "two words", "x" * 65, "schlüssel"])
def test_a_key_that_is_none_is_refused(shop, caller, key):
    case = make_case(shop)
    answer = caller.post(f"aftersales/{case.pk}/actions/", {"action": "approve"}, **{"Idempotency-Key": key})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["Idempotency-Key"])


def test_a_kept_answer_is_not_given_to_who_may_not_see_the_case(shop):
    case, other_shop = make_case(shop), make_shop()
    everywhere = make_caller(shop, other_shop)
    assert take(everywhere, case, "remark", key="k", reason="Called.").status_code == 200
    limited = make_caller(person=everywhere.user, only=(other_shop,))
    assert take(limited, case, "remark", key="k", reason="Called.").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_the_same_call_many_times_at_once_one_is_carried_out(shop, caller):
    case = make_case(shop)
    answers = at_once(lambda: take(caller, case, "remark", key="k", reason="Called."), times=4)
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert case.log.filter(action="ADD_REMARK").count() == 1
    assert all(answer.json()["code"] == "call_runs" for answer in answers if answer.status_code == 409)
    assert take(caller, case, "remark", key="k", reason="Called.")["Idempotency-Replayed"] == "true"


@pytest.mark.django_db(transaction=True)
def test_what_fails_before_its_answer_is_kept_leaves_nothing(shop, caller, monkeypatch):
    case = make_case(shop)

    def fail(*_, **__):
        raise OSError("the process ends here")

    with monkeypatch.context() as patch:
        patch.setattr(KeyedCall.objects, "create", fail)
        with pytest.raises(OSError, match="ends here"):
            take(caller, case, "approve", key="k")
    assert Case.objects.get(pk=case.pk).state == "PENDING_APPROVAL"
    assert case.log.count() == 1
    assert take(caller, case, "approve", key="k").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_marketplace_is_asked_once_outside_any_transaction(shop, caller, monkeypatch):
    case = tell_case(make_claimable(shop), CaseState.PENDING_APPROVAL)
    asked = []

    def answer(case_id, action, operator, inputs, *, person, request_id):
        asked.append((case_id, action, inputs.reason_code, person, request_id, connection.in_atomic_block))
        return case

    monkeypatch.setattr(calls, "act", answer)
    given = {"reason": "Not ours.", "reason_code": "r1"}
    first, again = (take(caller, case, "reject", key="k", **given) for _ in range(2))
    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (200, 200, "true")
    assert asked == [(case.pk, Action.REJECT, "r1", caller.user, "k", False)]


@pytest.mark.django_db(transaction=True)
def test_a_marketplace_that_is_not_asked_for_this_shop_is_named_with_the_switch(shop, caller):
    case = tell_case(make_claimable(shop), CaseState.PENDING_APPROVAL)
    answer = take(caller, case, "approve", key="k")
    assert (answer.status_code, answer.json()["code"]) == (409, "action_not_allowed")
    assert "settings" in answer.json()["message"]
    assert not KeyedCall.objects.exists()


CALLS = [
    ("actions", {"action": "cancel"}), ("return-shipment", SHIPMENT), ("status", {"state": "CANCELLED"}),
    ("information", {"description": "Mine."}), ("read-again", {}), ("send-again", {}),
]  # fmt: skip


@pytest.mark.parametrize(("to", "body"), CALLS)
def test_who_may_act_and_not_look_is_shown_nothing_and_does_nothing(shop, to, body):
    case = make_case(shop)
    blind = make_caller(person=make_person(shop, may=tuple(name for name in ALL if name != "view_case")))
    for address, given in ((f"aftersales/{case.pk}/{to}/", body), ("aftersales/", {}), ("aftersales/upsert/", {})):
        answer = blind.post(address, given)
        assert (answer.status_code, "aftersales.view_case" in answer.json()["message"]) == (403, True)
    assert case.log.count() == 1


def test_what_the_payment_side_answers_is_kept_with_its_refund(shop, caller):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    said = {"code": "insufficient_funds", "retry": False, "details": [{"amount": "100000"}]}
    assert take(caller, case, "refund_failed", reason="No money.", provider_response=said).status_code == 200
    assert case.refunds.get().provider_response == said
    assert take(caller, case, "start_refund").status_code == 200
    assert take(caller, case, "refund_succeeded", provider_response={"code": "ok"}).status_code == 200
    assert case.refunds.get().provider_response == {"code": "ok"}


@pytest.mark.parametrize("said", [[], "ok", None, {"text": "x" * 8_000}], ids=str)
def test_an_answer_that_cannot_be_kept_is_refused_and_changes_nothing(shop, caller, said):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    answer = take(caller, case, "refund_failed", key="k", reason="No.", provider_response=said)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["provider_response"])
    assert case.refunds.get().state == "PENDING"


def test_an_answer_is_kept_as_any_payload_is_however_odd_it_is(shop, caller):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    deep: dict[str, object] = {"a": "b"}
    for _ in range(299):
        deep = {"a": deep}
    said = {"deep": deep, "text": r"no \u0000 here", "nul": "a\0b"}
    for _ in range(2):  # the second time under the same key
        answer = take(caller, case, "refund_failed", key="k", reason="No.", provider_response=said)
        assert answer.status_code == 200, answer.content
    assert answer.headers["Idempotency-Replayed"] == "true"
    assert case.refunds.get().provider_response == {**said, "nul": "ab"}
