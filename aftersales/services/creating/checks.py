"""What a request for cases must satisfy. Each check raises Unacceptable with a sentence for whoever asked."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from aftersales.amounts import has_own_digits
from aftersales.choices import BUYER_FAULT, CaseTypeLabel, Reason
from aftersales.models import DESCRIPTION_LENGTH, Case
from aftersales.policy import Policy
from aftersales.services.asking import Unacceptable
from aftersales.services.creating.asked import CaseRequest, LineRequest
from aftersales.services.creating.standing import Standing
from aftersales.services.evidence import check_images
from aftersales.states import WITH_MONEY, CaseType
from backoffice.common.money import format_money
from backoffice.common.plurals import say_count
from orders.choices import OrderStatus
from orders.models import OrderLine

LINES_AT_MOST = 200
NUMBER_LENGTH = 64
_PAID = frozenset({CaseType.REFUND_ONLY})
_SHIPPED = frozenset({CaseType.RETURN_REFUND, CaseType.EXCHANGE})
TYPES: Mapping[str, frozenset[CaseType]] = {
    OrderStatus.UNPAID: frozenset({CaseType.CANCEL}),
    OrderStatus.ON_HOLD: _PAID,
    OrderStatus.AWAITING_SHIPMENT: _PAID,
    OrderStatus.AWAITING_COLLECTION: _PAID,
    OrderStatus.PARTIALLY_SHIPPED: _PAID | _SHIPPED,  # which lines went is not known for sure: a person looks
    OrderStatus.IN_TRANSIT: _SHIPPED,
    OrderStatus.DELIVERED: _PAID | _SHIPPED | {CaseType.RESEND},
    OrderStatus.COMPLETED: _PAID | _SHIPPED | {CaseType.RESEND},
}
_FOR_ORDERS: Mapping[CaseType, str] = {
    CaseType.CANCEL: "not paid yet",
    CaseType.REFUND_ONLY: "paid and not shipped, or received",
    CaseType.RETURN_REFUND: "shipped or received",
    CaseType.EXCHANGE: "shipped or received",
    CaseType.RESEND: "received",
}
_QUALITY = frozenset({Reason.QUALITY_ISSUE, Reason.NOT_AS_DESCRIBED, Reason.WRONG_PRODUCT, Reason.FAKE})


def check_request(asked: CaseRequest) -> None:
    """Refuse a request that is wrong in itself, whatever its lines."""
    if asked.type not in _FOR_ORDERS:
        raise Unacceptable("type", f"“{asked.type}” is not a type that can be chosen.")
    if asked.reason not in Reason.values or asked.reason == Reason.UNKNOWN:
        known = ", ".join(value for value in Reason.values if value != Reason.UNKNOWN)
        raise Unacceptable("reason", f"“{asked.reason[:50]}” is not a reason. Known: {known}.")
    if len(asked.description) > DESCRIPTION_LENGTH:
        raise Unacceptable(
            "description", f"At most {DESCRIPTION_LENGTH} characters; these are {len(asked.description):,}."
        )
    if not 1 <= len(asked.lines) <= LINES_AT_MOST:
        raise Unacceptable("lines", f"Between 1 and {LINES_AT_MOST} lines; these are {len(asked.lines):,}.")
    check_images(asked.images)
    _check_number(asked)


def check_free(asked: CaseRequest, standing: Standing) -> None:
    """Refuse another currency than the order's, and a case number that the shop has already."""
    currency = standing.order.currency
    if asked.currency and currency and asked.currency != currency:
        raise Unacceptable("currency", f"The order is in {currency}, not in {asked.currency}.")
    if asked.number and Case.objects.filter(shop=standing.order.shop_id, number=asked.number).exists():
        raise Unacceptable("number", f"The shop has a case {asked.number} already.")


def check_line(asked: CaseRequest, line: OrderLine, wanted: LineRequest, standing: Standing) -> Decimal:
    """Refuse a line that cannot be claimed so; return the amount that is asked for."""
    check_claimable(line, asked.type, standing)
    check_window(asked.reason, standing.order.delivered_at, standing.at, standing.policy)
    left = standing.left_of(line)
    if not 1 <= wanted.quantity <= left:
        raise Unacceptable("quantity", f"Between 1 and {left}: that many of {line.quantity} are left to claim.")
    currency = standing.currency_of(line)
    if asked.currency and asked.currency != currency:
        raise Unacceptable("currency", f"The line is in {currency or 'no known currency'}, not in {asked.currency}.")
    return _settle_amount(asked.type, wanted, standing.refundable_for(line, wanted.quantity), currency)


