"""What marketplaces' words mean for a case: its state, its type, its reason, and whose turn it is. Pure tables.

A word that is in no table stays unknown: it is kept as it came, shown, counted, and never guessed. A state made here is
for lists and filters; the marketplace's own word stands beside it.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from aftersales.states import CaseState, CaseType
from shops.marketplaces.records import Custody, MoneyState, ReturnKind, ReturnStatus

S = CaseState
UNKNOWN_REASON = "unknown"
_SENT_BACK = frozenset({Custody.ON_THE_WAY.value, Custody.SELLER.value, Custody.WAREHOUSE.value})
_ARRIVED = frozenset({Custody.SELLER.value, Custody.WAREHOUSE.value})
# Nothing is to be paid any more: it was paid, or there was nothing to pay.
_SETTLED = frozenset({MoneyState.REFUNDED.value, MoneyState.NONE.value})

# The overview page and the search call some states otherwise; cancellations have words of their own.
_TIKTOK: Mapping[str, CaseState] = {
    "RETURN_OR_REFUND_REQUEST_PENDING": S.PENDING_APPROVAL,
    "REPLACEMENT_REQUEST_PENDING": S.PENDING_APPROVAL,
    "EXCHANGE_REQUEST_PENDING": S.PENDING_APPROVAL,
    "CANCELLATION_REQUEST_PENDING": S.PENDING_APPROVAL,
    "REFUND_OR_RETURN_REQUEST_REJECT": S.REJECTED,
    "REQUEST_REJECTED": S.REJECTED,
    "REPLACEMENT_REQUEST_REJECT": S.REJECTED,
    "AWAITING_BUYER_RESPONSE": S.PENDING_MODIFICATION,
    "AWAITING_BUYER_SHIP": S.PENDING_RETURN,
    "BUYER_SHIPPED_ITEM": S.PENDING_RECEIVE,
    "REJECT_RECEIVE_PACKAGE": S.CS_INTERVENTION,
    "RECEIVE_REJECTED": S.CS_INTERVENTION,
    # Granted, but not paid yet; see _GRANTED.
    "RETURN_OR_REFUND_REQUEST_SUCCESS": S.PENDING_REFUND,
    "REQUEST_SUCCESS": S.PENDING_REFUND,
    "REPLACEMENT_REQUEST_REFUND_SUCCESS": S.PENDING_REFUND,
    "EXCHANGE_REQUEST_REFUND_SUCCESS": S.PENDING_REFUND,
    "CANCELLATION_REQUEST_SUCCESS": S.PENDING_REFUND,
    "RETURN_OR_REFUND_REQUEST_COMPLETE": S.COMPLETED,
    "REPLACEMENT_REQUEST_COMPLETE": S.COMPLETED,
    "EXCHANGE_REQUEST_COMPLETE": S.COMPLETED,
    "CANCELLATION_REQUEST_COMPLETE": S.COMPLETED,
    "RETURN_OR_REFUND_REQUEST_CANCEL": S.CANCELLED,
    "RETURN_OR_REFUND_CANCEL": S.CANCELLED,
    "REPLACEMENT_REQUEST_CANCEL": S.CANCELLED,
    "EXCHANGE_REQUEST_CANCEL": S.CANCELLED,
    "CANCELLATION_REQUEST_CANCEL": S.CANCELLED,
    "CANCELLATION_REQUEST_CANCELLED": S.CANCELLED,
}
_GRANTED = frozenset(word for word, state in _TIKTOK.items() if state == S.PENDING_REFUND)
_SHOPEE: Mapping[str, CaseState] = {
    "REQUESTED": S.PENDING_APPROVAL,
    "PROCESSING": S.PENDING_RETURN,  # or PENDING_RECEIVE, once the goods are on their way
    "JUDGING": S.CS_INTERVENTION,
    "SELLER_DISPUTE": S.CS_INTERVENTION,
    "ACCEPTED": S.PENDING_REFUND,
    "REFUND_PAID": S.COMPLETED,
    "CANCELLED": S.CANCELLED,
    "CLOSED": S.CANCELLED,
}
# Words of the call that lists reverse orders, then those of pushes, which are others.
_LAZADA: Mapping[str, CaseState] = {
    "REQUEST_INITIATE": S.PENDING_APPROVAL,
    "REQUEST_REJECT": S.REJECTED,
    "REQUEST_CANCEL": S.CANCELLED,
    "REFUND_AUTHORIZED": S.PENDING_REFUND,  # unless goods have to come back first; see _of_lazada
    "REFUND_REJECT": S.REJECTED,
    "REFUND_SUCCESS": S.COMPLETED,
    "REQUEST_COMPLETE": S.COMPLETED,
    "CANCEL_SUCCESS": S.COMPLETED,
    "CANCEL_INIT": S.PENDING_APPROVAL,
    "CANCEL_REFUND_ISSUED": S.COMPLETED,
    "RTM_INIT": S.PENDING_RETURN,
    "RTM_SHIPPING_BACK": S.PENDING_RECEIVE,
    "RTM_RECEIVE_ITEM": S.PENDING_REFUND,
    "RTM_CANCELED": S.CANCELLED,
    # The same way back, to a warehouse of Lazada's.
    "RTW_INIT": S.PENDING_RETURN,
    "RTW_SHIPPING_BACK": S.PENDING_RECEIVE,
    "RTW_REFUND_PENDING": S.PENDING_REFUND,
    "RTW_REJECT": S.REJECTED,
    "RTW_CANCELED": S.CANCELLED,
    "REFUND_INIT": S.PENDING_APPROVAL,
    "REFUND_PENDING": S.PENDING_REFUND,
    "REFUND_REJECTED": S.REJECTED,
}
_LAZADA_TO_BE_SENT = "RETURN_PENDING"  # the word of the way back before anything was sent [?]
# A reverse order's lines may differ: what is open counts before what has ended, what succeeded before what did not.
_LAZADA_STEPS = (
    S.PENDING_APPROVAL, S.PENDING_RETURN, S.PENDING_RECEIVE, S.PENDING_REFUND, S.COMPLETED, S.REJECTED, S.CANCELLED,
)  # fmt: skip
# By status, not by the groups of the list's filter: these put a status into two groups, and into "pending" all that
# waits for the seller, whether he has approved it or not. Approving pays the whole sum, so it is offered for 1 and 10.
_TEMU: Mapping[str, CaseState] = {
    "1": S.PENDING_APPROVAL,
    "2": S.PENDING_RECEIVE,
    "3": S.PENDING_RECEIVE,  # the parcel is there, and the seller has to look at the goods
    "4": S.PENDING_REFUND,
    "5": S.COMPLETED,
    "6": S.CANCELLED,
    "7": S.REJECTED,
    "8": S.PENDING_RETURN,  # approved; the buyer waits for the seller's label
    "9": S.PENDING_REFUND,
    "10": S.PENDING_APPROVAL,
    "11": S.CS_INTERVENTION,
}
STATES: Mapping[str, Mapping[str, CaseState]] = {
    "tiktok": _TIKTOK, "shopee": _SHOPEE, "lazada": _LAZADA, "temu": _TEMU,
}  # fmt: skip

_TYPES: Mapping[str, CaseType] = {
    ReturnKind.REFUND.value: CaseType.REFUND_ONLY,
    ReturnKind.RETURN_REFUND.value: CaseType.RETURN_REFUND,
    ReturnKind.EXCHANGE.value: CaseType.EXCHANGE,
}
# TikTok's codes begin with where in an order's life they are given: the part after this says why.
_TIKTOK_WHY = "_reason_"
_REASONS: Mapping[str, Mapping[str, str]] = {
    "tiktok": {
        "damaged": "damaged",
        "wrong_product": "wrong_product",
        "missing_product": "missing_item",
        "not_received": "not_received",
        "late": "delivery_timeout",
        "out_of_stock": "out_of_stock",
        "no_longer_needed": "dont_want",
        "created_by_mistakes": "dont_want",
        "high_delivery_costs": "price_issue",
    },
    # Left unknown: what says two things at once (ITEM_WRONGDAMAGED) or nothing of what is wrong (SUSPICIOUS_PARCEL).
    "shopee": {
        "NOT_RECEIPT": "not_received",
        "WRONG_ITEM": "wrong_product",
        "ITEM_DAMAGED": "damaged",
        "PHYSICAL_DMG": "damaged",
        "BROKEN_PRODUCTS": "damaged",
        "SPILLED_CONTENTS": "damaged",
        "DAMAGED_OTHERS": "damaged",
        "SLIGHT_SCRATCH_DENTS": "damaged",
        "OUTER_DAMAGED_PACKAGE": "damaged",
        "FUNCTIONAL_DMG": "quality_issue",
        "EXPIRED_PRODUCT": "quality_issue",
        "DIFFERENT_DESCRIPTION": "not_as_described",
        "EXPECTATION_FAILED": "not_as_described",
        "ITEM_MISSING": "missing_item",
        "ITEM_FAKE": "fake",
        "CHANGE_MIND": "dont_want",
        "ITEM_NOT_FIT": "dont_want",
        "MUTUAL_AGREE": "other",
        "OTHER": "other",
    },
    # Numbers, of which no list is published: the ones that were seen with their text.
    "lazada": {"10000001": "dont_want"},
    "temu": {"34": "dont_want"},
}


class Told(Protocol):
    """What a marketplace says of a return, as far as it decides the state of its case."""

    @property
    def status(self) -> str:
        """The request, in our word."""
        ...

    @property
    def raw_status(self) -> str:
        """The request, in the marketplace's word, or words."""
        ...

    @property
    def kind(self) -> str:
        """What is asked for."""
        ...

    @property
    def custody(self) -> str:
        """Who has the goods."""
        ...

    @property
    def money_state(self) -> str:
        """What became of the money."""
        ...

    @property
    def raw_logistics_status(self) -> str:
        """The way back, in the marketplace's word, or words."""
        ...


