"""Parcels of a Lazada shop: found through the orders that changed, their lines, and the trace of each order."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import ResourceReader, name_order, page_of, without_mark
from shops.marketplaces.contract import ASKED_ORDER, Capability, KnownOrder, ListQuery
from shops.marketplaces.lazada.client.orders import OrderReader, stub_of_order
from shops.marketplaces.lazada.client.pages import as_list, as_object
from shops.marketplaces.lazada.mapping.shipments import is_packed, is_traceable, map_shipment, split
from shops.marketplaces.records import Page, Payload, Resource, ShipmentRecord, Stub, UnreadableRecord

if TYPE_CHECKING:
    from shops.marketplaces.lazada.client import LazadaConnector

_NO_LINES = "The lines of the order are not given."
_LINES_OF_ANOTHER = "The lines that are given for the order name another one."


class ShipmentReader(ResourceReader):
    """Reads parcels. No call lists them, so each order that changed is looked at, unless it cannot have one yet."""

    _connector: "LazadaConnector"
    resource: ClassVar[Resource] = Resource.SHIPMENTS
    capability: ClassVar[Capability] = Capability(
        page_size=OrderReader.capability.page_size,
        details={"items": 50, "trace": 1},
        may_be_empty=frozenset({"items", "trace"}),
        note="No call lists parcels: they are read from the lines of the orders that changed, with the tracking events "
        "of one order a call. For known orders the lines of 50 of them a call are all that is asked for.",
    )
    trace_path: ClassVar[str] = "/logistic/order/trace"
    locale: ClassVar[str] = "en"  # of the events' texts
    # Whether orders of which all lines are in one of these can be passed over: they have no parcel yet.
    statuses_before_parcels: ClassVar[frozenset[str]] = frozenset({"unpaid", "pending"})

    def __init__(self, connector: "LazadaConnector") -> None:
        super().__init__(connector)
        self._orders = OrderReader(connector)

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[ShipmentRecord]:
        """Read one page of the list of orders."""
        return self._orders.fetch_list(query, page_token, self._stub_of)

    def _stub_of(self, row: Any) -> Stub | UnreadableRecord | str:
        found = stub_of_order(row)
        if isinstance(found, UnreadableRecord):
            return found
        told = values.rows(values.fields(row).get("statuses"))
        if told and all(type(word) is str and word in self.statuses_before_parcels for word in told):
            return found.external_id
        # An order's id is no parcel's: nothing stored says how new it is.
        return Stub(found.external_id, found.step, found.payload)

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[ShipmentRecord]:
        """Read the lines of up to 50 orders, or the trace of one."""
        return self._fetch_items(stubs) if stubs[0].step == "items" else self._fetch_trace(stubs[0])

    def _fetch_items(self, stubs: Sequence[Stub]) -> Page[ShipmentRecord]:
        items = self._orders.fetch_items([stub.external_id for stub in stubs])
        rows: list[Any] = []
        for stub in stubs:
            payload = {**without_mark(stub.payload), "items": items.get(stub.external_id)}
            if stub.external_id not in items:
                rows.append(UnreadableRecord(payload, _NO_LINES, stub.external_id))
            elif not _are_all_of(payload["items"], stub.external_id):
                rows.append(UnreadableRecord(payload, _LINES_OF_ANOTHER, stub.external_id))
            elif is_traceable(payload) and ASKED_ORDER not in stub.payload:
                rows.append(Stub(stub.external_id, "trace", payload))
            elif is_packed(payload):
                rows += name_order(map(map_shipment, split(payload)), stub)
        return page_of(rows)

    def _fetch_trace(self, stub: Stub) -> Page[ShipmentRecord]:
        """Read what happened to an order's parcels; where no trace is given, they are known without events."""
        parameters = {"order_id": stub.external_id, "locale": self.locale}
        payload = stub.payload
        try:
            result = as_object(self._connector.call(self.trace_path, parameters, part="result"))
        except errors.RecordRefused as error:
            payload = {**payload, "refusal": str(error)}
        else:
            payload = {**payload, **_trace_in(result)}
        return page_of([map_shipment(part) for part in split(payload)])

    def begin_order(self, order: KnownOrder) -> Stub:
        """Ask for the lines, which name their packages."""
        told: Payload = {"order_id": order.external_id}
        if order.source_updated_at:
            told["updated_at"] = order.source_updated_at.isoformat()
        return Stub(order.external_id, "items", {"order": told, ASKED_ORDER: order.external_id})

    def map_payload(self, payload: Payload) -> ShipmentRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_shipment(payload)


def _are_all_of(lines: object, order_id: str) -> bool:
    """Whether no line says that it is another order's."""
    named = (values.identifier(values.fields(line).get("order_id")) for line in values.rows(lines))
    return all(name in (None, order_id) for name in named)


def _trace_in(result: dict[str, Any]) -> dict[str, Any]:
    """Give the packages of a trace, or why there is none."""
    succeeded = values.boolean(result.get("success"))
    if succeeded is None:
        raise errors.UnreadableAnswer("The trace does not say whether it succeeded.")
    if succeeded:
        parts = [values.fields(part) for part in as_list(result.get("module") or [])]
        return {
            "packages": [package for part in parts for package in values.rows(part.get("package_detail_info_list"))]
        }
    if values.boolean(result.get("retry")):
        raise errors.ServerError("Lazada could not trace the order and asks to try again.")
    told = values.text(values.fields(result.get("error_code")).get("displayMessage"))
    return {"refusal": told or "Lazada gives no trace of this order and no reason."}
