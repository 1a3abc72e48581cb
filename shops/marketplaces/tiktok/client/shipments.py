"""Parcels of a TikTok Shop: a search of packages, and the tracking of the order that a package belongs to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.paging import TokenPaging
from shops.marketplaces.records import Page, Payload, Resource, ShipmentRecord, Stub, UnreadableRecord
from shops.marketplaces.tiktok.client.lists import look, page_parameters, updated_in
from shops.marketplaces.tiktok.mapping.shipments import first_order_of, map_shipment, package_id_of

if TYPE_CHECKING:
    from shops.marketplaces.tiktok.client import TikTokConnector

_PACKAGES = TokenPaging(rows_field="packages")


class ShipmentReader(ResourceReader):
    """Reads packages by time of change, and for each that changed the tracking of its order."""

    _connector: "TikTokConnector"
    resource: ClassVar[Resource] = Resource.SHIPMENTS
    capability: ClassVar[Capability] = Capability(
        page_size=50,  # the most that the search allows
        details={"tracking": 1},
        ids_limit=1,
        note="Search of packages by time of change, then one tracking call for each changed package. TikTok tells "
        "tracking by order: where an order has several packages, each shows the events of all.",
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
        """Read the tracking of one package's order. An order without events has an empty list, never none."""
        (stub,) = stubs
        order_id = first_order_of(stub.payload)
        data = self._connector.call("GET", self.tracking_path.format(order_id=order_id))
        if not isinstance(data.get("tracking"), list):
            raise errors.UnreadableAnswer("The answer has no list of tracking.")
        return page_of([map_shipment({**stub.payload, "tracking": data["tracking"]})])

    def fetch_by_ids(self, external_ids: Sequence[str]) -> Page[ShipmentRecord]:
        """Read one package by id; its tracking takes a further call."""
        (package_id,) = external_ids
        try:
            detail = self._connector.call("GET", self.detail_path.format(package_id=package_id))
        except errors.RecordRefused:
            return Page(())
        if package_id_of(detail) != package_id:
            raise errors.UnreadableAnswer("The answer is not about the package that was asked for.")
        return page_of([self._next_of(detail)])

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
