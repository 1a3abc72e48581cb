"""Automatic review: after the commit, only where the shop wants it, and never in the way of the case."""

from datetime import timedelta
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from aftersales.models import Case
from aftersales.services import reviewing
from aftersales.services.reviewing import review_case, review_quietly, verdict_of
from aftersales.states import Action, CaseState, CaseType
from backoffice.common import clock
from tests.factories.cases import act, set_policy
from tests.factories.claims import ask_one, make_claimable, tell_case
from tests.factories.records import make_line
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
UNSHIPPED = {"status": "awaiting_shipment", "shipped_at": None, "delivered_at": None}


@pytest.fixture
def shop():
    shop = make_shop()
    set_policy(shop, reviews_automatically=True)
    return shop


@pytest.fixture
def ask_and_commit(django_capture_on_commit_callbacks):
    def make(order, **changes):
        with django_capture_on_commit_callbacks(execute=True):
            case = ask_one(order, **changes)
            assert case.state == CaseState.PENDING_APPROVAL
        return Case.objects.get(pk=case.pk)

    return make


def test_a_case_that_a_rule_approves_goes_on_by_itself_and_the_log_names_the_rule(shop, ask_and_commit):
    case = ask_and_commit(make_claimable(shop, **UNSHIPPED), type=CaseType.REFUND_ONLY)
    assert case.state == CaseState.PENDING_REFUND
    assert case.refunds.get().amount == Decimal("33.33")
    entry = case.log.get(action="AUTO_APPROVE")
    assert (entry.operator_kind, entry.text) == ("SYSTEM", "The order is not shipped.")
    assert entry.context["rule"] == "not_shipped"
    assert case.audited_by is None


def test_what_no_rule_approves_waits_for_a_person(shop, ask_and_commit):
    assert ask_and_commit(make_claimable(shop)).state == CaseState.PENDING_APPROVAL


def test_nothing_is_reviewed_where_the_shop_did_not_ask_for_it(shop, ask_and_commit):
    set_policy(shop, reviews_automatically=False)
    case = ask_and_commit(make_claimable(shop, **UNSHIPPED), type=CaseType.REFUND_ONLY)
    assert case.state == CaseState.PENDING_APPROVAL
    assert review_case(case.pk) is None


def test_a_review_that_fails_leaves_the_case_to_people_and_says_so_in_the_log(shop, ask_and_commit, monkeypatch):
    def fail(case_id):
        raise ValueError("broken rule")

    monkeypatch.setattr(reviewing, "review_case", fail)
    with capture_logs() as logged:
        case = ask_and_commit(make_claimable(shop, **UNSHIPPED), type=CaseType.REFUND_ONLY)
    assert case.state == CaseState.PENDING_APPROVAL
    assert [(one["event"], one["case_id"]) for one in logged] == [("case_not_reviewed_by_rule", case.pk)]


def test_one_case_that_cannot_be_reviewed_keeps_no_other_from_it(shop):
    case = ask_one(make_claimable(shop, **UNSHIPPED), type=CaseType.REFUND_ONLY)
    review_quietly([0, case.pk])
    assert Case.objects.get(pk=case.pk).state == CaseState.PENDING_REFUND


def test_a_case_that_a_person_has_judged_is_let_be(shop, monkeypatch):
    case = ask_one(make_claimable(shop, **UNSHIPPED), type=CaseType.REFUND_ONLY)
    judge = reviewing.verdict_of
    monkeypatch.setattr(reviewing, "verdict_of", lambda *facts: act(case, Action.REJECT) and judge(*facts))
    assert review_case(case.pk) is None
    assert Case.objects.get(pk=case.pk).state == CaseState.REJECTED
    assert review_case(case.pk) is None


@pytest.mark.parametrize("case_type", [CaseType.EXCHANGE, CaseType.RESEND])
def test_goods_that_go_out_are_judged_by_what_they_are_worth(shop, case_type):
    line = make_line(1, quantity=3, price=Decimal(150), currency="USD")
    order = make_claimable(shop, line, delivered_at=clock.now())
    case = ask_one(order, quantity=2, type=case_type, reason="dont_want")
    assert verdict_of(case).name == "shipped_or_merchants_fault"
    act(case, Action.CANCEL)
    assert verdict_of(ask_one(order, type=case_type, reason="dont_want")).name == "unwanted"


def test_goods_of_unknown_worth_are_never_sent_by_rule(shop):
    order = make_claimable(shop, make_line(1, price=None), delivered_at=clock.now())
    assert verdict_of(ask_one(order, type=CaseType.RESEND, reason="dont_want")).name == "large_amount"


def test_a_request_soon_after_the_payment_is_approved(shop):
    soon = make_claimable(shop, paid_at=clock.now() - timedelta(minutes=20))
    assert verdict_of(ask_one(soon)).name == "fresh_payment"
    later = make_claimable(shop, paid_at=clock.now() - timedelta(minutes=40))
    assert verdict_of(ask_one(later)).name == "shipped_or_merchants_fault"


def test_earlier_cases_of_the_same_buyer_in_the_same_shop_count(shop):
    set_policy(shop, frequency_limit=2)
    facts = {"status": "partially_shipped", "delivered_at": None, "buyer_external_id": "buyer-1"}
    ask_one(make_claimable(make_shop(external_id="other"), **facts), reason="other")
    ask_one(make_claimable(shop, **{**facts, "buyer_external_id": "buyer-2"}), reason="other")
    verdicts = [verdict_of(ask_one(make_claimable(shop, **facts), reason="other")).name for _ in range(3)]
    assert verdicts == ["none", "none", "frequent"]


def test_buyers_without_a_name_are_not_one_buyer(shop):
    set_policy(shop, frequency_limit=1)
    orders = [make_claimable(shop, status="partially_shipped", delivered_at=None) for _ in range(2)]
    assert [verdict_of(ask_one(order, reason="other")).name for order in orders] == ["none", "none"]


def test_a_marketplaces_case_is_judged_and_left_as_it_is(shop):
    case = tell_case(make_claimable(shop, **UNSHIPPED), CaseState.PENDING_APPROVAL)
    rule = review_case(case.pk)
    assert rule is not None
    assert rule.name == "marketplace"
    set_policy(shop, reviews_marketplace_cases=True, calls_marketplace=True)
    rule = review_case(case.pk)
    assert rule is not None
    assert (rule.name, rule.approves) == ("not_shipped", True)
    assert Case.objects.get(pk=case.pk).state == CaseState.PENDING_APPROVAL
    assert case.log.count() == 1


def test_a_marketplaces_case_whose_order_is_not_here_is_never_approved_for_not_being_shipped(shop):
    set_policy(shop, reviews_marketplace_cases=True, calls_marketplace=True)
    case = tell_case(make_claimable(shop, **UNSHIPPED), CaseState.PENDING_APPROVAL)
    Case.objects.filter(pk=case.pk).update(order=None)
    assert verdict_of(Case.objects.get(pk=case.pk)).name == "none"
