"""The states of a case and the table of allowed moves: data. docs/aftersales.md shows it, drawn from here.

A case is one after-sales request. Who moves one asks `plan_path`; nothing else knows which state follows which.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum


class CaseType(StrEnum):
    """What is asked for. UNKNOWN is a marketplace's word that the mapping does not know: no person can choose it."""

    CANCEL = "cancel"
    REFUND_ONLY = "refund_only"
    RETURN_REFUND = "return_refund"
    EXCHANGE = "exchange"
    RESEND = "resend"
    UNKNOWN = "unknown"


class CaseOrigin(StrEnum):
    """Where a case began: made by staff or over the API, or read from a marketplace, which then decides its state."""

    INTERNAL = "INTERNAL"
    MARKETPLACE = "MARKETPLACE"


class CaseState(StrEnum):
    """How far a case is.

    TIMEOUT is older data's: nothing enters it. UNKNOWN is a marketplace's status that is not in our tables: the case is
    shown with the marketplace's word, and nothing happens to it by itself.
    """

    PENDING_APPROVAL = "PENDING_APPROVAL"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    PENDING_MODIFICATION = "PENDING_MODIFICATION"
    PENDING_RETURN = "PENDING_RETURN"
    PENDING_RECEIVE = "PENDING_RECEIVE"
    PENDING_REFUND = "PENDING_REFUND"
    PENDING_EXCHANGE = "PENDING_EXCHANGE"
    CS_INTERVENTION = "CS_INTERVENTION"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    TIMEOUT = "TIMEOUT"
    UNKNOWN = "UNKNOWN"


S = CaseState
TERMINAL = frozenset({S.COMPLETED, S.CANCELLED, S.TIMEOUT})
ACTIVE = frozenset(CaseState) - TERMINAL - {S.REJECTED}
COUNTDOWN = frozenset({S.PENDING_APPROVAL, S.PENDING_RETURN, S.PENDING_RECEIVE})
MONITORED = frozenset({S.PENDING_REFUND, S.PENDING_EXCHANGE, S.CS_INTERVENTION, S.PENDING_MODIFICATION, S.UNKNOWN})
NOT_CLAIMING = frozenset({S.CANCELLED, S.REJECTED})  # such a case claims no piece and no money of its lines


class Stage(StrEnum):
    """The part of its way that a case is on, for progress bars and filters."""

    APPLY = "apply"
    AUDIT = "audit"
    RETURN = "return"
    RECEIVE = "receive"
    REFUND = "refund"
    EXCHANGE = "exchange"
    COMPLETE = "complete"


STAGES: Mapping[CaseState, Stage] = {
    S.PENDING_APPROVAL: Stage.AUDIT,
    S.APPROVED: Stage.AUDIT,
    S.REJECTED: Stage.AUDIT,
    S.PENDING_MODIFICATION: Stage.AUDIT,
    S.CS_INTERVENTION: Stage.AUDIT,
    S.UNKNOWN: Stage.AUDIT,
    S.PENDING_RETURN: Stage.RETURN,
    S.PENDING_RECEIVE: Stage.RECEIVE,
    S.PENDING_REFUND: Stage.REFUND,
    S.PENDING_EXCHANGE: Stage.EXCHANGE,
    S.COMPLETED: Stage.COMPLETE,
    S.CANCELLED: Stage.COMPLETE,
    S.TIMEOUT: Stage.COMPLETE,
}


class OperatorKind(StrEnum):
    """Who acts: the product itself, a buyer through another system, a member of staff, or a marketplace's reading."""

    SYSTEM = "SYSTEM"
    USER = "USER"
    ADMIN = "ADMIN"
    SYNC = "SYNC"


