"""Orders of a Shopee shop: the list names numbers alone, the detail gives 50 of them whole."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.records import OrderRecord, Page, Payload, Resource, Stub, UnreadableRecord, Window
from shops.marketplaces.shopee.client.lists import asked_for, look, window_of
from shops.marketplaces.shopee.mapping.ids import unreadable
from shops.marketplaces.shopee.mapping.order_fields import OPTIONAL_FIELDS, SEARCHABLE_STATUSES, STATUSES
from shops.marketplaces.shopee.mapping.orders import map_order

if TYPE_CHECKING:
    from shops.marketplaces.shopee.client import ShopeeConnector

LONGEST_WINDOW = timedelta(days=15)
ORDERS_PER_CALL = 50
LIST_PATH = "/order/get_order_list"
DETAIL_PATH = "/order/get_order_detail"
# Without this, orders that Shopee still checks (status PENDING) are not shown as such, or not at all.
WITH_PENDING = (("request_order_status_pending", "true"),)


class OrderReader(ResourceReader):
    """Reads orders by time of change. The list tells no time of change, so every order in it is asked for."""

    _connector: "ShopeeConnector"
    resource: ClassVar[Resource] = Resource.ORDERS
    capability: ClassVar[Capability] = Capability(
        page_size=100,
        longest_window=LONGEST_WINDOW,
        details={"detail": ORDERS_PER_CALL},
        ids_limit=ORDERS_PER_CALL,
        note="A list of order numbers by time of change, then the detail for 50 of them a call: lines, amounts, "
        "packages. The buyer's shipping fee and the seller's income are known from the escrow only.",
    )

    def plan_lists(self, window: Window, status: str = "") -> tuple[ListQuery, ...]:
        """Name one list; one for each of the words that stand for a status and can be searched for."""
        if not status:
            return (ListQuery(self.resource, window),)
        words = [word for word, ours in STATUSES.items() if ours == status and word in SEARCHABLE_STATUSES]
        return tuple(ListQuery(self.resource, window, raw_status=word) for word in words)

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[OrderRecord]:
        """List what changed in the window."""
        return list_orders(self._connector, query, page_token, self.capability.page_size, "detail")

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[OrderRecord]:
        """Read up to 50 orders."""
        rows = fetch_order_rows(self._connector, [stub.external_id for stub in stubs], OPTIONAL_FIELDS)
        return page_of([map_order(row) for row in rows])

    def fetch_by_ids(self, external_ids: Sequence[str]) -> Page[OrderRecord]:
        """Read orders by number; those that are not known there are missing."""
        try:
            rows = fetch_order_rows(self._connector, external_ids, OPTIONAL_FIELDS)
        except errors.RecordRefused:  # what Shopee says where it knows none of them
            return Page(())
        return page_of([map_order(row) for row in rows])

    def map_payload(self, payload: Payload) -> OrderRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_order(payload)


def list_orders(
    connector: "ShopeeConnector", query: ListQuery, page_token: str, page_size: int, step: str
) -> Page[Any]:
    """List the orders that changed in the window, as stubs of a step. The list of shipments starts here as well."""
    parameters = [
        ("time_range_field", "update_time"),
        *window_of(query.window, "time_from", "time_to"),
        ("page_size", str(page_size)),
        ("cursor", page_token),
        ("response_optional_fields", "order_status"),
        *WITH_PENDING,
    ]
    if query.raw_status:
        parameters.append(("order_status", query.raw_status))
    answer = connector.fetch(LIST_PATH, parameters)
    found = look(answer, "order_list")
    next_token = values.text(answer.get("next_cursor")) if found.has_more else ""
    if found.has_more and (not next_token or next_token == page_token):
        raise errors.UnreadableAnswer("The list goes on, but the answer has no cursor that leads on.")
    named = [(values.identifier(values.fields(row).get("order_sn")), row) for row in found.rows]
    rows = [Stub(order_sn, step, row) if order_sn else unreadable(row, "order_sn") for order_sn, row in named]
    return page_of(rows, next_token or "")


def fetch_order_rows(connector: "ShopeeConnector", order_sns: Sequence[str], optional_fields: str) -> list[Any]:
    """Read orders by number, as Shopee describes them; what was not asked for is left out."""
    parameters = (
        ("order_sn_list", ",".join(order_sns)),
        ("response_optional_fields", optional_fields),
        *WITH_PENDING,
    )
    rows = connector.fetch(DETAIL_PATH, parameters).get("order_list")
    if not isinstance(rows, list):
        raise errors.UnreadableAnswer("The answer has no list of orders.")
    return asked_for(rows, "order_sn", order_sns)
