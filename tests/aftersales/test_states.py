"""The table of moves against the specification's, written here a second time: what stands in neither is refused."""

from itertools import product

import pytest

from aftersales.states import (
    ACTIVE,
    BY_PEOPLE,
    COUNTDOWN,
    MOVES,
    STAGES,
    TERMINAL,
    Action,
    CaseOrigin,
    CaseState,
    CaseType,
    OperatorKind,
    Stage,
    list_allowed,
    list_permissions,
    plan_path,
)

S, A, T = CaseState, Action, CaseType
ROUTED = {
    T.CANCEL: S.COMPLETED, T.REFUND_ONLY: S.PENDING_REFUND, T.RETURN_REFUND: S.PENDING_RETURN,
    T.EXCHANGE: S.PENDING_RETURN, T.RESEND: S.PENDING_EXCHANGE,
}  # fmt: skip
ENDS = {S.COMPLETED, S.CANCELLED, S.TIMEOUT}
APPROVALS = (A.APPROVE, A.AUTO_APPROVE, A.TIMEOUT_APPROVE)
RECEIPTS = (A.CONFIRM_RECEIPT, A.PARTIAL_RECEIPT, A.TIMEOUT_RECEIVE)
STANDING_STILL = {
    (S.PENDING_APPROVAL, A.CHANGE_AMOUNT), (S.PENDING_REFUND, A.START_REFUND), (S.PENDING_REFUND, A.REFUND_FAILED),
    (S.PENDING_EXCHANGE, A.SHIP_REPLACEMENT), (S.PENDING_APPROVAL, A.TIMEOUT_ALERT),
    (S.PENDING_RETURN, A.TIMEOUT_ALERT), (S.PENDING_RECEIVE, A.TIMEOUT_ALERT),
    *((state, A.REMARK) for state in S),
}  # fmt: skip
MOVING = {
    (S.PENDING_APPROVAL, A.REJECT): S.REJECTED,
    (S.PENDING_RETURN, A.FILL_SHIPMENT): S.PENDING_RECEIVE,
    (S.PENDING_RETURN, A.TIMEOUT_CANCEL): S.CANCELLED,
    (S.PENDING_RECEIVE, A.REJECT_RECEIPT): S.REJECTED,
    (S.PENDING_REFUND, A.REFUND_SUCCEEDED): S.COMPLETED,
    (S.PENDING_EXCHANGE, A.REPLACEMENT_RECEIVED): S.COMPLETED,
    (S.REJECTED, A.AMEND): S.PENDING_MODIFICATION,
    (S.PENDING_MODIFICATION, A.SUBMIT): S.PENDING_APPROVAL,
    **{(state, A.CANCEL): S.CANCELLED for state in
       (S.PENDING_APPROVAL, S.PENDING_MODIFICATION, S.PENDING_RETURN, S.REJECTED)},
    **{(state, A.ESCALATE): S.CS_INTERVENTION for state in
       (S.PENDING_APPROVAL, S.REJECTED, S.PENDING_MODIFICATION, S.PENDING_RETURN, S.PENDING_RECEIVE, S.PENDING_REFUND,
        S.PENDING_EXCHANGE)},
    **{(state, A.TIMEOUT_ESCALATE): S.CS_INTERVENTION for state in
       (S.PENDING_APPROVAL, S.PENDING_RETURN, S.PENDING_RECEIVE)},
    (S.CS_INTERVENTION, A.RESOLVE_REJECT): S.REJECTED,
    (S.CS_INTERVENTION, A.RESOLVE_CANCEL): S.CANCELLED,
}  # fmt: skip


def expected(state, action, kind):
    """The path that the specification gives; None where it gives none."""
    if (state, action) in STANDING_STILL:
        return (state,)
    if state == S.PENDING_APPROVAL and action in APPROVALS:
        return (S.APPROVED, ROUTED[kind])
    if state == S.PENDING_RECEIVE and action in RECEIPTS:
        return (S.PENDING_EXCHANGE,) if kind == T.EXCHANGE else (S.PENDING_REFUND,)
    target = MOVING.get((state, action))
    return (target,) if target else None


@pytest.mark.parametrize("kind", ROUTED)
def test_every_pair_of_state_and_action_is_as_specified(kind):
    others = (A.SYNC, A.RESOLVE_BACK, A.RESOLVE_APPROVE)
    for state, action in product(S, A):
        if action not in others:
            assert plan_path(action, state, kind) == expected(state, action, kind), (state, action)


def test_what_is_resolved_goes_back_to_where_it_came_from():
    for state in (S.PENDING_APPROVAL, S.REJECTED, S.PENDING_RECEIVE, S.PENDING_REFUND):
        assert plan_path(A.RESOLVE_BACK, S.CS_INTERVENTION, T.RETURN_REFUND, state) == (state,)
    assert plan_path(A.RESOLVE_BACK, S.PENDING_REFUND, T.RETURN_REFUND, S.REJECTED) is None


def test_resolving_by_approval_routes_what_was_never_approved_and_goes_on_with_what_was():
    approve = [plan_path(A.RESOLVE_APPROVE, S.CS_INTERVENTION, T.RETURN_REFUND, state) for state in
               (S.PENDING_APPROVAL, S.REJECTED, S.PENDING_RECEIVE, S.PENDING_REFUND)]  # fmt: skip
    assert approve == [(S.APPROVED, S.PENDING_RETURN)] * 2 + [
        (S.APPROVED, S.PENDING_RECEIVE),
        (S.APPROVED, S.PENDING_REFUND),
    ]