class LogAction(StrEnum):
    """What a row of a case's log says was done."""

    CREATE = "CREATE"
    SUBMIT = "SUBMIT"
    MODIFY = "MODIFY"
    CANCEL = "CANCEL"
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    AUTO_APPROVE = "AUTO_APPROVE"
    AUTO_REJECT = "AUTO_REJECT"
    SHIP_RETURN = "SHIP_RETURN"
    RECEIVE_RETURN = "RECEIVE_RETURN"
    INSPECT_RETURN = "INSPECT_RETURN"
    SHIP_EXCHANGE = "SHIP_EXCHANGE"
    RECEIVE_EXCHANGE = "RECEIVE_EXCHANGE"
    REQUEST_REFUND = "REQUEST_REFUND"
    PROCESS_REFUND = "PROCESS_REFUND"
    COMPLETE_REFUND = "COMPLETE_REFUND"
    FAIL_REFUND = "FAIL_REFUND"
    TIMEOUT_PROCESS = "TIMEOUT_PROCESS"
    STATE_CHANGE = "STATE_CHANGE"
    SYSTEM_SYNC = "SYSTEM_SYNC"
    SYSTEM_UPDATE = "SYSTEM_UPDATE"
    ADD_REMARK = "ADD_REMARK"
    COMPLETE = "COMPLETE"
    MODIFY_INFO = "MODIFY_INFO"
    MODIFY_REFUND_AMOUNT = "MODIFY_REFUND_AMOUNT"
    ESCALATE = "ESCALATE"
    RESOLVE = "RESOLVE"


class Action(StrEnum):
    """What can be done to a case."""

    APPROVE = "approve"
    AUTO_APPROVE = "auto_approve"
    REJECT = "reject"
    CHANGE_AMOUNT = "change_amount"
    FILL_SHIPMENT = "fill_shipment"
    CONFIRM_RECEIPT = "confirm_receipt"
    PARTIAL_RECEIPT = "partial_receipt"
    REJECT_RECEIPT = "reject_receipt"
    START_REFUND = "start_refund"
    REFUND_SUCCEEDED = "refund_succeeded"
    REFUND_FAILED = "refund_failed"
    SHIP_REPLACEMENT = "ship_replacement"
    REPLACEMENT_RECEIVED = "replacement_received"
    AMEND = "amend"
    SUBMIT = "submit"
    CANCEL = "cancel"
    ESCALATE = "escalate"
    RESOLVE_BACK = "resolve_back"
    RESOLVE_APPROVE = "resolve_approve"
    RESOLVE_REJECT = "resolve_reject"
    RESOLVE_CANCEL = "resolve_cancel"
    REMARK = "remark"
    TIMEOUT_APPROVE = "timeout_approve"
    TIMEOUT_CANCEL = "timeout_cancel"
    TIMEOUT_RECEIVE = "timeout_receive"
    TIMEOUT_ESCALATE = "timeout_escalate"
    TIMEOUT_ALERT = "timeout_alert"
    SYNC = "sync"


class Follows(Enum):
    """A state that depends on the case: where it is, where its type leads, or where it came from."""

    SAME = "stays where it is"
    ROUTED = "Approved, then where its type leads"
    AFTER_RECEIPT = "Awaiting refund, or replacement shipment for an exchange"
    REMEMBERED = "the state it was escalated from"
    TOLD = "the state that the marketplace tells"


