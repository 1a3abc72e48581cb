"""Says which child orders a parent order has: one for each sku at one price, with how many of it."""

from typing import NamedTuple

from shops.sandbox.baskets import Unit
from shops.sandbox.dataset import DAY_SECONDS
from shops.sandbox.life import TIMINGS, time_of
from shops.sandbox.parcels import Parcel, parcels_of
from shops.sandbox.temu.seller import Seller
from shops.sandbox.temu.statuses import Status, status_of
from shops.sandbox.windows import OrderState

# Digest bytes that other marketplaces do not read.
_FULFILMENT, _LABEL = 54, 55
# Of 256: orders that a cooperating warehouse ships. A list shows them only to those who ask for them.
_WAREHOUSE_SHARE = 10
_PROMISED_SECONDS = 2 * DAY_SECONDS
BY_SELLER, BY_WAREHOUSE = "fulfillBySeller", "fulfillByCooperativeWarehouse"


class Child(NamedTuple):
    """One child order. All its units are alike, so that one price times the quantity is exact."""

    order_sn: str
    unit: Unit
    positions: tuple[int, ...]

    @property
    def quantity(self) -> int:
        """How many were ordered."""
        return len(self.positions)


def children_of(seller: Seller, state: OrderState) -> list[Child]:
    """Return the child orders; a gift and a dearer unit of the same sku are children of their own."""
    alike: dict[tuple[str, int, int], list[int]] = {}
    units = seller.goods.units(state)
    for at, unit in enumerate(units):
        alike.setdefault((unit.sku.sku_id, unit.seller_discount, unit.platform_discount), []).append(at)
    numbers = seller.names.children(state.position, len(alike))
    return [Child(sn, units[found[0]], tuple(found)) for sn, found in zip(numbers, alike.values(), strict=True)]


def fulfilment_of(state: OrderState) -> str:
    """Who ships the order."""
    return BY_WAREHOUSE if state.digest[_FULFILMENT] < _WAREHOUSE_SHARE else BY_SELLER


def delivery_type_of(state: OrderState) -> int:
    """Return packageDeliveryType: 1 and 2 are the seller's, 3 and 4 the warehouse's, the even ones with Temu labels."""
    return 1 + (state.digest[_LABEL] & 1) + (2 if fulfilment_of(state) == BY_WAREHOUSE else 0)


def child_status(state: OrderState, child: Child) -> Status:
    """Return the status of a child: where one parcel has gone ahead, the last unit of all is still to be shipped."""
    status = status_of(state.path.number, state.step)
    if status != Status.PARTLY_SHIPPED:
        return status
    gone = shipped_quantity(state, child)
    if not gone:
        return Status.TO_SHIP
    return Status.SHIPPED if gone == child.quantity else Status.PARTLY_SHIPPED


def shipped_quantity(state: OrderState, child: Child) -> int:
    """How many pieces of a child of a partly shipped order have gone."""
    first = parcels_of(state, state.updated)[0]
    return len(set(child.positions) & set(first.units))


def packages_of(seller: Seller, state: OrderState, as_of: int) -> list[Parcel]:
    """Return the parcels with a label: before that Temu knows no package."""
    return [parcel for parcel in parcels_of(state, as_of, seller.region.code) if parcel.events]


def is_shipped(parcel: Parcel) -> bool:
    """Whether the seller has confirmed the shipment: when the carrier came, or at once where a parcel goes ahead."""
    goes_ahead = parcel.number == 1 and "partly_shipped" in parcel.order.path.path.events
    return goes_ahead or any(name == "collected" for name, _ in parcel.events)


def times_of(state: OrderState) -> dict[str, int]:
    """Return when each event so far happened."""
    events = state.path.path.events[: state.step + 1]
    return {event: time_of(TIMINGS[event], state.digest, state.created) for event in events}


def confirmed_at(state: OrderState) -> int | None:
    """When the order left the pending state and was to be shipped; None if it has not yet, or never did."""
    times = times_of(state)
    return times.get("released", times.get("created_cod"))


def ship_by(state: OrderState) -> int | None:
    """By when the seller is to ship."""
    confirmed = confirmed_at(state)
    return None if confirmed is None else confirmed + _PROMISED_SECONDS