def check_claimable(line: OrderLine, case_type: CaseType, standing: Standing) -> None:
    """Refuse a line of which no case of this type can be made now, whatever the quantity."""
    _check_order(case_type, standing)
    _check_goods(line, case_type, standing)
    claimed = standing.claimed_of(line)
    if claimed.active_count or standing.is_claimed_whole:
        raise Unacceptable("order_line_external_id", "Another case of this order line is open.")
    if claimed.case_count >= standing.policy.claims_per_line:
        raise Unacceptable(
            "order_line_external_id", f"This order line had {say_count(claimed.case_count, 'case')}, as many as it may."
        )
    if not standing.left_of(line):
        raise Unacceptable("quantity", f"All of this order line is claimed: {say_count(line.quantity, 'piece')}.")


def _check_order(case_type: CaseType, standing: Standing) -> None:
    order, policy = standing.order, standing.policy
    if case_type not in TYPES.get(order.status, frozenset()):
        title, status = CaseTypeLabel(case_type.value).label, order.get_status_display()
        raise Unacceptable("type", f"“{title}” is for orders that are {_FOR_ORDERS[case_type]}; this is “{status}”.")
    made_at = order.source_created_at or order.paid_at  # where neither was told, its age says nothing
    if made_at is not None and standing.at - made_at > timedelta(days=policy.max_days):
        raise Unacceptable("order", f"The order is older than {say_count(policy.max_days, 'day')}.")


def _check_goods(line: OrderLine, case_type: CaseType, standing: Standing) -> None:
    category = standing.categories.get(line.product_external_id, "")
    if line.is_gift:
        raise Unacceptable("order_line_external_id", "This order line is a gift: nothing was paid for it.")
    if category and category in standing.policy.refused_categories:
        raise Unacceptable("order_line_external_id", f"Goods of the category “{category}” are not taken back.")
    if case_type == CaseType.EXCHANGE and line.external_id in standing.exchanged:
        raise Unacceptable("type", "This order line was exchanged already; that is possible once.")
    if case_type in WITH_MONEY and standing.paid_for(line) is None:
        raise Unacceptable("amount", "What was paid for this order line is not known.")


def check_window(reason: str, received_at: datetime | None, asked_at: datetime, policy: Policy) -> None:
    """Refuse a reason that came too long after the goods; how long that is depends on the reason."""
    days = _days_for(reason, policy)
    if received_at is not None and days is not None and asked_at - received_at > timedelta(days=days):
        title, span = Reason(reason).label, say_count(days, "day")
        raise Unacceptable("reason", f"“{title}” is possible for {span} after receipt.")


def _days_for(reason: str, policy: Policy) -> int | None:
    if reason in BUYER_FAULT:
        return policy.change_of_mind_days
    if reason == Reason.DAMAGED:
        return policy.damage_days
    return policy.quality_days if reason in _QUALITY else None


def _settle_amount(case_type: CaseType, wanted: LineRequest, most: Decimal | None, currency: str) -> Decimal:
    if case_type not in WITH_MONEY:
        if wanted.amount:
            raise Unacceptable("amount", f"“{CaseTypeLabel(case_type.value).label}” asks for no money.")
        return Decimal(0)
    if most is None:
        raise Unacceptable("amount", "What was paid for this order line is not known.")
    if wanted.amount is None:
        return most
    if not has_own_digits(wanted.amount, currency):
        raise Unacceptable("amount", f"{str(wanted.amount)[:50]} is not an amount of {currency}.")
    if not 0 <= wanted.amount <= most:
        raise Unacceptable(
            "amount", f"Between 0 and {format_money(most, currency)}: so much may be asked for {wanted.quantity}."
        )
    return wanted.amount


def _check_number(asked: CaseRequest) -> None:
    if not asked.number:
        return
    if len(asked.lines) > 1:
        raise Unacceptable("number", "A case number is for one line, as each line becomes a case of its own.")
    if len(asked.number) > NUMBER_LENGTH or not asked.number.isprintable() or asked.number != asked.number.strip():
        raise Unacceptable("number", f"At most {NUMBER_LENGTH} visible characters.")
