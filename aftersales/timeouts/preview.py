"""What a sweep would do now: nothing is written, locked or asked for."""

from collections.abc import Iterator
from dataclasses import dataclass

from aftersales.choices import StateLabel
from aftersales.deadlines import Ruling, choose_timeout, find_ruling
from aftersales.models import Case
from aftersales.policy import Policy
from aftersales.queries.policies import load_policies
from aftersales.services.asking import NOTHING, SYSTEM, NotAllowed, Unacceptable
from aftersales.services.bundles import Bundle
from aftersales.services.guards import check
from aftersales.states import MOVES, Action, CaseOrigin, CaseState, plan_path
from aftersales.timeouts.finding import select_due
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
        policies: dict[int, Policy] = {}
        for case in due[:limit].iterator(chunk_size=PAGE):
            if case.shop_id not in policies:
                policies |= load_policies([case.shop_id])
            yield _plan(case, policies[case.shop_id])
            limit = limit and limit - 1
        if limit == 0:
            return


def _plan(case: Case, policy: Policy) -> Planned:
    is_theirs = find_ruling(case.auto_process_time, case.marketplace_deadline_at) == Ruling.MARKETPLACE
    rule = "marketplace" if is_theirs else "our own"
    action = choose_timeout(case.case_state, case.case_origin, policy)
    if case.case_origin == CaseOrigin.MARKETPLACE:
        then = "approve by a call" if action == Action.APPROVE else "alert"
        return Planned(case, rule, f"read again; if still due: {then}", "the marketplace decides on it")
    try:
        check(Bundle(case, policy), action, NOTHING, SYSTEM)
    except (NotAllowed, Unacceptable) as error:
        return Planned(case, rule, "fail", str(error))
    path = plan_path(action, case.case_state, case.case_type)
    if path is None:
        return Planned(case, rule, "fail", f"“{MOVES[action].title}” does not lead anywhere from here")
    end = CaseState(path[-1])
    to = "" if end == case.case_state else f", to “{StateLabel(end).label}”"
    verb = action.value.removeprefix("timeout_")
    return Planned(case, rule, f"{verb}{to}", "as the shop's settings say")
