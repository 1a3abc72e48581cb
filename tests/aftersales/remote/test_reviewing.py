"""Rules approve marketplaces' requests by a call, of shops that want it; what they leave is people's."""

from datetime import timedelta

import pytest

from aftersales import remote
from aftersales.choices import AnswerState
from aftersales.models import Case, CaseLog, SellerAnswer
from aftersales.states import CaseState
from aftersales.tasks import review_marketplace_cases
from backoffice.common import clock
from shops.models import ShopCredential
from tests.aftersales.remote.marketplaces import write_calls

WANTED = {"reviews_marketplace_cases": True, "manual_review_amount": 10**9, "auto_approve_amount": 10**9}


def make_young(case: Case, **changes) -> None:
    """As if the buyer did not want the goods any more, which a rule approves."""
    Case.objects.filter(pk=case.pk).update(**{"created_at": clock.now(), "reason": "dont_want", **changes})


def test_what_a_rule_approves_is_approved_there(take, sandbox):
    case = take(**WANTED)
    make_young(case)
    sandbox.forget_calls()
    assert review_marketplace_cases() == 1
    assert Case.objects.get(pk=case.pk).state == CaseState.PENDING_REFUND
    asked = CaseLog.objects.filter(case=case, action="ADD_REMARK").earliest("pk")
    assert (asked.operator_kind, asked.context["rule"]) == ("SYSTEM", "unwanted")
    assert (review_marketplace_cases(), write_calls(sandbox)) == (0, 1)


@pytest.mark.parametrize(
    ("policy", "changes"),
    [
        ({"reviews_marketplace_cases": False}, {}),
        ({"calls_marketplace": False}, {}),
        ({}, {"reason": "quality_issue"}),
        ({}, {"created_at": clock.now() - timedelta(days=2)}),
    ],
    ids=["no rules", "no calls", "for a person", "old"],
)
def test_what_is_not_for_rules_is_left_to_people(take, sandbox, policy, changes):
    case = take(**{**WANTED, **policy})
    make_young(case, **changes)
    sandbox.forget_calls()
    assert (remote.review_marketplace_cases(), write_calls(sandbox)) == (0, 0)


def test_what_is_for_people_is_in_nobodys_way(take, sandbox):
    old, young = take("shopee", **WANTED), take("shopee", **WANTED)
    make_young(old, created_at=clock.now() - timedelta(hours=2))
    make_young(young, reason="quality_issue")
    assert remote.review_marketplace_cases(limit=1) == 1
    assert Case.objects.get(pk=old.pk).state == CaseState.PENDING_REFUND


def test_no_more_are_approved_at_once_than_was_said(take, sandbox):
    older, newer = take(**WANTED), take(**WANTED)
    make_young(older, created_at=clock.now() - timedelta(hours=2))
    make_young(newer)
    assert remote.review_marketplace_cases(limit=1) == 1
    assert [Case.objects.get(pk=case.pk).state for case in (older, newer)] == ["PENDING_REFUND", "PENDING_APPROVAL"]


def test_a_shop_that_cannot_be_called_keeps_no_other_waiting(take, sandbox):
    away, also_away, well = take("lazada", **WANTED), take("lazada", **WANTED), take("shopee", **WANTED)
    for case in (away, also_away):
        make_young(case, created_at=clock.now() - timedelta(hours=2))
    make_young(well)
    ShopCredential.objects.filter(shop=away.shop).delete()
    assert remote.review_marketplace_cases(limit=2) == 1
    assert Case.objects.get(pk=well.pk).state == CaseState.PENDING_REFUND


def test_an_answer_that_was_lost_is_not_given_by_rule_again(take, sandbox):
    case = take(**WANTED)
    make_young(case)
    sandbox.fault("server_error", endpoint="return_approve")
    assert remote.review_marketplace_cases() == 0
    assert SellerAnswer.objects.get(case=case).state == AnswerState.IN_DOUBT
    assert remote.review_marketplace_cases() == 0
    assert SellerAnswer.objects.filter(case=case).count() == 1
