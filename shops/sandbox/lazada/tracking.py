"""Answers the trace of an order: its packages and what the carrier noted of each."""

from collections.abc import Iterator
from typing import Any

from shops.sandbox.calls import Ledger
from shops.sandbox.lazada.breakages import break_one
from shops.sandbox.lazada.gateway import Parameters
from shops.sandbox.lazada.looks import LOOKS
from shops.sandbox.lazada.numbers import package_id
from shops.sandbox.lazada.order_calls import OrderCalls
from shops.sandbox.lazada.orders import OrderWriter
from shops.sandbox.lazada.paging import Lists
from shops.sandbox.lazada.reading import json_list, required
from shops.sandbox.lazada.replies import RefusalError, success
from shops.sandbox.lazada.seller import Seller
from shops.sandbox.listener import Response
from shops.sandbox.marketplace import Stage
from shops.sandbox.parcels import Parcel, parcels_of
from shops.sandbox.service import Call
from shops.sandbox.windows import OrderState

# Title, description and status code of what happens to a parcel; only the last code is in the samples [C].
EVENTS = {
    "packed": ("Packed", "Parcel packed by the seller", "PACKED"),
    "collected": ("Picked up", "Parcel picked up by the carrier", "PICKED_UP"),
    "arrived_at_hub": ("At the sorting centre", "Parcel arrived at the sorting centre", "ARRIVED_AT_HUB"),
    "out_for_delivery": ("Out for delivery", "Parcel is out for delivery", "OUT_FOR_DELIVERY"),
    "delivered": ("Delivered", "Parcel delivered", "DELIVERED"),
    "returned_to_sender": ("Delivery failed", "Parcel goes back to the seller", "DELIVERY_FAILED"),
}
_STEP_BITS = 4


class TraceCalls:
    """The tracking endpoint of all shops."""

    def __init__(
        self, stage: Stage, sellers: list[Seller], ledger: Ledger, lists: Lists, order_calls: OrderCalls
    ) -> None:
        self._clock = stage.clock
        self._sellers = sellers
        self._ledger = ledger
        self._lists = lists
        self._order_calls = order_calls

    def get_trace(self, parameters: Parameters, seller: Seller, call: Call) -> Response:
        """/logistic/order/trace: the packages of one order. Before they are packed there are none [?]."""
        text = required(parameters, "order_id")
        state = self._order_calls.find(text, seller)
        if state is None:
            raise RefusalError("order_id", text)
        wanted = json_list(parameters.get("ofcPackageIdList") or "[]")
        if wanted is None:
            raise RefusalError("invalid", "ofcPackageIdList")
        self._ledger.need_ids(seller.seller_id, call.endpoint, [state.position << _STEP_BITS | state.step], 1)
        number, packages = seller.order_number(state.position), []
        for parcel in packed_parcels(state, self._clock.now(), seller):
            if not wanted or package_id(number, parcel.number) in wanted:
                packages.append(_write(parcel, number, seller))
        module = [{"ofc_order_id": f"OF{number}", "warehouse_detail_info": "", "package_detail_info_list": packages}]
        break_one("traces", module, self._lists.draw_for_details(call, has_records=bool(packages)))
        result = {"success": True, "not_success": False, "retry": False, "repeated": False}
        return success({**result, "error_code": {"displayMessage": ""}, "module": module if packages else []}, "result")

    def truth(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Return what a copy of a shop's packages must agree with; a package's status is that of its lines."""
        seller, writer = self._sellers[shop_number], self._order_calls.writers[shop_number]
        for state in seller.lives.states_in(seller.lives.created_range(None, None, as_of), as_of):
            for parcel in packed_parcels(state, as_of, seller):
                yield _truth(parcel, seller, writer)


def packed_parcels(state: OrderState, as_of: int, seller: Seller) -> list[Parcel]:
    """Return the parcels that have been packed: only they have a package number and a trace."""
    return [parcel for parcel in parcels_of(state, as_of, seller.region.code) if parcel.tracking_number]


def _truth(parcel: Parcel, seller: Seller, writer: OrderWriter) -> dict[str, Any]:
    state = parcel.order
    look = LOOKS[state.path.number][state.step]
    number = seller.order_number(state.position)
    return {
        "id": package_id(number, parcel.number),
        "orders": [str(number)],
        "status": writer.word(look.first_status if parcel.number == 1 else look.status),
        "tracking_number": parcel.tracking_number,
        "carrier": writer.carrier(state.digest),
        "events": [{"time": happened, "text": ": ".join(EVENTS[event][:2])} for event, happened in parcel.events],
    }


def _write(parcel: Parcel, number: int, seller: Seller) -> dict[str, Any]:
    events = []
    # The newest first, as carriers' pages show them [?].
    for event, happened in reversed(parcel.events):
        title, description, code = EVENTS[event]
        events.append(
            {
                "title": title,
                "description": description,
                "status_code": code,
                "detail_type": "",
                "event_time": happened * 1000,
                "event_date": str(seller.zone.day(happened)),
                "receive_time": happened * 1000,
                "package_location_name": "",
                "proof_images": [],
                "icon": "",
            }
        )
    return {
        "ofc_package_id": package_id(number, parcel.number),
        "tracking_number": parcel.tracking_number,
        "order_line_info_list": "",
        "logistic_detail_info_list": events,
    }
