"""What a shop wants of its cases: how long each state may last, what happens then, what is approved by rule."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class TimeoutAction(StrEnum):
    """What happens when a countdown has run out; each state allows three of them."""

    APPROVE = "approve"
    CANCEL = "cancel"
    RECEIVE = "receive"
    ESCALATE = "escalate"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings of one shop, complete. The values here are the product's own, where nobody has set anything.

    Amounts are in the case's currency.
    """

    approval_timeout_hours: int = 72
    approval_timeout_action: TimeoutAction = TimeoutAction.APPROVE
    return_timeout_hours: int = 168
    return_timeout_action: TimeoutAction = TimeoutAction.CANCEL
    receive_timeout_hours: int = 72
    receive_timeout_action: TimeoutAction = TimeoutAction.RECEIVE
    marketplace_timeout_action: TimeoutAction = TimeoutAction.ALERT  # or APPROVE, by a call to the marketplace
    stale_case_hours: int = 72
    calls_marketplace: bool = False  # whether approving and rejecting here is passed on to the marketplace
    reviews_automatically: bool = False
    reviews_marketplace_cases: bool = False
    manual_review_amount: Decimal = Decimal(1000)
    auto_approve_amount: Decimal = Decimal(200)
    fresh_payment_minutes: int = 30
    frequency_limit: int = 5  # earlier cases of the same buyer
    max_days: int = 30  # since the order was made
    change_of_mind_days: int = 10  # since it was received, here and below
    quality_days: int = 15
    damage_days: int = 7
    claims_per_line: int = 3
    refused_categories: tuple[str, ...] = ("digital", "made_to_order", "perishable")


PRODUCT_POLICY = Policy()