def tell_state(marketplace: str, told: Told) -> CaseState:
    """Return the state of the case. A dispute that is told beside the word of the request goes before it."""
    if told.status == ReturnStatus.DISPUTED:
        return S.CS_INTERVENTION
    if marketplace == "lazada":
        return _of_lazada(told)
    state = STATES.get(marketplace, {}).get(told.raw_status, S.UNKNOWN)
    if marketplace == "shopee" and state == S.PENDING_RETURN and told.custody in _SENT_BACK:
        return S.PENDING_RECEIVE
    if marketplace == "tiktok" and told.raw_status in _GRANTED and told.money_state in _SETTLED:
        return S.COMPLETED
    return state


def _of_lazada(told: Told) -> CaseState:
    found = {_LAZADA.get(word, S.UNKNOWN) for word in told.raw_status.split(",")}
    if S.UNKNOWN in found:
        return S.UNKNOWN
    state = min(found, key=_LAZADA_STEPS.index)
    # The call has one word for a granted return from then to the payment: where the goods are tells how far it is.
    if state == S.PENDING_REFUND and told.kind == ReturnKind.RETURN_REFUND and "REFUND_AUTHORIZED" in told.raw_status:
        if told.custody == Custody.ON_THE_WAY:
            return S.PENDING_RECEIVE
        if told.custody not in _ARRIVED and _LAZADA_TO_BE_SENT in told.raw_logistics_status.split(","):
            return S.PENDING_RETURN
    return state


