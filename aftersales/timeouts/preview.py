"""What a sweep would do now: nothing is written, locked or asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from aftersales.choices import StateLabel
from aftersales.deadlines import Ruling, choose_timeout, find_ruling
from aftersales.models import Case
from aftersales.services.asking import NOTHING, SYSTEM, NotAllowed, Unacceptable
from aftersales.services.bundles import Bundle, gather_bundles, read_claims
from aftersales.services.guards import check, needs_room
from aftersales.services.moving import plan_way
from aftersales.states import Action, CaseOrigin, CaseState
from aftersales.timeouts.finding import select_due
from aftersales.timeouts.outcomes import name_refusal
from backoffice.common import clock

PAGE = 500


@dataclass(frozen=True, slots=True)
class Planned:
    """One case that is due, which deadline rules, what would be done, and why."""

    case: Case
    rule: str
    outcome: str
    why: str


def list_planned(*, shop_id: int | None = None, limit: int | None = None) -> Iterator[Planned]:
    """Say what the sweep would do with each case that is due now, in its order."""
    for origin in (CaseOrigin.INTERNAL, CaseOrigin.MARKETPLACE):
        due = select_due(clock.now(), shop_id=shop_id, origin=origin).select_related("shop")
        cases = due[:limit].iterator(chunk_size=PAGE)
        while page := list(islice(cases, PAGE)):
            yield from _plan_page(page)
            limit = None if limit is None else limit - len(page)
        if limit == 0:
            return


def _plan_page(cases: Sequence[Case]) -> list[Planned]:
    bundles = gather_bundles(cases)
    actions = {one.case.pk: choose_timeout(one.case.case_state, one.case.case_origin, one.policy) for one in bundles}
    spending = [one for one in bundles if needs_room(one.case, actions[one.case.pk])]
    read_claims(spending, {one.case.order_id for one in spending if one.case.order_id})
    return [_plan(bundle, actions[bundle.case.pk]) for bundle in bundles]


def _plan(bundle: Bundle, action: Action) -> Planned:
    case = bundle.case
    is_theirs = find_ruling(case.auto_process_time, case.marketplace_deadline_at) == Ruling.MARKETPLACE
    rule = "marketplace" if is_theirs else "our own"
    if case.case_origin == CaseOrigin.MARKETPLACE:
        then = "approve by a call" if action == Action.APPROVE else "alert"
        return Planned(case, rule, f"read again; if still due: {then}", "the marketplace decides on it")
    try:
        end = plan_way(bundle, action, NOTHING)[-1]
        check(bundle, action, NOTHING, SYSTEM)
    except (NotAllowed, Unacceptable) as error:
        outcome = _name(case, Action.TIMEOUT_ESCALATE, CaseState.CS_INTERVENTION)
        return Planned(case, rule, outcome, name_refusal(action, error))
    return Planned(case, rule, _name(case, action, end), "as the shop's settings say")


def _name(case: Case, action: Action, end: CaseState) -> str:
    to = "" if end == case.case_state else f", to “{StateLabel(end).label}”"
    return f"{action.value.removeprefix('timeout_')}{to}"