ROUTES: Mapping[CaseType, CaseState] = {
    CaseType.CANCEL: S.COMPLETED,
    CaseType.REFUND_ONLY: S.PENDING_REFUND,
    CaseType.RETURN_REFUND: S.PENDING_RETURN,
    CaseType.EXCHANGE: S.PENDING_RETURN,
    CaseType.RESEND: S.PENDING_EXCHANGE,
}
ON_ITS_WAY = frozenset({S.PENDING_RETURN, S.PENDING_RECEIVE, S.PENDING_REFUND, S.PENDING_EXCHANGE})  # after approval


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table. `needs` are the inputs without which it is refused; `permission` is shared by kin."""

    action: Action
    title: str  # of its button
    sources: frozenset[CaseState]
    target: CaseState | Follows
    log: LogAction
    actors: frozenset[OperatorKind]
    needs: tuple[str, ...] = ()
    permission: str = ""
    for_marketplace: bool = False  # whether a case that a marketplace decides on may be moved so here


_PEOPLE = frozenset({OperatorKind.USER, OperatorKind.ADMIN})
_STAFF = frozenset({OperatorKind.ADMIN})
_SYSTEM = frozenset({OperatorKind.SYSTEM})
_ANYBODY = _PEOPLE | _SYSTEM
A, L = Action, LogAction


def _one(*states: CaseState) -> frozenset[CaseState]:
    return frozenset(states)


_REVIEW, _CS = _one(S.PENDING_APPROVAL), _one(S.CS_INTERVENTION)
_RETURN, _RECEIVE = _one(S.PENDING_RETURN), _one(S.PENDING_RECEIVE)
_REFUND, _EXCHANGE = _one(S.PENDING_REFUND), _one(S.PENDING_EXCHANGE)
_CANCELLABLE = _one(S.PENDING_APPROVAL, S.PENDING_MODIFICATION, S.PENDING_RETURN, S.REJECTED)
_ESCALATABLE = frozenset(CaseState) - TERMINAL - _CS - {S.APPROVED, S.UNKNOWN}

MOVES: Mapping[Action, Move] = {
    move.action: move
    for move in (
        Move(A.APPROVE, "Approve", _REVIEW, Follows.ROUTED, L.APPROVE, _STAFF, for_marketplace=True),
        Move(A.AUTO_APPROVE, "Approve by rule", _REVIEW, Follows.ROUTED, L.AUTO_APPROVE, _SYSTEM),
        Move(A.REJECT, "Reject", _REVIEW, S.REJECTED, L.REJECT, _STAFF, ("reason",), for_marketplace=True),
        Move(
            A.CHANGE_AMOUNT, "Change amount", _REVIEW, Follows.SAME, L.MODIFY_REFUND_AMOUNT, _STAFF,
            ("amount", "reason"),
        ),
        Move(
            A.FILL_SHIPMENT, "Fill in shipment", _RETURN, S.PENDING_RECEIVE, L.SHIP_RETURN, _PEOPLE,
            ("carrier", "tracking_number"),
        ),
        Move(A.CONFIRM_RECEIPT, "Confirm receipt", _RECEIVE, Follows.AFTER_RECEIPT, L.RECEIVE_RETURN, _STAFF),
        Move(
            A.PARTIAL_RECEIPT, "Accept a part", _RECEIVE, Follows.AFTER_RECEIPT, L.RECEIVE_RETURN, _STAFF,
            ("quantity", "reason"),
        ),
        Move(A.REJECT_RECEIPT, "Reject the goods", _RECEIVE, S.REJECTED, L.REJECT, _STAFF, ("reason",)),
        Move(
            A.START_REFUND, "Send the refund", _REFUND, Follows.SAME, L.PROCESS_REFUND, _STAFF | _SYSTEM,
            permission="settle_refund_case",
        ),
        Move(
            A.REFUND_SUCCEEDED, "Refund was paid", _REFUND, S.COMPLETED, L.COMPLETE_REFUND, _STAFF | _SYSTEM,
            permission="settle_refund_case",
        ),
        Move(
            A.REFUND_FAILED, "Refund failed", _REFUND, Follows.SAME, L.FAIL_REFUND, _STAFF | _SYSTEM, ("reason",),
            permission="settle_refund_case",
        ),
        Move(
            A.SHIP_REPLACEMENT, "Ship replacement", _EXCHANGE, Follows.SAME, L.SHIP_EXCHANGE, _STAFF,
            ("carrier", "tracking_number"),
        ),
        Move(
            A.REPLACEMENT_RECEIVED, "Replacement arrived", _EXCHANGE, S.COMPLETED, L.RECEIVE_EXCHANGE, _PEOPLE,
        ),
        Move(A.AMEND, "Amend", _one(S.REJECTED), S.PENDING_MODIFICATION, L.MODIFY, _PEOPLE, permission="amend_case"),
        Move(
            A.SUBMIT, "Submit again", _one(S.PENDING_MODIFICATION), S.PENDING_APPROVAL, L.SUBMIT, _PEOPLE,
            permission="amend_case",
        ),
        Move(A.CANCEL, "Close the case", _CANCELLABLE, S.CANCELLED, L.CANCEL, _PEOPLE),
        Move(
            A.ESCALATE, "Escalate", _ESCALATABLE, S.CS_INTERVENTION, L.ESCALATE, _STAFF | _SYSTEM, ("reason",),
        ),
        Move(
            A.RESOLVE_BACK, "Resolve: go on", _CS, Follows.REMEMBERED, L.RESOLVE, _STAFF, ("reason",), "resolve_case",
        ),
        Move(
            A.RESOLVE_APPROVE, "Resolve: approve", _CS, Follows.ROUTED, L.RESOLVE, _STAFF, ("reason",), "resolve_case",
        ),
        Move(A.RESOLVE_REJECT, "Resolve: reject", _CS, S.REJECTED, L.RESOLVE, _STAFF, ("reason",), "resolve_case"),
        Move(A.RESOLVE_CANCEL, "Resolve: close", _CS, S.CANCELLED, L.RESOLVE, _STAFF, ("reason",), "resolve_case"),
        Move(
            A.REMARK, "Add a remark", frozenset(CaseState), Follows.SAME, L.ADD_REMARK, _ANYBODY, ("reason",),
            for_marketplace=True,
        ),
        Move(A.TIMEOUT_APPROVE, "Approve: time ran out", _REVIEW, Follows.ROUTED, L.TIMEOUT_PROCESS, _SYSTEM),
        Move(A.TIMEOUT_CANCEL, "Close: time ran out", _RETURN, S.CANCELLED, L.TIMEOUT_PROCESS, _SYSTEM),
        Move(
            A.TIMEOUT_RECEIVE, "Take as received: time ran out", _RECEIVE, Follows.AFTER_RECEIPT, L.TIMEOUT_PROCESS,
            _SYSTEM,
        ),
        Move(
            A.TIMEOUT_ESCALATE, "Escalate: time ran out", COUNTDOWN, S.CS_INTERVENTION, L.TIMEOUT_PROCESS, _SYSTEM,
        ),
        Move(
            A.TIMEOUT_ALERT, "Alert: time ran out", COUNTDOWN, Follows.SAME, L.TIMEOUT_PROCESS, _SYSTEM,
            for_marketplace=True,
        ),
        Move(
            A.SYNC, "Read from the marketplace", frozenset(CaseState), Follows.TOLD, L.SYSTEM_SYNC,
            frozenset({OperatorKind.SYNC}), for_marketplace=True,
        ),
    )
}  # fmt: skip

ANSWERS = frozenset({A.APPROVE, A.REJECT})  # what a marketplace is sent about its own case
WITH_MONEY = frozenset({CaseType.REFUND_ONLY, CaseType.RETURN_REFUND})  # the others ask for none
BY_PEOPLE: tuple[Action, ...] = tuple(action for action, move in MOVES.items() if move.actors & _PEOPLE)
TIMEOUTS: frozenset[Action] = frozenset(action for action, move in MOVES.items() if move.log == L.TIMEOUT_PROCESS)


def name_permission(action: Action) -> str:
    """Name the permission that a person needs for an action; without the app's name."""
    return MOVES[action].permission or f"{action.value}_case"


