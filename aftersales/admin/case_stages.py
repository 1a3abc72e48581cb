"""The way of a case through its stages, as a bar: what is behind it, where it is, what is ahead. Pure."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from aftersales.choices import StageLabel
from aftersales.states import STAGES, CaseState, CaseType, Stage

S = Stage
WAYS: Mapping[CaseType, tuple[Stage, ...]] = {
    CaseType.CANCEL: (S.AUDIT, S.COMPLETE),
    CaseType.REFUND_ONLY: (S.AUDIT, S.REFUND, S.COMPLETE),
    CaseType.RETURN_REFUND: (S.AUDIT, S.RETURN, S.RECEIVE, S.REFUND, S.COMPLETE),
    CaseType.EXCHANGE: (S.AUDIT, S.RETURN, S.RECEIVE, S.EXCHANGE, S.COMPLETE),
    CaseType.RESEND: (S.AUDIT, S.EXCHANGE, S.COMPLETE),
    CaseType.UNKNOWN: (S.AUDIT, S.COMPLETE),
}
IN_ORDER = tuple(Stage)


class Step(NamedTuple):
    """One stage of the bar; `place` is done, here, ahead, or skipped where the case ended before."""

    label: str
    place: str


def list_steps(case_type: CaseType, state: CaseState, passed: Collection[str]) -> list[Step]:
    """List the stages of a case. `passed` are the states that it has been in.

    A marketplace may take a case another way than its type says: where it is or was belongs to the bar as well.
    """
    here = STAGES[state]
    been = {stage for known, stage in STAGES.items() if known in passed} | {here}
    way = [stage for stage in IN_ORDER if stage in {*WAYS[case_type], *been}]
    return [Step(_label(stage, state, here), _place(stage, state, here, been)) for stage in way]


def _label(stage: Stage, state: CaseState, here: Stage) -> str:
    is_closed = stage == here == Stage.COMPLETE and state != CaseState.COMPLETED
    return "Closed" if is_closed else str(StageLabel(stage.value).label)


def _place(stage: Stage, state: CaseState, here: Stage, been: Collection[Stage]) -> str:
    if stage == here:
        return "done" if state == CaseState.COMPLETED else "here"
    if state == CaseState.COMPLETED:
        return "done"
    is_behind = IN_ORDER.index(stage) < IN_ORDER.index(here)
    if here == Stage.COMPLETE:
        return "done" if stage in been else "skipped"
    return "done" if is_behind else "ahead"
