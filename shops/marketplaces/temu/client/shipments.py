"""Packages of a Temu shop: orders that were shipped, a call for each of their child orders, a call for each package."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.records import Page, Payload, Resource, ShipmentRecord, Stub, UnreadableRecord, Window
from shops.marketplaces.temu.client.calls import OptionalCall, fields_in, mixed_page_of, updated_in
from shops.marketplaces.temu.client.orders import FULFILMENTS, ORDER_LIST, ORDERS
from shops.marketplaces.temu.mapping.shipments import list_packages, map_shipment
from shops.marketplaces.temu.mapping.statuses import NOT_SHIPPED_STATUSES, SHIPPED_STATUSES

if TYPE_CHECKING:
    from shops.marketplaces.temu.client import TemuConnector

CHILD = "child"
TRACKING = "tracking"
# What a package's payload keeps of its child orders.
_CHILD_FIELDS = ("orderSn", "orderStatus", "orderShippingTime")


class ShipmentReader:
    """Reads the packages of orders that were shipped, with what their carriers noted on the way."""

    resource: ClassVar[Resource] = Resource.SHIPMENTS
    capability: ClassVar[Capability] = Capability(
        page_size=ORDERS.size,
        details={CHILD: 1, TRACKING: 1},
        may_be_empty=frozenset({CHILD, TRACKING}),
        note=(
            "There is no list of packages: orders that were shipped are listed by time of change, then each shipped "
            "line is asked for its packages, and each package for its tracking events. Temu tells no status of a "
            "package; the status shown is that of the lines in it."
        ),
    )
    language: ClassVar[str] = "en"  # of the tracking events

    def __init__(self, connector: "TemuConnector") -> None:
        self._connector = connector
        self._tracking = OptionalCall(connector, "temu.track.trackinginfo.get")

    def plan_lists(self, window: Window, status: str = "") -> tuple[ListQuery, ...]:
        """Name a list for each status in which something has been sent."""
        return tuple(ListQuery(self.resource, window, raw_status=number) for number in SHIPPED_STATUSES)

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[ShipmentRecord]:
        """List orders in one status; each is a stub under its own number, which brings the packages."""
        parameters = {
            **ORDERS.prepare(page_token),
            **updated_in(query.window),
            "parentOrderStatus": int(query.raw_status),
            "sortby": "updateTime",
            "fulfillmentTypeList": list(FULFILMENTS),
        }
        found = ORDERS.look(self._connector.call(ORDER_LIST, parameters), page_token)
        return mixed_page_of([_stub_of(row) for row in found.rows], found.next_token, found.total_count)

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[ShipmentRecord]:
        """Ask for the packages of one child order, or for the tracking of one package."""
        (stub,) = stubs
        return self._fetch_child(stub) if stub.step == CHILD else self._fetch_tracking(stub)

    def fetch_by_ids(self, external_ids: Sequence[str]) -> Page[ShipmentRecord]:
        """Never asked: packages cannot be asked for by number alone."""
        raise NotImplementedError

    def map_payload(self, payload: Payload) -> ShipmentRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_shipment(payload)

    def _fetch_child(self, stub: Stub) -> Page[ShipmentRecord]:
        """Read one child order's packages. A package can hold several, so it is put together after the last."""
        asked, *left = stub.payload["pending"]
        numbers = {"parentOrderSn": stub.external_id, "orderSn": asked}
        answer = fields_in(self._connector.call("bg.logistics.shipment.v2.get", numbers, is_of_record=True))
        rows = answer.get("shipmentInfoDTO")
        if type(rows) is not list and rows is not None:
            raise errors.UnreadableAnswer("The answer has no list of shipmentInfoDTO.")
        read = [*stub.payload["shipments"], *({**values.fields(row), "orderSn": asked} for row in rows or ())]
        if left:
            return mixed_page_of([_next(stub, CHILD, {**stub.payload, "shipments": read, "pending": left})])
        told = {name: stub.payload[name] for name in ("order", "children")}
        packages = [{"packageSn": number, **told, "shipments": parts} for number, parts in list_packages(read).items()]
        return self._page_of(stub, packages)

    def _fetch_tracking(self, stub: Stub) -> Page[ShipmentRecord]:
        """Read what the carrier noted of one package; it may know nothing yet, or may not be asked."""
        package, *left = stub.payload["packages"]
        try:
            asked = {"packageSn": package["packageSn"], "language": self.language}
            tracking = self._tracking.fetch(asked)
        except errors.RecordRefused:
            tracking = None
        found = map_shipment(package if tracking is None else {**package, "tracking": tracking})
        return self._page_of(stub, left, [found])

    def _page_of(self, stub: Stub, packages: Sequence[Payload], read: Sequence[Any] = ()) -> Page[ShipmentRecord]:
        """Give what is read, and a stub for the packages that are still to be asked for. None of them is no fault."""
        to_track = [package for package in packages if self._tracking.is_allowed and _has_number(package)]
        rows: list[Any] = [*read, *(map_shipment(package) for package in packages if package not in to_track)]
        if to_track:
            rows.append(_next(stub, TRACKING, {"packages": to_track}))
        return mixed_page_of(rows)


def _stub_of(row: object) -> Stub | UnreadableRecord:
    """Name the child orders to ask for: those that have been sent, or all where none says so."""
    told = values.fields(row)
    order = values.fields(told.get("parentOrderMap"))
    number = values.identifier(order.get("parentOrderSn"))
    children = [values.fields(child) for child in values.rows(told.get("orderList"))]
    numbered = [(values.identifier(child.get("orderSn")), child.get("orderStatus")) for child in children]
    known = {child: values.identifier(status) for child, status in numbered if child}
    pending = [child for child, status in known.items() if status not in NOT_SHIPPED_STATUSES] or [*known]
    if number is None or not pending:
        return UnreadableRecord(row, "The order has no number, or no line with a number.")
    kept = [{name: child.get(name) for name in _CHILD_FIELDS} for child in children]
    payload: Payload = {"order": order, "children": kept, "shipments": [], "pending": pending}
    return Stub(number, CHILD, payload, values.seconds(order.get("updateTime")))


def _next(stub: Stub, step: str, payload: Payload) -> Stub:
    return Stub(stub.external_id, step, payload, stub.source_updated_at)


def _has_number(package: Payload) -> bool:
    return bool(package["packageSn"]) and any(part.get("trackingNumber") for part in package["shipments"])
