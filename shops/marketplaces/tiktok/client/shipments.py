"""Parcels of a TikTok Shop: a search of packages, and the tracking of the order that a package belongs to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import ASKED_ORDER, Capability, KnownOrder, ListQuery
from shops.marketplaces.paging import TokenPaging
from shops.marketplaces.records import Page, Payload, Resource, ShipmentRecord, Stub, UnreadableRecord
from shops.marketplaces.tiktok.client.lists import look, page_parameters, updated_in
from shops.marketplaces.tiktok.client.orders import OrderReader
from shops.marketplaces.tiktok.mapping.shipments import first_order_of, map_shipment, package_id_of

if TYPE_CHECKING:
    from shops.marketplaces.tiktok.client import TikTokConnector

_PACKAGES = TokenPaging(rows_field="packages")
_ORDERS = TokenPaging(rows_field="orders")
_NOT_GIVEN = "The call for the packages of the order does not give it."
_NO_PACKAGE_ID = "The order names a package whose id cannot be read."


class ShipmentReader(ResourceReader):
    """Reads packages by time of change, and for each that changed the tracking of its order."""

    _connector: "TikTokConnector"
    resource: ClassVar[Resource] = Resource.SHIPMENTS
    capability: ClassVar[Capability] = Capability(
        page_size=50,  # the most that the search allows
        details={"order": 50, "package": 1, "tracking": 1},
        may_be_empty=frozenset({"order"}),
        ids_limit=1,
        note="Search of packages by time of change, then one tracking call for each changed package. TikTok tells "
        "tracking by order: where an order has several packages, each shows the events of all. Known orders "
        "name their packages, 50 orders a call; each package is then asked for by itself, without events.",
    )
    search_path: ClassVar[str] = "/fulfillment/202309/packages/search"
    detail_path: ClassVar[str] = "/fulfillment/202309/packages/{package_id}"
    tracking_path: ClassVar[str] = "/fulfillment/202309/orders/{order_id}/tracking"
    untracked_statuses: ClassVar[frozenset[str]] = frozenset()  # none is documented as having no tracking

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[ShipmentRecord]:
        """Search packages by update time."""
        parameters = page_parameters(_PACKAGES, self.capability.page_size, page_token, "update_time")
        data = self._connector.call("POST", self.search_path, parameters, updated_in(query.window))
        found = look(_PACKAGES, data, page_token)
        return page_of(map(self._next_of, found.rows), found.next_token, found.total_count)

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[ShipmentRecord]:
        """Read the packages of up to 50 orders, or one package, or the tracking of one package's order."""
        if stubs[0].step == "order":
            return self._fetch_orders(stubs)
        (stub,) = stubs
        return self._fetch_package(stub) if stub.step == "package" else self._fetch_tracking(stub)

    def _fetch_tracking(self, stub: Stub) -> Page[ShipmentRecord]:
        """Read the tracking of one package's order. An order without events has an empty list, never none."""
        order_id = first_order_of(stub.payload)
        data = self._connector.call("GET", self.tracking_path.format(order_id=order_id))
        if not isinstance(data.get("tracking"), list):
            raise errors.UnreadableAnswer("The answer has no list of tracking.")
        return page_of([map_shipment({**stub.payload, "tracking": data["tracking"]})])

    def fetch_by_ids(self, external_ids: Sequence[str]) -> Page[ShipmentRecord]:
        """Read one package by id; its tracking takes a further call."""
        (package_id,) = external_ids
        try:
            detail = self._call_detail(package_id)
        except errors.RecordRefused:
            return Page(())
        if package_id_of(detail) != package_id:
            raise errors.UnreadableAnswer("The answer is not about the package that was asked for.")
        return page_of([self._next_of(detail)])

    def begin_order(self, order: KnownOrder) -> Stub:
        """Ask which packages the order is in."""
        return Stub(order.external_id, "order", {ASKED_ORDER: order.external_id})

    def _fetch_orders(self, stubs: Sequence[Stub]) -> Page[ShipmentRecord]:
        """Read which packages some orders are in. One that several of them share is asked for once."""
        asked = {"ids": ",".join(stub.external_id for stub in stubs)}
        data = self._connector.call("GET", OrderReader.details_path, asked)
        rows = [values.fields(row) for row in _ORDERS.look(data).rows]
        given = {values.identifier(row.get("id")): row for row in rows}
        unreadable: list[UnreadableRecord] = []
        packages: dict[str, Stub] = {}
        for stub in stubs:
            order_id = stub.external_id
            if order_id not in given:
                unreadable.append(UnreadableRecord({"order": {"id": order_id}}, _NOT_GIVEN, order_id))
            for package_id in _packages_of(given.get(order_id, {})):
                if package_id is None:
                    unreadable.append(UnreadableRecord({"order": {"id": order_id}}, _NO_PACKAGE_ID, order_id))
                else:
                    packages.setdefault(package_id, Stub(package_id, "package", {ASKED_ORDER: order_id}))
        return Page((), tuple(unreadable), stubs=tuple(packages.values()))

    def _fetch_package(self, stub: Stub) -> Page[ShipmentRecord]:
        """Read one package of an order that was asked for; one of another order is refused."""
        detail = self._call_detail(stub.external_id)
        record = map_shipment({"package": detail})
        if type(record) is not ShipmentRecord or record.external_id != stub.external_id:
            raise errors.RecordRefused("The answer is not about the package that was asked for.")
        if stub.payload.get(ASKED_ORDER) not in record.order_external_ids:
            raise errors.RecordRefused(f"Package {stub.external_id} does not name the order that named it.")
        return page_of([record])

    def _call_detail(self, package_id: str) -> Payload:
        return self._connector.call("GET", self.detail_path.format(package_id=package_id))

    def map_payload(self, payload: Payload) -> ShipmentRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_shipment(payload)

    def _next_of(self, row: object) -> Stub | ShipmentRecord | UnreadableRecord:
        """Ask for the tracking of a package whose order and status have one."""
        package = values.fields(row)
        package_id = package_id_of(package)
        payload = {"package": row}
        if package_id and first_order_of(payload) and package.get("status") not in self.untracked_statuses:
            return Stub(package_id, "tracking", payload, values.seconds(package.get("update_time")))
        return map_shipment(payload)


def _packages_of(order: Payload) -> dict[str | None, None]:
    """List the ids of an order's packages, each once; None stands for those that cannot be read."""
    named = [values.fields(package).get("id") for package in values.rows(order.get("packages"))]
    lines = [values.fields(line) for line in values.rows(order.get("line_items"))]
    named += [line["package_id"] for line in lines if line.get("package_id")]
    return dict.fromkeys(map(values.identifier, named))