def list_permissions() -> dict[str, str]:
    """List the permissions of all actions that people take, each with what it lets one do."""
    titles: dict[str, list[str]] = {}
    for action in BY_PEOPLE:
        titles.setdefault(name_permission(action), []).append(MOVES[action].title)
    return {name: f"Can act on a case: {', '.join(found)}" for name, found in titles.items()}


def plan_path(
    action: Action, state: CaseState, case_type: CaseType, remembered: CaseState | None = None
) -> tuple[CaseState, ...] | None:
    """Return the states that a case passes, the last of which it stays in; None where the action is not allowed.

    The state that a marketplace tells is not planned here: whoever reads it hands it over.
    """
    move = MOVES[action]
    if state not in move.sources or (move.target is Follows.ROUTED and case_type not in ROUTES):
        return None
    match move.target:
        case CaseState() as target:
            return (target,)
        case Follows.ROUTED:
            # What was approved before it was escalated, or whose goods are here by now, goes on where it had been.
            onward = remembered if remembered in ON_ITS_WAY else ROUTES[case_type]
            return (S.APPROVED, onward)
        case Follows.AFTER_RECEIPT:
            return (S.PENDING_EXCHANGE if case_type == CaseType.EXCHANGE else S.PENDING_REFUND,)
        case Follows.REMEMBERED:
            return (remembered or S.PENDING_APPROVAL,)
        case _:
            return (state,)


def list_allowed(
    state: CaseState, case_type: CaseType, origin: CaseOrigin, among: Iterable[Action] = BY_PEOPLE
) -> tuple[Action, ...]:
    """List the actions that fit a case's state, type and origin; who may take them is not looked at."""
    return tuple(
        action
        for action in among
        if plan_path(action, state, case_type) is not None
        and (origin == CaseOrigin.INTERNAL or MOVES[action].for_marketplace)
    )
