"""Packages of a Temu shop: orders by time of change, then calls for those with a label, those sent, their tracking."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import ResourceReader, broken_answer, name_order, page_of
from shops.marketplaces.contract import ASKED_ORDER, Capability, KnownOrder, ListQuery
from shops.marketplaces.records import Page, Payload, Resource, ShipmentRecord, Stub, UnreadableRecord
from shops.marketplaces.temu.client.calls import (
    NumberedPaging,
    OptionalCall,
    check_subject,
    fields_in,
    updated_in,
)
from shops.marketplaces.temu.client.orders import FULFILMENTS, ORDER_LIST, ORDERS
from shops.marketplaces.temu.mapping.shipments import list_goods_in, list_packages, map_shipment
from shops.marketplaces.temu.mapping.statuses import (
    NOT_SHIPPED_STATUSES,
    PENDING,
    SHIPPED_STATUSES,
    WHOLLY_SHIPPED_STATUSES,
)

if TYPE_CHECKING:
    from shops.marketplaces.temu.client import TemuConnector

# The steps of an order, in this order; each is left out where there is nothing to ask.
UNSHIPPED = "unshipped"
CHILD = "child"
TRACKING = "tracking"
# The most rows of a page is not documented; that of other lists of orders is taken. [?]
LABELLED = NumberedPaging(100, "unshippedPackage", "totalItemNum", "pageNumber")
# What a package's payload keeps of its child orders.
_CHILD_FIELDS = ("orderSn", "orderStatus", "orderShippingTime")


class ShipmentReader(ResourceReader):
    """Reads the packages of orders that changed, with what their carriers noted on the way.

    An order is one stub throughout, which gathers what was read: `pending` are child orders, `untracked` packages that
    are still to be asked for.
    """

    _connector: "TemuConnector"
    resource: ClassVar[Resource] = Resource.SHIPMENTS
    capability: ClassVar[Capability] = Capability(
        page_size=ORDERS.size,
        details={UNSHIPPED: 20, CHILD: 1, TRACKING: 1},
        may_be_empty=frozenset({UNSHIPPED, CHILD, TRACKING}),
        note=(
            "There is no list of packages: orders are listed by time of change. Of those not sent, the packages that "
            "have a label are asked for twenty orders at once; of the others each line is asked for its packages. Then "
            "each package is asked for its tracking events. A package's status is that of its lines. Of known orders "
            "each line that is sent is asked for its packages, without events."
        ),
    )
    language: ClassVar[str] = "en"  # of the tracking events

    def __init__(self, connector: "TemuConnector") -> None:
        super().__init__(connector)
        self._unshipped = OptionalCall(connector, "bg.order.unshipped.package.get")
        self._tracking = OptionalCall(connector, "temu.track.trackinginfo.get")

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[ShipmentRecord]:
        """List orders; each is a stub under its own number, which brings the packages."""
        parameters = {
            **ORDERS.prepare(page_token),
            **updated_in(query.window),
            "parentOrderStatus": 0,
            "sortby": "updateTime",
            "fulfillmentTypeList": list(FULFILMENTS),
        }
        found = ORDERS.look(self._connector.call(ORDER_LIST, parameters), page_token)
        return page_of([_begin(row) for row in found.rows], found.next_token, found.total_count)

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[ShipmentRecord]:
        """Ask for packages with a label, for the packages of one child order, or for the tracking of one package."""
        if stubs[0].step == UNSHIPPED:
            return self._fetch_unshipped(stubs)
        (stub,) = stubs
        return self._fetch_child(stub) if stub.step == CHILD else self._fetch_tracking(stub)

    def begin_order(self, order: KnownOrder) -> Stub:
        """Ask for the packages of each line that is sent; where none is known to be, of all."""
        changed_at = order.source_updated_at
        told = {
            "parentOrderSn": order.external_id,
            "parentOrderStatus": order.raw_status,
            "updateTime": int(changed_at.timestamp()) if changed_at else None,
        }
        children = [dict(zip(_CHILD_FIELDS, (line, status, None), strict=True)) for line, status in order.lines]
        payload = _gather(told, children, _list_sent(dict(order.lines)) or [line for line, _ in order.lines])
        return Stub(order.external_id, CHILD, {**payload, ASKED_ORDER: order.external_id})

    def map_payload(self, payload: Payload) -> ShipmentRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_shipment(payload)

    def _fetch_unshipped(self, stubs: Sequence[Stub]) -> Page[ShipmentRecord]:
        """Read the packages that have a label. One that holds goods of several orders goes to the first of them."""
        numbers = [stub.external_id for stub in stubs]
        answer = self._unshipped.fetch({**LABELLED.prepare(), "parentOrderSnList": numbers}, is_of_record=False)
        found = None if answer is None else LABELLED.look(answer)
        if found is not None and found.next_token:
            raise errors.RecordRefused("The orders have more packages than one page shows.")
        packages: dict[str, list[Payload]] = {number: [] for number in numbers}
        for row in map(values.fields, found.rows if found else ()):
            owners = [values.identifier(goods.get("parentOrderSn")) for goods in list_goods_in(row)]
            owner = next((number for number in owners if number in packages), None)
            if owner is not None:
                packages[owner].append(row)
        rows: list[Any] = []
        for stub in stubs:
            rows += self._go_on(stub, {**stub.payload, "unshipped": packages[stub.external_id]})
        return page_of(rows)

    def _fetch_child(self, stub: Stub) -> Page[ShipmentRecord]:
        """Read one child order's packages. A package can hold several, so it is put together after the last."""
        if not stub.payload.get("pending"):
            raise errors.RecordRefused("No line of the order is known, so that its packages cannot be asked for.")
        asked, *left = stub.payload["pending"]
        numbers = {"parentOrderSn": stub.external_id, "orderSn": asked}
        answer = fields_in(self._connector.call("bg.logistics.shipment.v2.get", numbers, is_of_record=True))
        rows = answer.get("shipmentInfoDTO", "")
        if type(rows) is not list and rows is not None:
            raise broken_answer("The answer has no list of shipmentInfoDTO.", stub)
        told = [values.fields(row) for row in rows or ()]
        if any(values.identifier(row.get(key)) not in (None, numbers[key]) for row in told for key in numbers):
            raise broken_answer("The answer is about another order than was asked for.", stub)
        read = [*stub.payload["shipments"], *({**row, "orderSn": asked} for row in told)]
        return page_of(self._go_on(stub, {**stub.payload, "shipments": read, "pending": left}))

    def _fetch_tracking(self, stub: Stub) -> Page[ShipmentRecord]:
        """Read what the carrier noted of one package; it may know nothing yet, or may not be asked."""
        package, *left = stub.payload.get("untracked") or [{}]
        try:
            tracking = self._tracking.fetch({"packageSn": package.get("packageSn"), "language": self.language})
        except errors.RecordRefused:
            tracking = None
        check_subject(tracking, "packageSn", package.get("packageSn"))
        found = map_shipment(package if tracking is None else {**package, "tracking": tracking})
        return page_of([found, *self._track(stub, left)])

    def _go_on(self, stub: Stub, payload: Payload) -> list[Any]:
        """Ask for the next child order; after the last of them, put the packages together."""
        if payload["pending"]:
            return [_next(stub, CHILD, payload)]
        packages = {
            number: {**_told_of(payload, number, parts), "shipments": parts}
            for number, parts in list_packages(payload["shipments"]).items()
        }
        for row in payload["unshipped"]:
            number = values.identifier(row.get("packageSn")) or ""
            packages.setdefault(number, {**_told_of(payload, number, list_goods_in(row)), "unshipped": row})
        return self._track(stub, list(packages.values()))

    def _track(self, stub: Stub, packages: Sequence[Payload]) -> list[Any]:
        """Give the packages that nobody tracks, and a stub for the others."""
        is_wanted = self._tracking.is_allowed and ASKED_ORDER not in stub.payload
        untracked = [package for package in packages if is_wanted and _has_tracking_number(package)]
        rows = name_order([map_shipment(package) for package in packages if package not in untracked], stub)
        return [*rows, _next(stub, TRACKING, {"untracked": untracked})] if untracked else rows


