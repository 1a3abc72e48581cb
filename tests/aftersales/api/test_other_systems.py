"""Keeping cases in step with another system: by number, by state, by what it corrects."""

import pytest

from aftersales.models import Case
from aftersales.states import Action, CaseState, CaseType
from tests.factories.api import ALL, make_caller, make_person
from tests.factories.cases import act, make_carrier, make_case
from tests.factories.claims import make_claimable, tell_case
from tests.factories.races import at_once
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


def upsert(caller, order, key="", **changes):
    body = {"order": order.pk, "number": "HD-1", "type": "return_refund", "reason": "quality_issue"}
    body |= {"lines": [{"order_line_external_id": "line-1"}], **changes}
    return caller.post("aftersales/upsert/", body, **({"Idempotency-Key": key} if key else {}))


def tell(caller, case, state, **given):
    return caller.post(f"aftersales/{case.pk}/status/", {"state": state, **given})


def test_a_case_is_made_by_its_number_and_corrected_later(shop, caller):
    order = make_claimable(shop)
    made = upsert(caller, order, description="Too small")
    assert (made.status_code, made.json()["number"]) == (201, "HD-1")
    case = Case.objects.get()
    corrected = upsert(caller, order, reason="damaged", images=["https://i/1"])
    assert (corrected.status_code, corrected.json()["id"]) == (200, case.pk)
    shown = corrected.json()
    assert (shown["reason"], shown["images"], shown["description"]) == ("damaged", ["https://i/1"], "Too small")
    row = case.log.latest("pk")
    assert (row.action, row.previous_state, row.state) == ("MODIFY_INFO", "PENDING_APPROVAL", "PENDING_APPROVAL")
    assert row.context == {"reason": ["quality_issue", "damaged"], "images": [[], ["https://i/1"]]}
    upsert(caller, order, reason="damaged")
    assert case.log.count() == 2


def test_a_case_that_has_ended_may_be_told_of_again_as_it_is(shop, caller):
    order = make_claimable(shop)
    upsert(caller, order)
    case = act(Case.objects.get(), Action.CANCEL)
    assert (upsert(caller, order).status_code, case.log.count()) == (200, 2)


@pytest.mark.parametrize(("changes", "field"), [
    ({"type": "exchange"}, "type"), ({"lines": [{"order_line_external_id": "line-2"}]}, "order_line_external_id"),
    ({"lines": [{"order_line_external_id": "line-1", "quantity": 2}]}, "quantity"), ({"currency": "EUR"}, "currency"),
    ({"lines": [{"order_line_external_id": "line-1", "amount": "1.00"}]}, "amount"),
])  # fmt: skip
def test_what_is_claimed_is_not_changed_by_an_upsert(shop, caller, changes, field):
    order = make_claimable(shop)
    upsert(caller, order)
    answer = upsert(caller, order, **changes)
    assert answer.status_code == 422, answer.content
    assert field in answer.json()["fields"]
    assert Case.objects.get().log.count() == 1


def test_an_upsert_of_another_order_or_of_a_line_that_cannot_be_claimed_is_refused(shop, caller):
    upsert(caller, make_claimable(shop))
    assert "order" in upsert(caller, make_claimable(shop)).json()["fields"]
    refused = upsert(caller, make_claimable(shop), number="HD-2", lines=[{"order_line_external_id": "no"}])
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["order_line_external_id"])


def test_two_shops_may_use_the_same_number(shop):
    other = make_shop()
    caller = make_caller(shop, other)
    assert [upsert(caller, make_claimable(one)).status_code for one in (shop, other)] == [201, 201]


def test_an_ended_case_and_a_marketplaces_are_not_corrected(shop, caller):
    order = make_claimable(shop)
    upsert(caller, order)
    act(Case.objects.get(), Action.CANCEL)
    assert upsert(caller, order, reason="damaged").status_code == 409
    other = make_claimable(shop)
    told = tell_case(other, CaseState.PENDING_APPROVAL)
    assert upsert(caller, other, number=told.number).status_code == 409


def test_an_upsert_needs_both_permissions(shop):
    order = make_claimable(shop)
    for missing in ("add_case", "change_case"):
        may = tuple(name for name in ALL if name != missing)
        answer = upsert(make_caller(person=make_person(shop, may=may)), order)
        assert (answer.status_code, missing in answer.json()["message"]) == (403, True)


@pytest.mark.django_db(transaction=True)
def test_of_two_upserts_at_once_one_makes_the_case(shop, caller):
    order = make_claimable(shop)
    answers = at_once(lambda: upsert(caller, order), times=3)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
    assert Case.objects.count() == 1


