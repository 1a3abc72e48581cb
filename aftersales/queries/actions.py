"""Which actions a person may take on a case now, and which one leads to a state that another system names."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from aftersales.models import Case
from aftersales.policy import Policy
from aftersales.queries.policies import load_policy
from aftersales.states import (
    ANSWERS,
    BY_PEOPLE,
    MOVES,
    Action,
    CaseOrigin,
    CaseState,
    Move,
    OperatorKind,
    list_allowed,
    name_permission,
    plan_path,
)
from shops.marketplaces.registry import MARKETPLACES


class PossibleAction(NamedTuple):
    """A row of the table of moves that fits a case, and the state that it leads to."""

    move: Move
    leads_to: CaseState


def list_possible(case: Case) -> list[PossibleAction]:
    """List what can be done to a case as it stands, whoever does it.

    An answer to a marketplace is among them only where the shop lets answers be sent and the marketplace takes it.
    """
    actions = list_allowed(case.case_state, case.case_type, case.case_origin, BY_PEOPLE)
    if case.origin == CaseOrigin.MARKETPLACE:
        actions = list_sendable(case, actions, load_policy(case.shop_id))
    return [PossibleAction(MOVES[action], _find_end(case, action)) for action in actions]


def list_sendable(case: Case, actions: Iterable[Action], policy: Policy) -> tuple[Action, ...]:
    """Leave out answers that are not sent: all where the shop wants that, else those its marketplace does not take."""
    if case.origin != CaseOrigin.MARKETPLACE:
        return tuple(actions)
    sent = MARKETPLACES[case.shop.marketplace].connector.answers.decisions if policy.calls_marketplace else ()
    return tuple(action for action in actions if action not in ANSWERS or action in sent)


def list_possible_to(case: Case, person: Any) -> list[PossibleAction]:
    """List what this person may do to a case; whether they may see its shop is for the caller to look at."""
    return [
        one
        for one in list_possible(case)
        if person.has_perm(f"{Case._meta.app_label}.{name_permission(one.move.action)}")
    ]


def find_action_to(case: Case, state: CaseState, kind: OperatorKind, given: frozenset[str]) -> Action | None:
    """Find the action of a person that takes a case to a state; None where none does.

    Of several that do, the one is meant that makes most use of what is given with it.
    """
    leading = [one.move for one in list_possible(case) if one.leads_to == state and kind in one.move.actors]
    moving = [move for move in leading if state != case.state]
    return max(moving, key=lambda move: _fitness(move, given)).action if moving else None


def _fitness(move: Move, given: frozenset[str]) -> tuple[bool, int]:
    return given.issuperset(move.needs), len(given.intersection(move.needs))


def _find_end(case: Case, action: Action) -> CaseState:
    remembered = CaseState(case.escalated_from) if case.escalated_from else None
    path = plan_path(action, case.case_state, case.case_type, remembered)
    return path[-1] if path else case.case_state
