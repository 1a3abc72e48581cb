"""Cases that are decided here: a batch is moved in one transaction, and case by case where that fails."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import connection

from aftersales.deadlines import choose_timeout
from aftersales.models import Case
from aftersales.queries.policies import load_policies
from aftersales.services.asking import SYSTEM, Ask
from aftersales.services.moving import move_cases
from aftersales.states import Action
from aftersales.timeouts.outcomes import OUTCOMES, Handled, name_error, put_off, skip
from backoffice.common.deadlocks import repeat_on_deadlock

log = structlog.get_logger(__name__)


def choose_actions(cases: Sequence[Case]) -> dict[int, Action]:
    """Choose what is done with each case, by its shop's settings; return it by id."""
    policies = load_policies({case.shop_id for case in cases})
    return {case.pk: choose_timeout(case.case_state, case.case_origin, policies[case.shop_id]) for case in cases}


def move_batch(cases: Sequence[Case], at: datetime) -> list[Handled]:
    """Do what the settings say with cases whose time had run out then; whatever is wrong with one harms no other."""
    asks = {pk: Ask(action) for pk, action in choose_actions(cases).items()}
    try:
        moved = repeat_on_deadlock(lambda: move_cases(asks, SYSTEM, skip_locked=True, if_due_at=at))
    except Exception as error:
        if not connection.is_usable():
            raise  # nothing is wrong with the cases
        if len(cases) > 1:
            log.warning("batch_repeated_case_by_case", cases=len(cases), error=name_error(error))
            return [handled for case in cases for handled in move_batch([case], at)]
        log.exception("case_not_moved", case=cases[0].pk)
        return [put_off(cases[0], name_error(error))]
    done = {case.pk for case in moved.cases}
    return [_tell(case, asks[case.pk].action, case.pk in done, moved.refused.get(case.pk)) for case in cases]


def _tell(case: Case, action: Action, is_done: bool, refusal: Exception | None) -> Handled:
    if is_done:
        return Handled(case, OUTCOMES[action])
    if refusal is not None:
        return put_off(case, str(refusal))
    return skip(case, "somebody else has it, or had moved it")
