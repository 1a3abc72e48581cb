"""Writes tables and diagrams of docs/aftersales.md from the table of moves; what stands below is written by hand."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from aftersales.choices import BUYER_FAULT, MERCHANT_FAULT, CaseTypeLabel, OperatorLabel, Reason, StageLabel, StateLabel
from aftersales.deadlines import compute_deadline
from aftersales.models import AftersalesSettings
from aftersales.policy import PRODUCT_POLICY
from aftersales.states import (
    MOVES,
    ROUTES,
    STAGES,
    TERMINAL,
    Action,
    CaseState,
    CaseType,
    Follows,
    Move,
    name_permission,
)
from aftersales.vocabulary import STATES
from backoffice.common import clock
from backoffice.management.pages import PageCommand, draw_table
from shops.marketplaces.registry import MARKETPLACES

PAGE = "docs/aftersales.md"
HEAD = """# After-sales

A *case* is one request after a sale: cancel, refund, return, exchange or send again. It has one state, moves along the
table below and nowhere else, and counts down where somebody must act. How it all works is told by hand
[further down](#how-it-works); down to there this page is generated from `aftersales/states.py`, `policy.py` and
`vocabulary.py`: `python manage.py aftersales_states`.
"""
NONE = "–"
OUTCOME = "What happens when these hours are over."


def render() -> str:
    """Return the generated part of docs/aftersales.md."""
    parts = [HEAD, _types(), _states(), _diagrams(), _moves(), _reasons(), _settings(), _vocabulary()]
    return "\n".join(parts)


def _types() -> str:
    rows = [(CaseTypeLabel(one).label, f"`{one}`", _label(ROUTES[one]) if one in ROUTES else NONE) for one in CaseType]
    return "## Types\n\n" + draw_table(("type", "value", "once approved"), rows)


def _states() -> str:
    now = clock.now()
    rows = []
    for state in CaseState:
        deadline = compute_deadline(state, now, PRODUCT_POLICY)
        countdown = f"{(deadline - now).total_seconds() / 3600:g} h" if deadline else NONE
        ends = "yes" if state in TERMINAL else NONE
        rows.append((f"`{state}`", _label(state), StageLabel(STAGES[state]).label, countdown, ends))
    return "## States\n\n" + draw_table(
        ("state", "shown as", "stage", "countdown unless set otherwise", "an end"), rows
    )


def _diagrams() -> str:
    desk = {action for action, move in MOVES.items() if _is_of_desk(move)}
    usual = _edges(action for action in MOVES if action not in desk)
    start = [("[*]", CaseState.PENDING_APPROVAL, "create")]
    routes = [(CaseState.APPROVED, state, f"type {', '.join(types)}") for state, types in _routes().items()]
    ends = [(state, "[*]", "") for state in sorted({CaseState.COMPLETED, CaseState.CANCELLED})]
    return (
        "## The way of a case\n\n"
        "Escalation is drawn apart. What a marketplace decides is not: its cases go wherever it says (`sync`).\n\n"
        + _diagram([*start, *usual, *routes, *ends])
        + "\nTo customer service and back:\n\n"
        + _diagram(_edges(desk))
    )


def _is_of_desk(move: Move) -> bool:
    return move.target == CaseState.CS_INTERVENTION or move.sources == {CaseState.CS_INTERVENTION}


def _routes() -> dict[CaseState, list[str]]:
    routes: dict[CaseState, list[str]] = {}
    for case_type, state in ROUTES.items():
        routes.setdefault(state, []).append(case_type.value)
    return routes


def _edges(actions: Iterable[Action]) -> list[tuple[str, str, str]]:
    """List from where to where one can get, with everything that leads there; what stays where it is is no edge."""
    labels: dict[tuple[str, str], list[str]] = {}
    for action in sorted(actions, key=list(MOVES).index):
        move = MOVES[action]
        for source in sorted(move.sources, key=list(CaseState).index):
            for target in _targets(move):
                labels.setdefault((source, target), []).append(action.value)
    return [(source, target, ", ".join(actions)) for (source, target), actions in labels.items()]


def _targets(move: Move) -> Iterator[str]:
    match move.target:
        case CaseState() as state:
            yield state
        case Follows.ROUTED:
            yield CaseState.APPROVED
        case Follows.AFTER_RECEIPT:
            yield from (CaseState.PENDING_REFUND, CaseState.PENDING_EXCHANGE)
        case Follows.REMEMBERED:
            yield "where_it_was"


def _diagram(edges: Iterable[tuple[str, str, str]]) -> str:
    lines = [f"    {source} --> {target}{f': {label}' if label else ''}" for source, target, label in edges]
    return "```mermaid\nstateDiagram-v2\n" + "\n".join(lines) + "\n```\n"


def _moves() -> str:
    rows = [
        (
            f"`{action}`",
            move.title,
            "any"
            if move.sources == set(CaseState)
            else _list(_label(state) for state in CaseState if state in move.sources),
            _label(move.target) if isinstance(move.target, CaseState) else move.target.value,
            _list(OperatorLabel(one).label for one in sorted(move.actors)),
            _list(move.needs) or NONE,
            f"`{name_permission(action)}`" if {"ADMIN", "USER"} & move.actors else NONE,
            "yes" if move.for_marketplace else NONE,
        )
        for action, move in MOVES.items()
    ]
    head = ("action", "button", "from", "to", "who", "needs", "permission", "on a marketplace's case")
    return "## Moves\n\nWhat is not in this table is refused, with the actions that are possible.\n\n" + draw_table(
        head, rows
    )


def _reasons() -> str:
    faults = {**dict.fromkeys(BUYER_FAULT, "buyer"), **dict.fromkeys(MERCHANT_FAULT, "seller")}
    rows = [(f"`{one.value}`", one.label, faults.get(one.value, "not known")) for one in Reason]
    return "## Reasons\n\n" + draw_table(("code", "shown as", "fault"), rows)


def _settings() -> str:
    rows = []
    for one in fields(PRODUCT_POLICY):
        column: Any = AftersalesSettings._meta.get_field(one.name)
        words = " / ".join(key for key, _ in column.choices or ())
        rows.append(
            (f"`{one.name}`", _word(getattr(PRODUCT_POLICY, one.name)), words or NONE, column.help_text or OUTCOME)
        )
    return (
        "## Settings\n\n"
        "Each shop may have its own; what it leaves empty is taken from the row for all shops, what that\n"
        "leaves empty from here. A changed countdown counts for states that are entered from then on.\n\n"
        + draw_table(("setting", "default", "one of", "what it does"), rows)
    )


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _vocabulary() -> str:
    parts = [
        "## What marketplaces' words mean\n\n"
        "A word in no table stays unknown: shown as it came, counted, never guessed.\n"
    ]
    for code, entry in MARKETPLACES.items():
        words: Mapping[str, CaseState] = STATES.get(code, {})
        by_state = {state: [word for word, meant in words.items() if meant == state] for state in CaseState}
        rows = [(_list(f"`{word}`" for word in said), _label(state)) for state, said in by_state.items() if said]
        parts.append(f"### {entry.label}\n\n" + draw_table(("raw status", "our state"), rows))
    return "\n".join(parts)


def _label(state: CaseState) -> str:
    return str(StateLabel(state).label)


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)


class Command(PageCommand):
    help = "Write the tables and diagrams of docs/aftersales.md; with --check only say whether they are up to date."

    def render(self) -> dict[str, str]:
        return {PAGE: self.keep_by_hand(PAGE, render())}
