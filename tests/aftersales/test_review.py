"""The table of automatic review: each row, and the order of rows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from aftersales.policy import PRODUCT_POLICY
from aftersales.review import NO_RULE, RULES, Facts, decide

NOW = datetime(2026, 8, 1, tzinfo=UTC)
# Of an order that went in part, paid long ago: no rule decides on it.
PLAIN = Facts(
    is_from_marketplace=False,
    amount=Decimal(500),
    is_shipped=None,
    requested_at=NOW,
    paid_at=NOW - timedelta(days=2),
    is_unwanted=False,
    is_merchants_fault=False,
    count_earlier_cases=lambda: 4,
)
# What makes each row apply.
MATCHING: dict[str, dict[str, Any]] = {
    "marketplace": {"is_from_marketplace": True},
    "large_amount": {"amount": Decimal("1000.01")},
    "not_shipped": {"is_shipped": False},
    "fresh_payment": {"paid_at": NOW - timedelta(minutes=30)},
    "unwanted": {"is_unwanted": True, "amount": Decimal(200)},
    "shipped_or_merchants_fault": {"is_merchants_fault": True},
    "frequent": {"count_earlier_cases": lambda: 5},
}
APPROVING = {"not_shipped", "fresh_payment", "unwanted"}


def name_of(**changes):
    return decide(replace(PLAIN, **changes), PRODUCT_POLICY).name


def test_what_no_rule_decides_waits_for_a_person():
    assert decide(PLAIN, PRODUCT_POLICY) is NO_RULE
    assert not NO_RULE.approves


@pytest.mark.parametrize("name", MATCHING)
def test_each_row_decides_where_it_alone_applies(name):
    rule = decide(replace(PLAIN, **MATCHING[name]), PRODUCT_POLICY)
    assert rule.name == name
    assert rule.approves == (name in APPROVING)


def test_the_rows_stand_in_the_order_of_the_specification():
    assert [rule.name for rule in RULES] == list(MATCHING)


@pytest.mark.parametrize(("earlier", "later"), list(pairwise(MATCHING)))
def test_of_two_rows_that_apply_the_earlier_one_decides(earlier, later):
    assert name_of(**{**MATCHING[later], **MATCHING[earlier]}) == earlier


def test_defect_14_a_merchants_fault_is_decided_on_by_its_own_row():
    assert name_of(is_merchants_fault=True) == "shipped_or_merchants_fault"
    assert name_of(is_merchants_fault=True, is_shipped=True) == "shipped_or_merchants_fault"
    assert name_of(is_shipped=True) == "shipped_or_merchants_fault"


def test_just_beyond_each_limit_the_row_does_not_apply():
    assert name_of(amount=Decimal(1000)) == "none"
    assert name_of(paid_at=NOW - timedelta(minutes=30, seconds=1)) == "none"
    assert name_of(paid_at=None) == "none"
    assert name_of(paid_at=NOW + timedelta(minutes=31)) == "none"
    assert name_of(is_unwanted=True, amount=Decimal("200.01")) == "none"


def test_an_amount_that_is_not_known_is_never_approved():
    assert name_of(amount=None, is_shipped=False, is_unwanted=True) == "large_amount"


def test_a_marketplaces_case_is_judged_where_the_shop_allows_both_rules_and_calls():
    facts = replace(PLAIN, is_from_marketplace=True, is_shipped=False)
    assert decide(facts, replace(PRODUCT_POLICY, reviews_marketplace_cases=True)).name == "marketplace"
    assert decide(facts, replace(PRODUCT_POLICY, calls_marketplace=True)).name == "marketplace"
    both = replace(PRODUCT_POLICY, reviews_marketplace_cases=True, calls_marketplace=True)
    assert decide(facts, both).name == "not_shipped"


def test_limits_are_the_shops():
    policy = replace(PRODUCT_POLICY, manual_review_amount=Decimal(100), fresh_payment_minutes=5, frequency_limit=4)
    assert decide(PLAIN, policy).name == "large_amount"
    assert decide(replace(PLAIN, amount=Decimal(100)), policy).name == "frequent"


def test_earlier_cases_are_counted_only_when_their_row_is_reached():
    def count() -> int:
        raise AssertionError

    assert name_of(is_shipped=False, count_earlier_cases=count) == "not_shipped"
