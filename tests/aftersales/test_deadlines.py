"""When a state runs out, and what becomes of a case then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aftersales.deadlines import choose_timeout, compute_deadline
from aftersales.policy import PRODUCT_POLICY, TimeoutAction
from aftersales.states import COUNTDOWN, Action, CaseOrigin, CaseState

S, A = CaseState, Action
AT = datetime(2024, 2, 28, 12, tzinfo=UTC)  # before a leap day
HOURS = {S.PENDING_APPROVAL: 72, S.PENDING_RETURN: 168, S.PENDING_RECEIVE: 72}
USUAL = {
    S.PENDING_APPROVAL: A.TIMEOUT_APPROVE, S.PENDING_RETURN: A.TIMEOUT_CANCEL, S.PENDING_RECEIVE: A.TIMEOUT_RECEIVE,
}  # fmt: skip
SETTINGS = {
    S.PENDING_APPROVAL: "approval_timeout_action", S.PENDING_RETURN: "return_timeout_action",
    S.PENDING_RECEIVE: "receive_timeout_action",
}  # fmt: skip


@pytest.mark.parametrize("state", CaseState)
def test_a_countdown_state_ends_so_many_hours_after_it_began_and_no_other_does(state):
    expected = AT + timedelta(hours=HOURS[state]) if state in HOURS else None
    assert compute_deadline(state, AT, PRODUCT_POLICY) == expected


@pytest.mark.parametrize("state", sorted(COUNTDOWN))
def test_what_was_made_here_is_decided_as_usual_or_as_its_shop_says(state):
    assert choose_timeout(state, CaseOrigin.INTERNAL, PRODUCT_POLICY) == USUAL[state]
    for wanted, action in (("escalate", A.TIMEOUT_ESCALATE), ("alert", A.TIMEOUT_ALERT)):
        changed: dict[str, Any] = {SETTINGS[state]: TimeoutAction(wanted)}
        policy = replace(PRODUCT_POLICY, **changed)
        assert choose_timeout(state, CaseOrigin.INTERNAL, policy) == action


@pytest.mark.parametrize("state", sorted(COUNTDOWN))
@pytest.mark.parametrize("calls", [False, True])
@pytest.mark.parametrize("wanted", ["alert", "approve"])
def test_a_marketplaces_case_is_reported_and_approved_only_in_review_where_its_shop_wants_calls(state, calls, wanted):
    policy = replace(PRODUCT_POLICY, calls_marketplace=calls, marketplace_timeout_action=TimeoutAction(wanted))
    is_approved = state == S.PENDING_APPROVAL and calls and wanted == "approve"
    assert choose_timeout(state, CaseOrigin.MARKETPLACE, policy) == (A.APPROVE if is_approved else A.TIMEOUT_ALERT)