def _begin(row: object) -> Stub | UnreadableRecord | str:
    """Name the child orders to ask for: those that have been sent; of a sent order where none says so, all.

    Only the number of an order is given that the buyer can still change: it has no label yet.
    """
    told = values.fields(row)
    order = values.fields(told.get("parentOrderMap"))
    number = values.identifier(order.get("parentOrderSn"))
    status = values.identifier(order.get("parentOrderStatus"))
    children = [values.fields(child) for child in values.rows(told.get("orderList"))]
    numbered = [(values.identifier(child.get("orderSn")), child.get("orderStatus")) for child in children]
    known = {child: values.identifier(status) for child, status in numbered if child}
    pending = _list_sent(known)
    if not pending and status in SHIPPED_STATUSES:
        pending = [*known]
    if number is None:
        return UnreadableRecord(row, "The order has no number.")
    if status == PENDING and not pending:
        return number
    kept = [{name: child.get(name) for name in _CHILD_FIELDS} for child in children]
    is_sent = pending and status in WHOLLY_SHIPPED_STATUSES
    step, changed_at = CHILD if is_sent else UNSHIPPED, values.seconds(order.get("updateTime"))
    return Stub(number, step, _gather(order, kept, pending), changed_at)


def _list_sent(statuses: Mapping[str, str | None]) -> list[str]:
    return [child for child, status in statuses.items() if status not in NOT_SHIPPED_STATUSES]


def _gather(order: Payload, children: list[Payload], pending: list[str]) -> Payload:
    """Begin what a stub gathers of an order."""
    return {"order": order, "children": children, "shipments": [], "unshipped": [], "pending": pending}


def _told_of(payload: Payload, number: str, goods: Sequence[Payload]) -> Payload:
    """Begin a package's payload: its order, and of its child orders those with goods in it."""
    packed = {values.identifier(row.get("orderSn")) for row in goods}
    children = [child for child in payload["children"] if values.identifier(child["orderSn"]) in packed]
    return {"packageSn": number, "order": payload["order"], "children": children}


def _next(stub: Stub, step: str, payload: Payload) -> Stub:
    return Stub(stub.external_id, step, payload, stub.source_updated_at)


def _has_tracking_number(package: Payload) -> bool:
    told = [package["unshipped"]] if "unshipped" in package else package["shipments"]
    return bool(package["packageSn"]) and any(part.get("trackingNumber") for part in told)