@pytest.mark.parametrize(("begins", "state", "given", "action"), [
    ("PENDING_APPROVAL", "PENDING_RETURN", {}, "approve"),
    ("PENDING_APPROVAL", "REJECTED", {"reason": "No."}, "reject"),
    ("PENDING_APPROVAL", "CANCELLED", {}, "cancel"),
    ("PENDING_RETURN", "PENDING_RECEIVE", {"carrier": "jt", "tracking_number": "JT1"}, "fill_shipment"),
    ("PENDING_RECEIVE", "PENDING_REFUND", {}, "confirm_receipt"),
    ("PENDING_RECEIVE", "PENDING_REFUND", {"quantity": 1, "reason": "One is broken."}, "partial_receipt"),
    ("PENDING_RECEIVE", "REJECTED", {"reason": "Not ours."}, "reject_receipt"),
    ("PENDING_REFUND", "COMPLETED", {"transaction": "T1"}, "refund_succeeded"),
    ("CS_INTERVENTION", "CANCELLED", {"reason": "Settled."}, "resolve_cancel"),
    ("REJECTED", "PENDING_MODIFICATION", {}, "amend"),
])  # fmt: skip
def test_a_state_told_by_another_system_is_reached_by_the_action_that_leads_there(
    shop, caller, begins, state, given, action
):
    make_carrier()
    case = make_case(shop, state=CaseState(begins), quantity=2 if "quantity" in given else 1)
    answer = tell(caller, case, state, **given)
    assert (answer.status_code, answer.json().get("state")) == (200, state), answer.content
    assert case.log.filter(context__action=action).count() == 1


def test_a_state_that_the_case_is_in_already_changes_nothing(shop, caller):
    case = make_case(shop, state=CaseState.REJECTED)
    assert tell(caller, case, "REJECTED").status_code == 200
    assert case.log.count() == 2


@pytest.mark.parametrize("state", ["COMPLETED", "TIMEOUT", "UNKNOWN", "APPROVED", "PENDING_EXCHANGE"])
def test_a_state_that_nothing_leads_to_is_refused_with_what_is_possible(shop, caller, state):
    case = make_case(shop)
    answer = tell(caller, case, state)
    assert answer.status_code == 409, answer.content
    assert "approve" in answer.json()["allowed"]
    assert case.log.count() == 1


@pytest.mark.parametrize("state", ["pending_return", "DONE", "", "Ü"])
def test_a_state_that_is_not_known_is_refused_and_mapped_to_none(shop, caller, state):
    case = make_case(shop)
    answer = tell(caller, case, state)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["state"])
    assert case.log.count() == 1


def test_a_state_needs_the_permission_of_its_action_and_its_fields(shop, caller):
    case = make_case(shop)
    assert tell(caller, case, "REJECTED").json()["fields"].keys() == {"reason"}
    viewer = make_caller(person=make_person(shop, may=("view_case", "cancel_case")))
    refused = tell(viewer, case, "REJECTED", reason="No.")
    assert (refused.status_code, "reject_case" in refused.json()["message"]) == (403, True)
    assert tell(viewer, case, "CANCELLED").status_code == 200


def test_a_state_that_nothing_leads_to_is_refused_with_what_the_person_may_do_and_the_records_take(shop):
    case = act(make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND), Action.START_REFUND)
    caller = make_caller(person=make_person(shop, may=("view_case", "settle_refund_case", "remark_case")))
    refused = tell(caller, case, "PENDING_RETURN")
    assert (refused.status_code, refused.json()["allowed"]) == (409, ["refund_succeeded", "refund_failed", "remark"])


def test_information_is_corrected_and_logged(shop, caller):
    case = make_case(shop, description="Small")
    address = f"aftersales/{case.pk}/information/"
    answer = caller.post(address, {"description": "", "reason": "damaged"}, **{"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["description"], answer.json()["reason"]) == (200, "", "damaged")
    row = case.log.latest("pk")
    assert (row.action, row.request_id, row.operator_name) == ("MODIFY_INFO", "k", caller.user.username)
    assert caller.post(address, {}).status_code == 400
    assert caller.post(address, {"reason": "fun"}).status_code == 422
    assert (
        make_caller(person=make_person(shop, may=("view_case",))).post(address, {"reason": "other"}).status_code == 403
    )


def test_what_happens_to_goods_on_their_way_back_is_told_and_shown(shop, caller):
    case = make_case(shop, state=CaseState.PENDING_RECEIVE)
    address = f"aftersales/{case.pk}/information/"
    event = {"at": "2026-08-03T16:00:00+07:00", "text": "Left the depot", "place": "Hanoi"}
    answer = caller.post(address, {"tracking_events": [event]})
    assert answer.status_code == 200, answer.content
    (parcel,) = answer.json()["return_parcels"]
    assert parcel["state"] == "IN_TRANSIT"
    assert parcel["tracking_events"] == [{**event, "at": "2026-08-03T09:00:00Z"}]
    for wrong in (
        {**event, "at": "2026-08-03T16:00:00"}, {**event, "at": "0001-01-01T00:00:00+14:00"}, {**event, "at": 5},
        {**event, "text": ""}, {**event, "text": "x\0"}, {**event, "text": "x" * 201}, {"text": "Left"}, "Left",
    ):  # fmt: skip
        refused = caller.post(address, {"tracking_events": [wrong]})
        assert (refused.status_code, "tracking_events" in refused.json()["fields"]) == (400, True), wrong
    assert caller.post(address, {"tracking_events": [event] * 101}).status_code == 400
    assert caller.post(f"aftersales/{make_case(shop).pk}/information/", {"tracking_events": [event]}).status_code == 409
