"""Orders of a Lazada shop: the list by time of change, then the lines of 50 orders a call."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.lazada.client.pages import (
    as_list,
    as_object,
    read_place,
    read_rows,
    read_total,
    write_token,
    written,
)
from shops.marketplaces.lazada.mapping.orders import map_order, read_updated_at
from shops.marketplaces.lazada.mapping.statuses import SEARCHABLE
from shops.marketplaces.records import (
    OrderRecord,
    OrderStatus,
    Page,
    Payload,
    Resource,
    Stub,
    UnreadableRecord,
    Window,
)

if TYPE_CHECKING:
    from shops.marketplaces.lazada.client import LazadaConnector


class OrderReader(ResourceReader):
    """Reads orders by time of change. A row of the list has no lines, and a line is where the status stands."""

    _connector: "LazadaConnector"
    resource: ClassVar[Resource] = Resource.ORDERS
    capability: ClassVar[Capability] = Capability(
        page_size=100,  # the most that the list allows
        details={"items": 50},
        ids_limit=1,
        note="The list by time of change has orders without lines; these come for 50 orders a call. "
        "An order has no status of its own: it is made of its lines'.",
    )
    list_path: ClassVar[str] = "/orders/get"
    order_path: ClassVar[str] = "/order/get"
    items_path: ClassVar[str] = "/orders/items/get"
    # The list's offset ends here; then it is asked for again from the newest time on.
    deepest_offset: ClassVar[int] = 5_000

    def plan_lists(self, window: Window, status: str = "") -> tuple[ListQuery, ...]:
        """Name one list; one for each of the words that stand for a status."""
        if not status:
            return (ListQuery(self.resource, window),)
        words = SEARCHABLE.get(OrderStatus(status), ())
        return tuple(ListQuery(self.resource, window, raw_status=word) for word in words)

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[OrderRecord]:
        """Read one page of the list; its orders are stubs."""
        return self.fetch_list(query, page_token, stub_of_order)

    def fetch_list(
        self, query: ListQuery, page_token: str, stub_of: Callable[[Any], Stub | UnreadableRecord | str]
    ) -> Page[Any]:
        """Read one page and make stubs of its rows, or what cannot be one, or the id of a row that needs no more.

        It is not documented whether the end is part of the list; if it is, the rows of that second come twice.
        """
        place = read_place(page_token, query.window)
        parameters = {
            "update_after": written(place.start),
            "update_before": query.window.end.isoformat(),
            "sort_by": "updated_at",
            "sort_direction": "ASC",
            "limit": str(self.capability.page_size),
            "offset": str(place.offset),
            "status": query.raw_status,
        }
        answer = as_object(self._connector.call(self.list_path, parameters))
        total = read_total(answer, "countTotal")
        rows = read_rows(answer, "orders", total)
        times = [read_updated_at(values.fields(row)) for row in rows]
        following = place.next(times, total, self.deepest_offset)
        return page_of(map(stub_of, rows), write_token(following), place.before + total)

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[OrderRecord]:
        """Read the lines of up to 50 orders."""
        items = self.fetch_items([stub.external_id for stub in stubs])
        payloads = [{**stub.payload, "items": items[stub.external_id]} for stub in stubs if stub.external_id in items]
        return page_of([map_order(payload) for payload in payloads])

    def fetch_items(self, order_ids: Sequence[str]) -> dict[str, Any]:
        """Read the lines of up to 50 orders, by the order's id."""
        asked = {"order_ids": f"[{','.join(order_ids)}]"}
        rows = [values.fields(row) for row in as_list(self._connector.call(self.items_path, asked))]
        found = {values.identifier(row.get("order_id")): row.get("order_items") for row in rows}
        return {order_id: items for order_id, items in found.items() if order_id is not None}

    def fetch_by_ids(self, external_ids: Sequence[str]) -> Page[OrderRecord]:
        """Read an order by its id as a stub, because its lines come from another call."""
        try:
            row = as_object(self._connector.call(self.order_path, {"order_id": external_ids[0]}))
        except errors.RecordRefused:
            return Page(())
        return page_of([stub_of_order(row)])

    def map_payload(self, payload: Payload) -> OrderRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_order(payload)


def stub_of_order(row: Any) -> Stub | UnreadableRecord:
    """Make a stub of an order without lines; one without an id cannot be completed."""
    order = values.fields(row)
    external_id = values.identifier(order.get("order_id"))
    if external_id is None:
        return UnreadableRecord({"order": row}, f"order_id is {values.shown(order.get('order_id'))} instead of an id.")
    return Stub(external_id, "items", {"order": order}, read_updated_at(order))
