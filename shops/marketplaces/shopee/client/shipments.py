"""Parcels of a Shopee shop: found through the orders that changed, then two calls for each."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import ResourceReader, broken_answer, name_order, page_of, without_mark
from shops.marketplaces.contract import ASKED_ORDER, Capability, KnownOrder, ListQuery
from shops.marketplaces.records import Page, Payload, Resource, ShipmentRecord, Stub, UnreadableRecord
from shops.marketplaces.shopee.client.orders import LONGEST_WINDOW, ORDERS_PER_CALL, fetch_order_rows, list_orders
from shops.marketplaces.shopee.mapping.order_fields import PARCEL_FIELDS
from shops.marketplaces.shopee.mapping.shipments import map_shipment

if TYPE_CHECKING:
    from shops.marketplaces.shopee.client import ShopeeConnector

# A parcel in these states has no number yet: its two calls are spared.
UNARRANGED = frozenset({"LOGISTICS_NOT_START", "LOGISTICS_READY", "LOGISTICS_PENDING_ARRANGE"})
_NOT_GIVEN = "The call for the packages of the order does not give it."


class ShipmentReader(ResourceReader):
    """Reads parcels. Shopee has no list of them: orders by time of change name them, with what lies in each."""

    _connector: "ShopeeConnector"
    resource: ClassVar[Resource] = Resource.SHIPMENTS
    capability: ClassVar[Capability] = Capability(
        page_size=100,
        longest_window=LONGEST_WINDOW,
        details={"orders": ORDERS_PER_CALL, "tracking_number": 1, "tracking": 1},
        may_be_empty=frozenset({"orders"}),
        note="The orders that changed, their packages for 50 orders a call, then one call for the number and one for "
        "the tracking events of each parcel whose shipment is arranged. Parcels cannot be asked for by number. Known "
        "orders are asked for in the same way, without the events.",
    )
    number_path: ClassVar[str] = "/logistics/get_tracking_number"
    tracking_path: ClassVar[str] = "/logistics/get_tracking_info"

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[ShipmentRecord]:
        """List the orders that changed in the window."""
        return list_orders(self._connector, query, page_token, self.capability.page_size, "orders")

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[ShipmentRecord]:
        """Read the packages of up to 50 orders, or the number of one parcel, or its events."""
        if stubs[0].step == "orders":
            return self._fetch_packages(stubs)
        (stub,) = stubs
        asked = (
            ("order_sn", values.identifier(values.fields(stub.payload.get("order")).get("order_sn")) or ""),
            ("package_number", stub.external_id),
        )
        if stub.step == "tracking_number":
            number = self._connector.fetch(self.number_path, asked)
            if "tracking_number" not in number:
                raise broken_answer("The answer has no tracking number, not even an empty one.", stub)
            payload = {**without_mark(stub.payload), "number": number}
            if ASKED_ORDER in stub.payload:
                return page_of([map_shipment(payload)])
            return Page((), stubs=(Stub(stub.external_id, "tracking", payload),))
        tracking = self._connector.fetch(self.tracking_path, asked)
        if any(values.identifier(tracking.get(name)) not in (None, number) for name, number in asked):
            raise errors.UnreadableAnswer("The answer is not about the parcel that was asked for.")
        if not isinstance(tracking.get("tracking_info"), list):
            raise errors.UnreadableAnswer("The answer has no list of tracking events.")
        return page_of([map_shipment({**stub.payload, "tracking": tracking})])

    def begin_order(self, order: KnownOrder) -> Stub:
        """Ask for the packages in the order."""
        return Stub(order.external_id, "orders", {"order_sn": order.external_id, ASKED_ORDER: order.external_id})

    def map_payload(self, payload: Payload) -> ShipmentRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_shipment(payload)

    def _fetch_packages(self, orders: Sequence[Stub]) -> Page[ShipmentRecord]:
        """Read the packages of some orders. One that is not given is told: nobody else misses its parcels."""
        rows = fetch_order_rows(self._connector, [stub.external_id for stub in orders], PARCEL_FIELDS)
        given = {values.identifier(values.fields(row).get("order_sn")): values.fields(row) for row in rows}
        found: list[Any] = []
        for stub in orders:
            if stub.external_id in given:
                found += name_order(_packages_in(given[stub.external_id], stub), stub)
            else:
                found.append(UnreadableRecord({"order": without_mark(stub.payload)}, _NOT_GIVEN, stub.external_id))
        return page_of(found)


def _packages_in(row: Payload, stub: Stub) -> Iterator[Stub | ShipmentRecord | UnreadableRecord]:
    """Name the packages of an order; those that are not arranged yet need no further call."""
    order = {key: value for key, value in row.items() if key != "package_list"}
    mark = {ASKED_ORDER: stub.external_id} if ASKED_ORDER in stub.payload else {}
    for package in values.rows(row.get("package_list")):
        payload = {"order": order, "package": package}
        number = values.identifier(values.fields(package).get("package_number"))
        if number is None or package.get("logistics_status") in UNARRANGED:
            yield map_shipment(payload)
        else:
            yield Stub(number, "tracking_number", {**payload, **mark})
