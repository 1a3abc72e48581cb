"""Writes the packages of an order and their tracking as Shopee shows them."""

from collections.abc import Sequence
from typing import Any

from shops.sandbox.parcels import Parcel, parcels_of
from shops.sandbox.shopee.lines import Line, part_of
from shops.sandbox.shopee.seller import Seller
from shops.sandbox.shopee.standing import Standing
from shops.sandbox.windows import OrderState

# logistics_status by the last event of the parcel [B].
STATUS_AFTER = {
    "": "LOGISTICS_READY",
    "packed": "LOGISTICS_REQUEST_CREATED",
    "collected": "LOGISTICS_PICKUP_DONE",
    "arrived_at_hub": "LOGISTICS_PICKUP_DONE",
    "out_for_delivery": "LOGISTICS_PICKUP_DONE",
    "delivered": "LOGISTICS_DELIVERY_DONE",
    "returned_to_sender": "LOGISTICS_DELIVERY_FAILED",
}
CANCELLED = "LOGISTICS_REQUEST_CANCELED"
# Words and texts of the tracking; PICKED_UP and DELIVERED were seen, the others are made after them [C].
TRACKING = {
    "packed": ("ORDER_CREATED", "Parcel information received"),
    "collected": ("PICKED_UP", "Parcel picked up"),
    "arrived_at_hub": ("IN_TRANSIT", "Parcel arrived at sorting hub"),
    "out_for_delivery": ("OUT_FOR_DELIVERY", "Parcel out for delivery"),
    "delivered": ("DELIVERED", "Parcel delivered"),
    "returned_to_sender": ("RETURNED", "Parcel returned to sender"),
}
_CHANNEL_ID = 18080
# Two bits tell the parcels of an order apart.
_PARCEL_BITS = 2
_CARRIER = 58


class PackageWriter:
    """Writes the packages of one shop."""

    def __init__(self, seller: Seller) -> None:
        self._seller = seller

    def parcels(self, state: OrderState, now: int) -> list[Parcel]:
        """Return the packages of an order; there is none before the order is to be shipped."""
        return parcels_of(state, now, self._seller.region.code)

    def package_number(self, number: int, parcel: Parcel) -> str:
        """Return the package's number; `number` is that of the order."""
        return f"OFG{number << _PARCEL_BITS | parcel.number:015d}"

    def carrier(self, digest: bytes) -> str:
        """Who brings the order."""
        return self._seller.region.carriers[digest[_CARRIER] % len(self._seller.region.carriers)]

    def status(self, parcel: Parcel) -> str:
        """Return logistics_status; cash that was refused at the door has a word of its own."""
        if parcel.is_cancelled:
            return CANCELLED
        last = parcel.events[-1][0] if parcel.events else ""
        if last == "returned_to_sender" and parcel.order.path.path.is_cod:
            return "LOGISTICS_COD_REJECTED"
        return STATUS_AFTER[last]

    def write(self, standing: Standing, parcel: Parcel, lines: Sequence[Line], number: int) -> dict[str, Any]:
        """Return an entry of package_list."""
        return {
            "package_number": self.package_number(number, parcel),
            "logistics_status": self.status(parcel),
            "logistics_channel_id": _CHANNEL_ID,
            "shipping_carrier": self.carrier(standing.state.digest),
            "allow_self_design_awb": True,
            "parcel_chargeable_weight_gram": 300 * len(parcel.units),
            "group_shipment_id": None,
            "item_list": [self._content(line, count) for line, count in part_of(lines, parcel.units)],
        }

    def tracking(self, parcel: Parcel, order_sn: str, package_number: str) -> dict[str, Any]:
        """Return the reply of get_tracking_info, the latest event first."""
        return {
            "order_sn": order_sn,
            "package_number": package_number,
            "logistics_status": self.status(parcel),
            "tracking_info": [
                {"update_time": at, "description": TRACKING[event][1], "logistics_status": TRACKING[event][0]}
                for event, at in reversed(parcel.events)
            ],
        }

    def truth(self, state: OrderState, now: int, order_sn: str, number: int) -> list[dict[str, Any]]:
        """Return what copies of the order's packages must agree with."""
        return [
            {
                "id": self.package_number(number, parcel),
                "orders": [order_sn],
                "status": self.status(parcel),
                "tracking_number": parcel.tracking_number,
                "carrier": self.carrier(state.digest),
                "events": [{"time": at, "text": TRACKING[event][1]} for event, at in parcel.events],
            }
            for parcel in self.parcels(state, now)
        ]

    def _content(self, line: Line, count: int) -> dict[str, Any]:
        item_id = self._seller.item_id(line.sku)
        return {
            "item_id": item_id,
            "model_id": self._seller.model_id(line.sku),
            "model_quantity": count,
            "order_item_id": item_id,
            "promotion_group_id": 0,
            # A list on the lines of the order, a plain text here, in the same reply [A].
            "product_location_id": f"{self._seller.region.code}Z",
        }
