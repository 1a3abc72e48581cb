"""Orders of a TikTok Shop: search and detail of the same version have the same shape, so one mapping reads both."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.paging import TokenPaging
from shops.marketplaces.records import OrderRecord, Page, Payload, Resource, UnreadableRecord, Window
from shops.marketplaces.tiktok.client.lists import look, page_parameters, updated_in
from shops.marketplaces.tiktok.mapping.order_fields import STATUSES, UNSEARCHABLE_STATUSES
from shops.marketplaces.tiktok.mapping.orders import map_order

if TYPE_CHECKING:
    from shops.marketplaces.tiktok.client import TikTokConnector

_ORDERS = TokenPaging(rows_field="orders")


class OrderReader(ResourceReader):
    """Reads orders by time of change; the search carries the whole order, so that nothing has to be completed."""

    _connector: "TikTokConnector"
    resource: ClassVar[Resource] = Resource.ORDERS
    capability: ClassVar[Capability] = Capability(
        page_size=100,  # the most that the search allows
        is_in_order=True,
        ids_limit=50,
        note="Search by time of change; a search row is the whole order, its lines and packages.",
    )
    search_path: ClassVar[str] = "/order/202309/orders/search"
    details_path: ClassVar[str] = "/order/202309/orders"

    def plan_lists(self, window: Window, status: str = "") -> tuple[ListQuery, ...]:
        """Name one search; one for each of the words that stand for a status."""
        if not status:
            return (ListQuery(self.resource, window),)
        words = [word for word, ours in STATUSES.items() if ours == status and word not in UNSEARCHABLE_STATUSES]
        return tuple(ListQuery(self.resource, window, raw_status=word) for word in words)

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[OrderRecord]:
        """Search orders by update time."""
        body: dict[str, Any] = dict(updated_in(query.window))
        if query.raw_status:
            body["order_status"] = query.raw_status
        parameters = page_parameters(_ORDERS, self.capability.page_size, page_token, "update_time")
        found = look(_ORDERS, self._connector.call("POST", self.search_path, parameters, body), page_token)
        return page_of([map_order(row) for row in found.rows], found.next_token, found.total_count)

    def fetch_by_ids(self, external_ids: Sequence[str]) -> Page[OrderRecord]:
        """Read orders by id; ids that are not known there are missing."""
        data = self._connector.call("GET", self.details_path, {"ids": ",".join(external_ids)})
        return page_of([map_order(row) for row in _ORDERS.look(data).rows])

    def map_payload(self, payload: Payload) -> OrderRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_order(payload)
