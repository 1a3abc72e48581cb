"""Approves marketplaces' requests by rule, where their shop wants that: by a call, as a person would.

Each request is judged while it is young and nobody has answered it; what no rule approves is left to people.
"""

from datetime import timedelta

import structlog

from aftersales.models import Case
from aftersales.queries.policies import load_policies
from aftersales.remote.answering import act
from aftersales.services.asking import SYSTEM, Inputs, NotAllowed
from aftersales.services.reviewing import verdict_of
from aftersales.states import Action, CaseOrigin, CaseState
from backoffice.common import clock
from shops.choices import ShopState
from shops.models import Shop

YOUNG = timedelta(days=1)  # since the buyer asked; older ones were judged before, or are for people

log = structlog.get_logger(__name__)


def review_marketplace_cases(limit: int = 100) -> int:
    """Judge young requests, the newest first, and approve what a rule approves; return how many were approved.

    Makes calls, so no transaction may be open. A request that was answered before, however that ended, is left alone.
    """
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
    approved_count = 0
    for case in young.select_related("order").order_by("-created_at", "-pk")[:limit]:
        rule = verdict_of(case, policies[case.shop_id])
        if not rule.approves:
            continue
        try:
            act(case.pk, Action.APPROVE, SYSTEM, Inputs(reason=rule.sentence, context={"rule": rule.name}))
            approved_count += 1
        except NotAllowed as error:  # a person was faster, or the marketplace does not want it: people see the case
            log.warning("not_approved_by_rule", case_id=case.pk, rule=rule.name, error=str(error))
    return approved_count
