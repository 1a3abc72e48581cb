"""Cases that are decided here: a batch is moved in one transaction, and case by case where that fails."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from django.db import connection, transaction

from aftersales.deadlines import choose_timeout
from aftersales.models import Case
from aftersales.queries.policies import load_policies
from aftersales.services.asking import SYSTEM, Ask, Inputs
from aftersales.services.moving import Moved, move_cases
from aftersales.states import Action
from aftersales.timeouts.outcomes import OUTCOMES, Handled, Outcome, name_error, name_refusal, put_off, skip
from backoffice.common.deadlocks import repeat_on_deadlock

log = structlog.get_logger(__name__)


def choose_actions(cases: Sequence[Case]) -> dict[int, Action]:
    """Choose what is done with each case, by its shop's settings; return it by id."""
    policies = load_policies({case.shop_id for case in cases})
    return {case.pk: choose_timeout(case.case_state, case.case_origin, policies[case.shop_id]) for case in cases}


def move_batch(cases: Sequence[Case], at: datetime) -> list[Handled]:
    """Do what the settings say with cases whose time had run out then; whatever is wrong with one harms no other."""
    actions = choose_actions(cases)
    try:
        moved, escalated = repeat_on_deadlock(lambda: _move(actions, at))
    except Exception as error:
        if not connection.is_usable():
            raise  # nothing is wrong with the cases
        if len(cases) > 1:
            log.warning("batch_repeated_case_by_case", cases=len(cases), error=name_error(error))
            return [handled for case in cases for handled in move_batch([case], at)]
        log.exception("case_not_moved", case=cases[0].pk)
        return [put_off(cases[0], name_error(error))]
    done = {case.pk: OUTCOMES[actions[case.pk]] for case in moved.cases} | dict.fromkeys(escalated, Outcome.ESCALATED)
    why = {pk: name_refusal(actions[pk], refusal) for pk, refusal in moved.refused.items()}
    return [_tell(case, done.get(case.pk), why.get(case.pk, "")) for case in cases]


@transaction.atomic
def _move(actions: Mapping[int, Action], at: datetime) -> tuple[Moved, list[int]]:
    """Move cases. One that a rule refuses goes to customer service instead: it would be refused the next time, too."""
    moved = move_cases({pk: Ask(action) for pk, action in actions.items()}, SYSTEM, skip_locked=True, if_due_at=at)
    stuck = {
        pk: Ask(Action.TIMEOUT_ESCALATE, Inputs(reason=name_refusal(actions[pk], refusal)))
        for pk, refusal in moved.refused.items()
    }
    escalated = move_cases(stuck, SYSTEM, if_due_at=at).cases if stuck else []
    return moved, [case.pk for case in escalated]


def _tell(case: Case, outcome: Outcome | None, why: str) -> Handled:
    if outcome is not None:
        return Handled(case, outcome, why)
    return put_off(case, why) if why else skip(case, "somebody else has it, or had moved it")