def tell_type(kind: str, refund_amount: Decimal | None) -> CaseType:
    """Return the type. A cancellation that gives money back is a refund of an order that was paid and not shipped.

    The amount tells which, not what became of the money: that changes while the case goes on.
    """
    if kind == ReturnKind.CANCEL:
        return CaseType.REFUND_ONLY if refund_amount else CaseType.CANCEL
    return _TYPES.get(kind, CaseType.UNKNOWN)


def tell_reason(marketplace: str, code: str) -> str:
    """Return our reason for a marketplace's code, or unknown."""
    word = code.rpartition(_TIKTOK_WHY)[2] if marketplace == "tiktok" else code
    return _REASONS.get(marketplace, {}).get(word, UNKNOWN_REASON)


_SELLERS_TURN = frozenset({S.PENDING_APPROVAL, S.PENDING_RECEIVE, S.PENDING_EXCHANGE})


def awaits_seller(marketplace: str, state: str, custody: str = "") -> bool:
    """Whether the seller has to act now. `custody` is a synced return's; empty for a case that was made here.

    Shopee sets a deadline while the parcel is still travelling: before it has arrived there is nothing to answer.
    """
    is_travelling = marketplace == "shopee" and custody == Custody.ON_THE_WAY
    return state in _SELLERS_TURN and not is_travelling
