"""Which number of Temu's means which of our words: one table for each resource.

Source: Temu Partner Platform, status lists of orders, goods and after-sales. A number that stands in none of them is
kept as it is beside our UNKNOWN.
"""

from collections.abc import Mapping
from typing import NamedTuple

from shops.marketplaces.records import (
    Custody,
    MoneyState,
    OrderStatus,
    ProductStatus,
    ReturnKind,
    ReturnStatus,
    ShipmentStatus,
)

# Of a parent order and of its child orders alike. 41 and 51 exist in shops that sell locally only.
ORDER_STATUSES: Mapping[str, OrderStatus] = {
    "1": OrderStatus.ON_HOLD,  # the buyer may still change the address or the quantity
    "2": OrderStatus.AWAITING_SHIPMENT,
    "3": OrderStatus.CANCELLED,
    "4": OrderStatus.IN_TRANSIT,
    "41": OrderStatus.PARTIALLY_SHIPPED,
    "5": OrderStatus.DELIVERED,
    "51": OrderStatus.IN_TRANSIT,  # delivered in part: something is still under way
}
PENDING = "1"
SHIPPED_STATUSES = frozenset({"4", "41", "5", "51"})
WHOLLY_SHIPPED_STATUSES = frozenset({"4", "5", "51"})  # nothing of it waits for a carrier any more
NOT_SHIPPED_STATUSES = frozenset({"1", "2", "3"})

# The words of tracking events. Temu documents none of them: these have been seen in use. [?]
PARCEL_STATUSES: Mapping[str, ShipmentStatus] = {
    "Label Created": ShipmentStatus.PENDING,
    "Last-Mile Manifest": ShipmentStatus.AWAITING_COLLECTION,
    "Last Mile Carrier Pick up failed": ShipmentStatus.FAILED,
    "Last Mile Carrier Picked up": ShipmentStatus.IN_TRANSIT,
    "In transit": ShipmentStatus.IN_TRANSIT,
    "Arrived at Post Office": ShipmentStatus.IN_TRANSIT,
    "Out for Delivery": ShipmentStatus.IN_TRANSIT,
    "Delivery Exception": ShipmentStatus.FAILED,
    "Delivery Failure-Non carrier": ShipmentStatus.FAILED,
    "Delivered": ShipmentStatus.DELIVERED,
    "Carrier accepted the claimed of Missing Parcel": ShipmentStatus.LOST,
}
# For a parcel of which the carrier says nothing: what the status of the child orders in it says of it.
STATUSES_OF_CONTENTS: Mapping[str, ShipmentStatus] = {
    "1": ShipmentStatus.PENDING,
    "2": ShipmentStatus.PENDING,
    "3": ShipmentStatus.CANCELLED,
    "4": ShipmentStatus.IN_TRANSIT,
    "5": ShipmentStatus.DELIVERED,
}

# The first digit is the list that the goods stand in: on the shelf, off it, not published, draft, deleted.
GOODS_STATUSES: Mapping[str, ProductStatus] = {
    "2001": ProductStatus.ACTIVE,
    "2002": ProductStatus.ACTIVE,  # on sale, to be corrected
    "2005": ProductStatus.ACTIVE,
    "2006": ProductStatus.ACTIVE,
    "2101": ProductStatus.ACTIVE,  # shown to few
    "3001": ProductStatus.BANNED,  # punished
    "3002": ProductStatus.INACTIVE,  # taken off
    "3003": ProductStatus.INACTIVE,  # sold out
    "3004": ProductStatus.BANNED,  # the price is too high
    "4001": ProductStatus.UNDER_REVIEW,  # the price is being looked at
    "4002": ProductStatus.UNDER_REVIEW,
    "4003": ProductStatus.REJECTED,  # the price was refused
    "4004": ProductStatus.DRAFT,  # to be completed
    "5001": ProductStatus.DRAFT,
    "6001": ProductStatus.DELETED,
    "6002": ProductStatus.DELETED,
}

AFTERSALES_KINDS: Mapping[str, ReturnKind] = {"1": ReturnKind.REFUND, "2": ReturnKind.RETURN_REFUND}


class CaseState(NamedTuple):
    """What a status of a case says of the request, the money and, where goods come back, of the goods."""

    status: ReturnStatus = ReturnStatus.UNKNOWN
    money: MoneyState = MoneyState.UNKNOWN
    custody: Custody = Custody.UNKNOWN


# The custody is that of a return; a refund without one says nothing of the goods.
CASE_STATES: Mapping[str, CaseState] = {
    "1": CaseState(ReturnStatus.REQUESTED, MoneyState.PENDING),
    "2": CaseState(ReturnStatus.APPROVED, MoneyState.PENDING, Custody.ON_THE_WAY),
    "3": CaseState(ReturnStatus.APPROVED, MoneyState.PENDING, Custody.SELLER),  # received, for the seller to look at
    "4": CaseState(ReturnStatus.APPROVED, MoneyState.PENDING),  # the refund is running
    "5": CaseState(ReturnStatus.COMPLETED, MoneyState.REFUNDED),
    "6": CaseState(ReturnStatus.WITHDRAWN, MoneyState.NONE),
    "7": CaseState(ReturnStatus.REJECTED, MoneyState.REFUSED),
    "8": CaseState(ReturnStatus.APPROVED, MoneyState.PENDING, Custody.BUYER),  # waits for the seller's label
    "9": CaseState(ReturnStatus.APPROVED, MoneyState.PENDING),
    "10": CaseState(ReturnStatus.REQUESTED, MoneyState.PENDING, Custody.BUYER),
    "11": CaseState(ReturnStatus.DISPUTED, MoneyState.PENDING),  # the marketplace decides
}
UNKNOWN_CASE = CaseState()
# Of a return in one of these nothing has been sent yet, so there is no parcel to ask for.
NOT_SENT_STATUSES = frozenset({"1", "6", "8", "10"})
