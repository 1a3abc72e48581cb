"""When a state runs out, which of two deadlines rules, and what happens then. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from aftersales.policy import Policy, TimeoutAction
from aftersales.states import Action, CaseOrigin, CaseState

_HOURS: Mapping[CaseState, str] = {
    CaseState.PENDING_APPROVAL: "approval_timeout_hours",
    CaseState.PENDING_RETURN: "return_timeout_hours",
    CaseState.PENDING_RECEIVE: "receive_timeout_hours",
}
_OUTCOMES: Mapping[CaseState, str] = {
    CaseState.PENDING_APPROVAL: "approval_timeout_action",
    CaseState.PENDING_RETURN: "return_timeout_action",
    CaseState.PENDING_RECEIVE: "receive_timeout_action",
}
_ACTIONS: Mapping[TimeoutAction, Action] = {
    TimeoutAction.APPROVE: Action.TIMEOUT_APPROVE,
    TimeoutAction.CANCEL: Action.TIMEOUT_CANCEL,
    TimeoutAction.RECEIVE: Action.TIMEOUT_RECEIVE,
    TimeoutAction.ESCALATE: Action.TIMEOUT_ESCALATE,
    TimeoutAction.ALERT: Action.TIMEOUT_ALERT,
}


class Ruling(StrEnum):
    """Whose deadline it is that a case is due by."""

    OURS = "ours"
    MARKETPLACE = "marketplace"


def find_ruling(ours: datetime | None, marketplaces: datetime | None) -> Ruling | None:
    """Find which deadline is the earlier one; of two equal ones the marketplace's rules. None where there is none."""
    if marketplaces is not None and (ours is None or marketplaces <= ours):
        return Ruling.MARKETPLACE
    return Ruling.OURS if ours is not None else None


def compute_deadline(state: CaseState, entered_at: datetime, policy: Policy) -> datetime | None:
    """Return when our own countdown of a state ends; None for a state that has none."""
    name = _HOURS.get(state)
    return entered_at + timedelta(hours=getattr(policy, name)) if name else None


def choose_timeout(state: CaseState, origin: CaseOrigin, policy: Policy) -> Action:
    """Return what is done with a case in a countdown state whose time is over.

    A marketplace's case is never moved here by a timer: approving one is a call, which whoever sweeps makes.
    """
    if origin == CaseOrigin.INTERNAL:
        return _ACTIONS[getattr(policy, _OUTCOMES[state])]
    approves = state == CaseState.PENDING_APPROVAL and policy.marketplace_timeout_action == TimeoutAction.APPROVE
    return Action.APPROVE if approves and policy.calls_marketplace else Action.TIMEOUT_ALERT