def test_a_case_of_unknown_type_is_never_approved():
    assert all(plan_path(action, S.PENDING_APPROVAL, T.UNKNOWN) is None for action in APPROVALS)
    assert plan_path(A.REJECT, S.PENDING_APPROVAL, T.UNKNOWN) == (S.REJECTED,)


def test_groups_of_states():
    assert TERMINAL == ENDS
    assert set(S) - ENDS - {S.REJECTED} == ACTIVE
    assert {S.PENDING_APPROVAL, S.PENDING_RETURN, S.PENDING_RECEIVE} == COUNTDOWN
    assert set(MOVES) == set(A)


def test_a_timer_never_moves_out_of_a_state_without_countdown():
    timers = [action for action in A if action.startswith("timeout_")]
    assert len(timers) == 5
    assert all(MOVES[action].sources <= COUNTDOWN for action in timers)


def test_only_what_a_marketplace_takes_is_offered_for_its_cases():
    offered = list_allowed(S.PENDING_APPROVAL, T.REFUND_ONLY, CaseOrigin.MARKETPLACE)
    assert offered == (A.APPROVE, A.REJECT, A.REMARK)
    assert list_allowed(S.COMPLETED, T.REFUND_ONLY, CaseOrigin.INTERNAL) == (A.REMARK,)


def test_kindred_actions_share_a_permission():
    permissions = list_permissions()
    assert len(set(permissions.values())) == len(permissions) < len(BY_PEOPLE)
    assert {"approve_case", "reject_case", "resolve_case", "settle_refund_case", "amend_case"} <= set(permissions)
    assert not {"sync_case", "auto_approve_case", "timeout_approve_case"} & set(permissions)
    assert permissions["settle_refund_case"].endswith(": Send the refund, Refund was paid, Refund failed")


STAFF, BUYER, SYSTEM, SYNC = OperatorKind.ADMIN, OperatorKind.USER, OperatorKind.SYSTEM, OperatorKind.SYNC
WHY, SHIPMENT = {"reason"}, {"carrier", "tracking_number"}
# Who takes each action, what they cannot do without, and how the log names it.
CARRIED_OUT: dict[Action, tuple[set[OperatorKind], set[str], str]] = {
    A.APPROVE: ({STAFF}, set(), "APPROVE"), A.AUTO_APPROVE: ({SYSTEM}, set(), "AUTO_APPROVE"),
    A.REJECT: ({STAFF}, WHY, "REJECT"), A.CHANGE_AMOUNT: ({STAFF}, {"amount", "reason"}, "MODIFY_REFUND_AMOUNT"),
    A.FILL_SHIPMENT: ({STAFF, BUYER}, SHIPMENT, "SHIP_RETURN"), A.CONFIRM_RECEIPT: ({STAFF}, set(), "RECEIVE_RETURN"),
    A.PARTIAL_RECEIPT: ({STAFF}, {"quantity", "reason"}, "RECEIVE_RETURN"), A.REJECT_RECEIPT: ({STAFF}, WHY, "REJECT"),
    A.START_REFUND: ({STAFF, SYSTEM}, set(), "PROCESS_REFUND"),
    A.REFUND_SUCCEEDED: ({STAFF, SYSTEM}, set(), "COMPLETE_REFUND"),
    A.REFUND_FAILED: ({STAFF, SYSTEM}, WHY, "FAIL_REFUND"), A.SHIP_REPLACEMENT: ({STAFF}, SHIPMENT, "SHIP_EXCHANGE"),
    A.REPLACEMENT_RECEIVED: ({STAFF, BUYER}, set(), "RECEIVE_EXCHANGE"), A.AMEND: ({STAFF, BUYER}, set(), "MODIFY"),
    A.SUBMIT: ({STAFF, BUYER}, set(), "SUBMIT"), A.CANCEL: ({STAFF, BUYER}, set(), "CANCEL"),
    A.ESCALATE: ({STAFF, SYSTEM}, WHY, "ESCALATE"), A.REMARK: ({STAFF, BUYER, SYSTEM}, WHY, "ADD_REMARK"),
    A.SYNC: ({SYNC}, set(), "SYSTEM_SYNC"),
    **{action: ({STAFF}, WHY, "RESOLVE") for action in Action if action.startswith("resolve_")},
    **{action: ({SYSTEM}, set(), "TIMEOUT_PROCESS") for action in Action if action.startswith("timeout_")},
}  # fmt: skip


@pytest.mark.parametrize("action", Action)
def test_each_action_is_for_its_people_with_what_it_needs_and_under_its_name(action):
    move = MOVES[action]
    assert (set(move.actors), set(move.needs), move.log) == CARRIED_OUT[action]


def test_stages_follow_from_states():
    later = {
        S.PENDING_RETURN: Stage.RETURN, S.PENDING_RECEIVE: Stage.RECEIVE, S.PENDING_REFUND: Stage.REFUND,
        S.PENDING_EXCHANGE: Stage.EXCHANGE, **dict.fromkeys(ENDS, Stage.COMPLETE),
    }  # fmt: skip
    assert {state: later.get(state, Stage.AUDIT) for state in S} == STAGES
