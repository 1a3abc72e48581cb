"""What TikTok Shop's words for returns and cancellations mean: as a request, for the money, and for the goods.

Source: TikTok Shop Partner Center, "Return overview" and the search of returns. The overview calls some states
otherwise than the search does; both are here.
"""

from collections.abc import Mapping
from decimal import Decimal

from shops.marketplaces.records import Custody, MoneyState, ReturnKind, ReturnStatus

KINDS: Mapping[str, ReturnKind] = {
    "REFUND": ReturnKind.REFUND,
    "RETURN_AND_REFUND": ReturnKind.RETURN_REFUND,
    "REPLACEMENT": ReturnKind.EXCHANGE,
    "EXCHANGE": ReturnKind.EXCHANGE,
}
RETURN_STATUSES: Mapping[str, ReturnStatus] = {
    "RETURN_OR_REFUND_REQUEST_PENDING": ReturnStatus.REQUESTED,
    "AWAITING_BUYER_RESPONSE": ReturnStatus.REQUESTED,  # the seller offered a part, and the buyer has to say
    "REFUND_OR_RETURN_REQUEST_REJECT": ReturnStatus.REJECTED,
    "REQUEST_REJECTED": ReturnStatus.REJECTED,
    "AWAITING_BUYER_SHIP": ReturnStatus.APPROVED,
    "BUYER_SHIPPED_ITEM": ReturnStatus.APPROVED,
    "REJECT_RECEIVE_PACKAGE": ReturnStatus.REJECTED,
    "RECEIVE_REJECTED": ReturnStatus.REJECTED,
    "RETURN_OR_REFUND_REQUEST_SUCCESS": ReturnStatus.APPROVED,
    "REQUEST_SUCCESS": ReturnStatus.APPROVED,
    "RETURN_OR_REFUND_REQUEST_CANCEL": ReturnStatus.WITHDRAWN,
    "RETURN_OR_REFUND_CANCEL": ReturnStatus.WITHDRAWN,
    "RETURN_OR_REFUND_REQUEST_COMPLETE": ReturnStatus.COMPLETED,
    "REPLACEMENT_REQUEST_PENDING": ReturnStatus.REQUESTED,
    "REPLACEMENT_REQUEST_REJECT": ReturnStatus.REJECTED,
    "REPLACEMENT_REQUEST_REFUND_SUCCESS": ReturnStatus.APPROVED,  # money in place of the other piece
    "REPLACEMENT_REQUEST_CANCEL": ReturnStatus.WITHDRAWN,
    "REPLACEMENT_REQUEST_COMPLETE": ReturnStatus.COMPLETED,
    "EXCHANGE_REQUEST_PENDING": ReturnStatus.REQUESTED,
    "EXCHANGE_REQUEST_REFUND_SUCCESS": ReturnStatus.APPROVED,
    "EXCHANGE_REQUEST_CANCEL": ReturnStatus.WITHDRAWN,
    "EXCHANGE_REQUEST_COMPLETE": ReturnStatus.COMPLETED,
}
CANCELLATION_STATUSES: Mapping[str, ReturnStatus] = {
    "CANCELLATION_REQUEST_PENDING": ReturnStatus.REQUESTED,
    "CANCELLATION_REQUEST_SUCCESS": ReturnStatus.APPROVED,
    "CANCELLATION_REQUEST_CANCEL": ReturnStatus.WITHDRAWN,  # also what became of one that the seller rejected
    "CANCELLATION_REQUEST_CANCELLED": ReturnStatus.WITHDRAWN,
    "CANCELLATION_REQUEST_COMPLETE": ReturnStatus.COMPLETED,
}
ROLES: Mapping[str, str] = {"BUYER": "buyer", "SELLER": "seller", "SYSTEM": "system", "OPERATOR": "marketplace"}

_MONEY: Mapping[ReturnStatus, MoneyState] = {
    ReturnStatus.REQUESTED: MoneyState.PENDING,
    ReturnStatus.APPROVED: MoneyState.PENDING,
    ReturnStatus.DISPUTED: MoneyState.PENDING,
    ReturnStatus.REJECTED: MoneyState.REFUSED,
    ReturnStatus.WITHDRAWN: MoneyState.NONE,
    ReturnStatus.COMPLETED: MoneyState.REFUNDED,
    ReturnStatus.UNKNOWN: MoneyState.UNKNOWN,
}
_MONEY_WHEN_COMPLETED: Mapping[ReturnKind, MoneyState] = {
    ReturnKind.EXCHANGE: MoneyState.NONE,  # another piece came instead
    ReturnKind.UNKNOWN: MoneyState.UNKNOWN,
}
# Where the goods are while a return with goods, or an exchange, is in a state.
_GOODS: Mapping[str, Custody] = {
    "RETURN_OR_REFUND_REQUEST_PENDING": Custody.BUYER,
    "REPLACEMENT_REQUEST_PENDING": Custody.BUYER,
    "EXCHANGE_REQUEST_PENDING": Custody.BUYER,
    "AWAITING_BUYER_RESPONSE": Custody.BUYER,
    "AWAITING_BUYER_SHIP": Custody.BUYER,
    "BUYER_SHIPPED_ITEM": Custody.ON_THE_WAY,
    "REJECT_RECEIVE_PACKAGE": Custody.SELLER,
    "RECEIVE_REJECTED": Custody.SELLER,
}
_REJECTED_PARCEL = frozenset({"REJECT_RECEIVE_PACKAGE", "RECEIVE_REJECTED"})
_GONE_THROUGH = frozenset(
    {"RETURN_OR_REFUND_REQUEST_SUCCESS", "REQUEST_SUCCESS", "RETURN_OR_REFUND_REQUEST_COMPLETE"}
    | {"REPLACEMENT_REQUEST_COMPLETE", "EXCHANGE_REQUEST_COMPLETE"}
)


def money_state_of(kind: ReturnKind, status: ReturnStatus, raw_status: str, amount: Decimal | None) -> MoneyState:
    """Say what became of the money. A request whose amount is not told says nothing about money."""
    if status == ReturnStatus.WITHDRAWN or amount == 0:
        return MoneyState.NONE
    if amount is None:
        return MoneyState.UNKNOWN
    if raw_status in _REJECTED_PARCEL:
        return MoneyState.PENDING  # the marketplace has yet to say who is right
    if status == ReturnStatus.COMPLETED:
        return _MONEY_WHEN_COMPLETED.get(kind, MoneyState.REFUNDED)
    return _MONEY[status]


def custody_of(kind: ReturnKind, raw_status: str, *, is_sent_back: bool, is_kept: bool | None) -> Custody:
    """Say who has the goods; unknown where the words allow for more than one place.

    `is_sent_back` says that the return has a parcel number, `is_kept` whether the money may come without the goods.
    """
    if kind == ReturnKind.CANCEL:
        return Custody.NOT_SENT
    if kind == ReturnKind.REFUND and is_kept:
        return Custody.BUYER
    if kind not in (ReturnKind.RETURN_REFUND, ReturnKind.EXCHANGE):
        return Custody.UNKNOWN
    if raw_status in _GONE_THROUGH and is_sent_back and is_kept is False:
        return Custody.SELLER
    return _GOODS.get(raw_status, Custody.UNKNOWN)
