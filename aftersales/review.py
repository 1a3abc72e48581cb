"""The rules of automatic review, in order: the first that applies decides, and what none decides waits for a person.

Pure: whoever reviews a case gathers the facts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from aftersales.policy import Policy


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at. `amount` is what is at stake; None where it is not known.

    `is_shipped` is None where goods went in part, or nobody knows. Earlier cases are counted when a rule asks.
    """

    is_from_marketplace: bool
    amount: Decimal | None
    is_shipped: bool | None
    requested_at: datetime
    paid_at: datetime | None
    is_unwanted: bool
    is_merchants_fault: bool
    count_earlier_cases: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: whether it approves, and the sentence for the log."""

    name: str
    approves: bool
    sentence: str
    applies: Callable[[Facts, Policy], bool]


def _is_another_ones(facts: Facts, policy: Policy) -> bool:
    return facts.is_from_marketplace and not (policy.reviews_marketplace_cases and policy.calls_marketplace)


def _is_large(facts: Facts, policy: Policy) -> bool:
    return facts.amount is None or facts.amount > policy.manual_review_amount


def _is_freshly_paid(facts: Facts, policy: Policy) -> bool:
    """Clocks differ a little; a payment told to lie far ahead says nothing."""
    if facts.paid_at is None:
        return False
    return abs(facts.requested_at - facts.paid_at) <= timedelta(minutes=policy.fresh_payment_minutes)


def _is_small_and_unwanted(facts: Facts, policy: Policy) -> bool:
    return facts.is_unwanted and facts.amount is not None and facts.amount <= policy.auto_approve_amount


def _comes_often(facts: Facts, policy: Policy) -> bool:
    return facts.count_earlier_cases() >= policy.frequency_limit


RULES: tuple[Rule, ...] = (
    Rule("marketplace", False, "The marketplace decides on it.", _is_another_ones),
    Rule("large_amount", False, "The amount is large, or not known.", _is_large),
    Rule("not_shipped", True, "The order is not shipped.", lambda facts, _: facts.is_shipped is False),
    Rule("fresh_payment", True, "It was asked for soon after the payment.", _is_freshly_paid),
    Rule("unwanted", True, "It is not wanted any more, and the amount is small.", _is_small_and_unwanted),
    Rule(
        "shipped_or_merchants_fault",
        False,
        "The order is shipped, or the fault may be ours.",
        lambda facts, _: facts.is_shipped is True or facts.is_merchants_fault,
    ),
    Rule("frequent", False, "The buyer has asked often.", _comes_often),
)
NO_RULE = Rule("none", False, "No rule decides on it.", lambda facts, policy: True)


def decide(facts: Facts, policy: Policy) -> Rule:
    """Return the rule that decides on a request."""
    return next((rule for rule in RULES if rule.applies(facts, policy)), NO_RULE)
