"""Approves marketplaces' requests by rule, where their shop wants that: by a call, as a person would.

Each request is judged while it is young and nobody has answered it; what no rule approves is left to people.
"""

from datetime import timedelta

import structlog

from aftersales.models import Case
from aftersales.queries.policies import load_policies
from aftersales.remote.answering import act
from aftersales.review import Rule
from aftersales.services.asking import SYSTEM, Inputs, NotAllowed
from aftersales.services.reviewing import verdict_of
from aftersales.states import Action, CaseOrigin, CaseState
from backoffice.common import clock
from shops.choices import ShopState
from shops.models import Shop

YOUNG = timedelta(days=1)  # since the buyer asked; older ones were judged before, or are for people
AT_ONCE = 500  # read with their lines

log = structlog.get_logger(__name__)


def review_marketplace_cases(limit: int = 100) -> int:
    """Judge all young requests and approve those that a rule approves, the oldest first; return how many.

    Makes calls, so no transaction may be open, and tries no more than `limit`. A request that was answered before,
    however that ended, is left alone; so is a shop until the next time, once one of its requests was refused.
    """
    approved_count, refusing = 0, set[int]()
    for case_id, shop_id, rule in _list_approvable():
        if shop_id in refusing:
            continue
        if approved_count + len(refusing) >= limit:
            break
        try:
            act(case_id, Action.APPROVE, SYSTEM, Inputs(reason=rule.sentence, context={"rule": rule.name}))
            approved_count += 1
        except NotAllowed as error:  # a person was faster, or the marketplace does not want it: people see the case
            refusing.add(shop_id)
            log.warning("not_approved_by_rule", case_id=case_id, rule=rule.name, error=str(error))
    return approved_count


def _list_approvable() -> list[tuple[int, int, Rule]]:
    """List the young requests that a rule approves, with their shops; what no rule approves is in nobody's way."""
    shop_ids = list(Shop.objects.filter(state=ShopState.ACTIVE).values_list("pk", flat=True))
    policies = {
        shop_id: policy
        for shop_id, policy in load_policies(shop_ids).items()
        if policy.reviews_marketplace_cases and policy.calls_marketplace
    }
    young = Case.objects.filter(
        shop__in=policies, origin=CaseOrigin.MARKETPLACE, state=CaseState.PENDING_APPROVAL, answers=None,
        created_at__gte=clock.now() - YOUNG,
    )  # fmt: skip
    cases = young.select_related("order").prefetch_related("lines").order_by("created_at", "pk")
    judged = ((case, verdict_of(case, policies[case.shop_id])) for case in cases.iterator(chunk_size=AT_ONCE))
    return [(case.pk, case.shop_id, rule) for case, rule in judged if rule.approves]
