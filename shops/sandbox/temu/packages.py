"""Answers what is in which package, which packages are still to be shipped, and where they are."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from shops.sandbox.dataset import DAY_SECONDS
from shops.sandbox.parcels import Parcel
from shops.sandbox.service import Call
from shops.sandbox.temu.lines import Child, child_status, children_of, delivery_type_of, is_shipped, packages_of
from shops.sandbox.temu.names import sku_id
from shops.sandbox.temu.paging import Query
from shops.sandbox.temu.parameters import Body, integer, text, texts
from shops.sandbox.temu.replies import TemuRefusal
from shops.sandbox.temu.seller import Seller
from shops.sandbox.temu.shared import Shared, break_one
from shops.sandbox.windows import OrderState

SHIPMENT, UNSHIPPED = "bg.logistics.shipment.v2.get", "bg.order.unshipped.package.get"
TRACKING, COMPANIES = "temu.track.trackinginfo.get", "bg.logistics.companies.get"
LARGEST_PAGE = 100
# Twenty by the practice of clients; a higher bound is not documented [?].
_HIGHEST_ORDER_COUNT = 20
_HIGHEST_PAGE = 1_000_000
# How long ago an order may have changed for the list without order numbers to show its package.
_LISTED_SECONDS = 15 * DAY_SECONDS
# Digest byte that chooses the carrier.
_CARRIER = 58
# The last events of orders that can have an unshipped package: most have not, and are passed over quickly.
_WITH_LABEL = frozenset({"packed", "never_collected"})
# logisticsStatus and statusText of a package's events. Temu documents no words: those of the first line and of the last
# are made up, the others have been seen in use [?].
_TEXTS = {
    "packed": ("Label Created", "The shipping label was created"),
    "collected": ("Last Mile Carrier Picked up", "Picked up by carrier"),
    "arrived_at_hub": ("In transit", "Arrived at the hub"),
    "out_for_delivery": ("Out for Delivery", "Out for delivery"),
    "delivered": ("Delivered", "Delivered"),
    "returned_to_sender": ("Returned to Sender", "Returned to the sender"),
}


class PackageCalls:
    """The shipment types of all shops."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._looks: Counter[tuple[int, str]] = Counter()  # in vain, by shop and child order
        self.handlers: dict[str, Callable[[Body, Seller, Call], Any]] = {
            SHIPMENT: self._shipment,
            UNSHIPPED: self._unshipped,
            TRACKING: self._tracking,
            COMPANIES: self._companies,
        }

    def truth(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Yield what a copy of the packages must agree with, shipped or not.

        A package has no status of its own: it is those of the child orders in it, sorted and joined with commas.
        """
        seller = self._shared.sellers[shop_number]
        for state in seller.lives.states_in(seller.lives.created_range(None, None, as_of), as_of):
            packages = packages_of(seller, state, as_of)
            children = children_of(seller, state) if packages else []
            for parcel in packages:
                statuses = {str(int(child_status(state, child))) for child in children if _count(child, parcel)}
                yield {
                    "id": seller.names.package(state.position, parcel.number),
                    "orders": [seller.names.parent(state.position)],
                    "status": ",".join(sorted(statuses)),
                    "tracking_number": parcel.tracking_number,
                    "carrier": _carrier(seller, state)[1],
                    "events": [{"time": moment, "text": _TEXTS[name][1]} for name, moment in parcel.events],
                }

    def _shipment(self, body: Body, seller: Seller, _call: Call) -> dict[str, Any]:
        """Return the packages of one child order; empty before it is shipped, and for some looks after that."""
        state = self._shared.find_order(seller, text(body, "parentOrderSn"))
        order_sn = text(body, "orderSn")
        children = [] if state is None else children_of(seller, state)
        child = next((one for one in children if one.order_sn == order_sn), None)
        if state is None or child is None:
            raise TemuRefusal("child_order")
        self._shared.need_version(seller, SHIPMENT, order_sn, state.updated)
        packages = [parcel for parcel in packages_of(seller, state, self._shared.now()) if is_shipped(parcel)]
        rows = [_shipment_row(seller, state, child, parcel) for parcel in packages if _count(child, parcel)]
        if rows and self._is_late(seller, order_sn):
            rows = []
        return {"shipmentInfoDTO": rows}

    def _is_late(self, seller: Seller, order_sn: str) -> bool:
        """Whether the packages of a child order that is sent are not shown yet. Such a look counts as needed."""
        looks, place = self._looks, (seller.mall_id, order_sn)
        if looks[place] >= self._shared.switches.late_packages:
            return False
        looks[place] += 1
        self._shared.ledger.need_once(str(seller.mall_id), SHIPMENT, f"{order_sn}, look {looks[place]}")
        return True

    def _unshipped(self, body: Body, seller: Seller, call: Call) -> dict[str, Any]:
        page = integer(body, "pageNumber", 0, 1, _HIGHEST_PAGE)
        size = integer(body, "pageSize", 0, 1, LARGEST_PAGE)
        if not page or not size:
            raise TemuRefusal("parameter", "$.pageNumber and $.pageSize are required")
        parents = texts(body, "parentOrderSnList", _HIGHEST_ORDER_COUNT)
        orders = texts(body, "orderSnList", _HIGHEST_ORDER_COUNT)
        query = Query(str(seller.mall_id), UNSHIPPED, [parents, orders], page, size, LARGEST_PAGE, is_windowed=False)
        now = self._shared.now()
        cut = self._shared.lists.page(
            query, now, lambda as_of: list(_unshipped_keys(seller, parents, orders, as_of)),
            self._shared.draw_page_fault(call),
        )  # fmt: skip
        rows = []
        for index, number in cut.rows:
            state = self._shared.state(seller, index)
            parcels = [] if state is None else packages_of(seller, state, now)
            rows += [_unshipped_row(seller, state, one) for one in parcels if state and one.number == number]
        break_one(rows, cut.fault, "packageSn", "carrierId")
        return {"totalItemNum": cut.total, "unshippedPackage": rows}

    def _tracking(self, body: Body, seller: Seller, _call: Call) -> dict[str, Any]:
        package = text(body, "packageSn", "tracking_parameter")
        found = seller.names.find_package(package)
        state = None if found is None else self._shared.state(seller, found[0])
        parcels = [] if state is None else packages_of(seller, state, self._shared.now())
        parcel = next((one for one in parcels if found and one.number == found[1]), None)
        if parcel is None:
            raise TemuRefusal("tracking")
        self._shared.need_version(seller, TRACKING, package, parcel.updated)
        # Strings by the documentation, which does not say of what [?].
        factor = 1000 if self._shared.switches.are_tracking_times_milliseconds else 1
        events = [
            {
                "logisticsStatus": _TEXTS[name][0],
                "logisticsUpdatedAt": str(moment * factor),
                "statusText": _TEXTS[name][1],
            }
            for name, moment in parcel.events
        ]
        return {"packageSn": package, "trackingNum": parcel.tracking_number, "trackingInfo": events}

    def _companies(self, body: Body, seller: Seller, _call: Call) -> list[dict[str, Any]]:
        """Return the carriers: the result is an array [A]."""
        region_id = integer(body, "regionId", seller.country.region_id, 0, 1 << 31)
        self._shared.ledger.need_once(str(seller.mall_id), COMPANIES, "list")
        return [
            {"logisticsServiceProviderId": number, "logisticsServiceProviderName": name, "logisticsBrandName": name}
            for number, name in (seller.carriers if region_id == seller.country.region_id else ())
        ]


def _unshipped_keys(seller: Seller, parents: list[str], orders: list[str], as_of: int) -> Iterator[tuple[int, int]]:
    """Yield order index and number of the packages that have a label and are not confirmed as shipped."""
    if parents or orders:
        named = [seller.names.find_parent(parent) for parent in parents]
        named += [found[0] for order in orders if (found := seller.names.find_child(order))]
        indexes = dict.fromkeys(index for index in named if index is not None)
        states = [state for index in indexes if (state := seller.lives.state(index, as_of))]
    else:
        states = list(seller.lives.updated_between(as_of - _LISTED_SECONDS, None, as_of))
    for state in states:
        if state.path.path.events[state.step] in _WITH_LABEL:
            for parcel in packages_of(seller, state, as_of):
                if not is_shipped(parcel):
                    yield state.position, parcel.number


def _count(child: Child, parcel: Parcel) -> int:
    return len(set(child.positions) & set(parcel.units))


def _carrier(seller: Seller, state: OrderState) -> tuple[int, str]:
    return seller.carriers[state.digest[_CARRIER] % len(seller.carriers)]


def _shipment_row(seller: Seller, state: OrderState, child: Child, parcel: Parcel) -> dict[str, Any]:
    carrier_id, carrier = _carrier(seller, state)
    return {
        "packageSn": seller.names.package(state.position, parcel.number),
        "trackingNumber": parcel.tracking_number,
        "carrierId": carrier_id,
        "carrierName": carrier,
        "skuId": sku_id(child.unit.sku.sku_id),
        "quantity": _count(child, parcel),
        "packageDeliveryType": delivery_type_of(state),
        "trackingWarningLabel": 0,
        "cooperativeWarehouseDTO": None,
        "subPackageShipmentInfoList": [],
    }


def _unshipped_row(seller: Seller, state: OrderState, parcel: Parcel) -> dict[str, Any]:
    package, parent = seller.names.package(state.position, parcel.number), seller.names.parent(state.position)
    carrier_id, carrier = _carrier(seller, state)
    orders = [
        {"orderSn": child.order_sn, "parentOrderSn": parent, "quantity": _count(child, parcel)}
        for child in children_of(seller, state)
        if _count(child, parcel)
    ]
    return {
        "packageSn": package,
        "mainPackageSn": package,
        "subPackageSnList": [],
        "subPackageType": "MAIN",
        "trackingNumber": parcel.tracking_number,
        "carrierId": carrier_id,
        "carrierName": carrier,
        "packageDetail": {
            "shippableOrders": [] if parcel.is_cancelled else orders,
            "canceledOrders": orders if parcel.is_cancelled else [],
        },
    }
