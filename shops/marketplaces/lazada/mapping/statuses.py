"""Lazada's words for states, each in one table, and the rules that make one state out of the lines'.

An order, a parcel and a reverse order have no status of their own: their lines have. Words marked [?] are reported by
a single source. A word that is in no table makes the whole UNKNOWN: what is not known is not guessed at.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from shops.marketplaces.records import (
    MoneyState,
    OrderStatus,
    ProductStatus,
    ReturnKind,
    ReturnStatus,
    ShipmentStatus,
)

StateT = TypeVar("StateT")

LINE_STATUSES: Mapping[str, OrderStatus] = {
    "unpaid": OrderStatus.UNPAID,
    "pending": OrderStatus.AWAITING_SHIPMENT,
    "topack": OrderStatus.AWAITING_SHIPMENT,
    "packed": OrderStatus.AWAITING_SHIPMENT,
    "repacked": OrderStatus.AWAITING_SHIPMENT,  # [?]
    "ready_to_ship_pending": OrderStatus.AWAITING_SHIPMENT,  # [?]
    "toship": OrderStatus.AWAITING_COLLECTION,
    "ready_to_ship": OrderStatus.AWAITING_COLLECTION,
    "shipping": OrderStatus.IN_TRANSIT,
    "shipped": OrderStatus.IN_TRANSIT,
    # A delivery that did not succeed: the parcel is still with the carrier, or on its way back.
    "failed": OrderStatus.IN_TRANSIT,
    "failed_delivery": OrderStatus.IN_TRANSIT,
    "shipped_back": OrderStatus.IN_TRANSIT,
    "shipped_back_failed": OrderStatus.IN_TRANSIT,
    "delivered": OrderStatus.DELIVERED,
    "confirmed": OrderStatus.COMPLETED,  # [?] the buyer confirmed the receipt
    "returned": OrderStatus.COMPLETED,  # after delivery; the return itself is a record of its own
    "canceled": OrderStatus.CANCELLED,
    # Ended without a delivery.
    "shipped_back_success": OrderStatus.CANCELLED,
    "lost": OrderStatus.CANCELLED,
    "lost_by_3pl": OrderStatus.CANCELLED,
    "damaged_by_3pl": OrderStatus.CANCELLED,
    "package_scrapped": OrderStatus.CANCELLED,
}
# What the search takes for a status of ours: the words that the vendor's list of filter values has, without those
# that stand for a group of others.
SEARCHABLE: Mapping[OrderStatus, tuple[str, ...]] = {
    OrderStatus.UNPAID: ("unpaid",),
    OrderStatus.AWAITING_SHIPMENT: ("pending", "packed"),
    OrderStatus.AWAITING_COLLECTION: ("ready_to_ship",),
    OrderStatus.IN_TRANSIT: ("shipped", "failed_delivery", "shipped_back", "shipped_back_failed"),
    OrderStatus.DELIVERED: ("delivered",),
    OrderStatus.COMPLETED: ("returned",),
    OrderStatus.CANCELLED: ("canceled", "shipped_back_success", "lost_by_3pl", "damaged_by_3pl", "package_scrapped"),
}
_ORDER_STEPS = (
    OrderStatus.UNPAID,
    OrderStatus.AWAITING_SHIPMENT,
    OrderStatus.AWAITING_COLLECTION,
    OrderStatus.IN_TRANSIT,
    OrderStatus.DELIVERED,
    OrderStatus.COMPLETED,
)
_ON_THE_WAY_AT = _ORDER_STEPS.index(OrderStatus.IN_TRANSIT)

PARCEL_STATUSES: Mapping[str, ShipmentStatus] = {
    "pending": ShipmentStatus.PENDING,
    "topack": ShipmentStatus.PENDING,
    "packed": ShipmentStatus.PENDING,
    "repacked": ShipmentStatus.PENDING,
    "ready_to_ship_pending": ShipmentStatus.PENDING,
    "toship": ShipmentStatus.AWAITING_COLLECTION,
    "ready_to_ship": ShipmentStatus.AWAITING_COLLECTION,
    "shipping": ShipmentStatus.IN_TRANSIT,
    "shipped": ShipmentStatus.IN_TRANSIT,
    "delivered": ShipmentStatus.DELIVERED,
    "confirmed": ShipmentStatus.DELIVERED,
    "returned": ShipmentStatus.DELIVERED,  # the buyer sends the goods back in another parcel
    "failed": ShipmentStatus.FAILED,
    "failed_delivery": ShipmentStatus.FAILED,
    "shipped_back_failed": ShipmentStatus.FAILED,
    "damaged_by_3pl": ShipmentStatus.FAILED,
    "package_scrapped": ShipmentStatus.FAILED,
    "shipped_back": ShipmentStatus.RETURNED,
    "shipped_back_success": ShipmentStatus.RETURNED,
    "lost": ShipmentStatus.LOST,
    "lost_by_3pl": ShipmentStatus.LOST,
    "canceled": ShipmentStatus.CANCELLED,
}
_PARCEL_STEPS = (
    ShipmentStatus.PENDING,
    ShipmentStatus.AWAITING_COLLECTION,
    ShipmentStatus.IN_TRANSIT,
    ShipmentStatus.DELIVERED,
)

# Only "Active" is shown in the documents; the other words are those of the list's filter. [?]
PRODUCT_STATUSES: Mapping[str, ProductStatus] = {
    "active": ProductStatus.ACTIVE,
    "live": ProductStatus.ACTIVE,
    "sold-out": ProductStatus.ACTIVE,
    "inactive": ProductStatus.INACTIVE,
    "deleted": ProductStatus.DELETED,
    "pending": ProductStatus.UNDER_REVIEW,
    "pending qc": ProductStatus.UNDER_REVIEW,
    "rejected": ProductStatus.REJECTED,
}

RETURN_KINDS: Mapping[str, ReturnKind] = {
    "CANCEL": ReturnKind.CANCEL,
    "RETURN": ReturnKind.RETURN_REFUND,
    "ONLY_REFUND": ReturnKind.REFUND,
}
RETURN_STATUSES: Mapping[str, ReturnStatus] = {
    "REQUEST_INITIATE": ReturnStatus.REQUESTED,
    "REQUEST_REJECT": ReturnStatus.REJECTED,
    "REQUEST_CANCEL": ReturnStatus.WITHDRAWN,
    "CANCEL_SUCCESS": ReturnStatus.COMPLETED,
    "REFUND_AUTHORIZED": ReturnStatus.APPROVED,  # [?] from here on
    "REFUND_SUCCESS": ReturnStatus.COMPLETED,
    "REFUND_REJECT": ReturnStatus.REJECTED,
    "REQUEST_COMPLETE": ReturnStatus.COMPLETED,
}
# Of several lines: what is still open counts before what has ended, what succeeded before what did not.
_RETURN_STEPS = (
    ReturnStatus.REQUESTED,
    ReturnStatus.APPROVED,
    ReturnStatus.COMPLETED,
    ReturnStatus.REJECTED,
    ReturnStatus.WITHDRAWN,
)
OPEN_RETURNS = frozenset({ReturnStatus.REQUESTED, ReturnStatus.APPROVED})
# A cancellation that succeeded and a request that is complete do not say whether money had been paid or went back.
MONEY_STATES: Mapping[str, MoneyState] = {
    "REQUEST_INITIATE": MoneyState.PENDING,
    "REQUEST_REJECT": MoneyState.REFUSED,
    "REQUEST_CANCEL": MoneyState.NONE,
    "REFUND_AUTHORIZED": MoneyState.PENDING,
    "REFUND_SUCCESS": MoneyState.REFUNDED,
    "REFUND_REJECT": MoneyState.REFUSED,
}


def joined(words: Collection[str]) -> str:
    """Join the distinct words of the lines, so that one text tells the states of all."""
    return ",".join(sorted(words))


def order_status(words: Collection[str]) -> OrderStatus:
    """Make an order's status out of its lines': cancelled ones count only if all are.

    Of the others the least advanced counts; with some on their way or there and some not it is partially shipped.
    """
    if not words or any(word not in LINE_STATUSES for word in words):
        return OrderStatus.UNKNOWN
    steps = [_ORDER_STEPS.index(LINE_STATUSES[word]) for word in words if LINE_STATUSES[word] in _ORDER_STEPS]
    if not steps:
        return OrderStatus.CANCELLED
    if min(steps) < _ON_THE_WAY_AT <= max(steps):
        return OrderStatus.PARTIALLY_SHIPPED
    return _ORDER_STEPS[min(steps)]


def parcel_status(words: Collection[str]) -> ShipmentStatus:
    """Make a parcel's status out of the lines' in it: cancelled ones were taken out, of the others the least counts.

    Mixed words that cannot be true of one parcel at once, as of a lost and a delivered line, are not known.
    """
    if not words or any(word not in PARCEL_STATUSES for word in words):
        return ShipmentStatus.UNKNOWN
    found = {PARCEL_STATUSES[word] for word in words}
    if len(found) > 1:
        found.discard(ShipmentStatus.CANCELLED)
    if len(found) == 1:
        return found.pop()
    return _least(found, _PARCEL_STEPS, ShipmentStatus.UNKNOWN)


def return_status(words: Collection[str]) -> ReturnStatus:
    """Make a reverse order's status out of its lines'."""
    if any(word not in RETURN_STATUSES for word in words):
        return ReturnStatus.UNKNOWN
    return _least({RETURN_STATUSES[word] for word in words}, _RETURN_STEPS, ReturnStatus.UNKNOWN)


def money_state(words: Collection[str]) -> MoneyState:
    """Make the state of a reverse order's money out of its lines': if they differ, what is to be paid counts."""
    found = {MONEY_STATES.get(word, MoneyState.UNKNOWN) for word in words}
    if len(found) == 1:
        return found.pop()
    return MoneyState.PENDING if found == {MoneyState.PENDING, MoneyState.REFUNDED} else MoneyState.UNKNOWN


def _least(found: Collection[StateT], steps: Sequence[StateT], otherwise: StateT) -> StateT:
    if not found or any(state not in steps for state in found):
        return otherwise
    return min(found, key=steps.index)
