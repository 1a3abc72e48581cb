"""What cases mean for the order that they are about: each line is under review, approved, done, or as it was."""

from collections.abc import Iterable, Mapping
from enum import IntEnum

from aftersales.models import Case
from aftersales.states import ON_ITS_WAY, TERMINAL, CaseState
from orders.models import Order

SHOWN_AT_MOST = 200  # cases of one order; no order of a person's has so many


class Effect(IntEnum):
    """How a line of an order stands. Of several cases of a line the highest counts."""

    NONE = 0
    DONE = 1
    APPROVED = 2
    UNDER_REVIEW = 3


def judge_effect(state: CaseState) -> Effect:
    """Return what a case in this state means for its lines: a rejected or closed one leaves them as they were."""
    if state == CaseState.COMPLETED:
        return Effect.DONE
    if state == CaseState.REJECTED or state in TERMINAL:
        return Effect.NONE
    return Effect.APPROVED if state in ON_ITS_WAY or state == CaseState.APPROVED else Effect.UNDER_REVIEW


def judge_lines(cases: Iterable[tuple[CaseState, Iterable[str]]]) -> dict[str, Effect]:
    """Return how each order line stands that a case is about, from each case's state and the lines that it names."""
    effects: dict[str, Effect] = {}
    for state, lines in cases:
        for line in lines:
            effects[line] = max(effects.get(line, Effect.NONE), judge_effect(state))
    return effects


def is_order_done(lines: Iterable[str], cases: Iterable[tuple[CaseState, Iterable[str]]]) -> bool:
    """Whether every line of an order has a completed case: after-sales is then done with the order."""
    done = {line for state, named in cases if state == CaseState.COMPLETED for line in named}
    wanted = set(lines)
    return bool(wanted) and wanted <= done


def list_order_cases(order: Order) -> list[Case]:
    """Read the cases of an order, oldest first, with their lines and what the marketplace says, in two queries."""
    rows = Case.objects.filter(order=order).select_related("synced_return").prefetch_related("lines")
    return list(rows.order_by("created_at", "id")[:SHOWN_AT_MOST])


def name_lines(cases: Iterable[Case]) -> list[tuple[CaseState, list[str]]]:
    """Return of each case its state and the order lines that it names."""
    return [(case.case_state, [line.order_line_external_id for line in case.lines.all()]) for case in cases]


EFFECT_LABELS: Mapping[Effect, str] = {
    Effect.UNDER_REVIEW: "Under review",
    Effect.APPROVED: "Approved",
    Effect.DONE: "After-sales done",
}
