"""Orders of a Temu shop: a list without money and packages, one call for an order's amounts, one for its packages."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.records import OrderRecord, Page, Payload, Resource, Stub, UnreadableRecord, Window
from shops.marketplaces.temu.client.calls import (
    NumberedPaging,
    OptionalCall,
    check_subject,
    fields_in,
    updated_in,
)
from shops.marketplaces.temu.errors import STILL_COMPUTING_AMOUNTS
from shops.marketplaces.temu.mapping.orders import map_order
from shops.marketplaces.temu.mapping.statuses import ORDER_STATUSES, SHIPPED_STATUSES

if TYPE_CHECKING:
    from shops.marketplaces.temu.client import TemuConnector

ORDER_LIST = "bg.order.list.v2.get"
ORDERS = NumberedPaging(100, "pageItems", "totalItemNum", "pageNumber")  # 100 is the most that the list gives
# Named, because the documentation does not say what is shown without: by one client's account only the first. [?]
FULFILMENTS = ("fulfillBySeller", "fulfillByCooperativeWarehouse")
PACKAGES = "packages"
AMOUNTS = "amounts"


class OrderReader(ResourceReader):
    """Reads orders by time of change, and the amounts of each if the token may."""

    _connector: "TemuConnector"
    resource: ClassVar[Resource] = Resource.ORDERS
    capability: ClassVar[Capability] = Capability(
        page_size=ORDERS.size,
        details={PACKAGES: 1, AMOUNTS: 1},
        ids_limit=20,  # the most that the list takes; one order more is refused
        note=(
            "A list by time of change with lines and no money; each order's amounts are a call of their own, which "
            "needs a scope that Temu grants on request: without it orders come without amounts. No address, and "
            "package numbers only for orders that are read by number."
        ),
    )
    fulfilments: ClassVar[Sequence[str]] = FULFILMENTS

    def __init__(self, connector: "TemuConnector") -> None:
        super().__init__(connector)
        self._amounts = OptionalCall(connector, "bg.order.amount.query")

    def plan_lists(self, window: Window, status: str = "") -> tuple[ListQuery, ...]:
        """Name one list; one for each of the numbers that stand for a status."""
        if not status:
            return (ListQuery(self.resource, window),)
        numbers = [number for number, ours in ORDER_STATUSES.items() if ours == status]
        return tuple(ListQuery(self.resource, window, raw_status=number) for number in numbers)

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[OrderRecord]:
        """List orders by update time, always the latest first: Temu sorts no other way."""
        parameters = {
            **ORDERS.prepare(page_token),
            **updated_in(query.window),
            "parentOrderStatus": int(query.raw_status or 0),
            "sortby": "updateTime",
            "fulfillmentTypeList": list(self.fulfilments),
        }
        found = ORDERS.look(self._connector.call(ORDER_LIST, parameters), page_token)
        rows = [self._next_of({"order": row}) for row in found.rows]
        return page_of(rows, found.next_token, found.total_count)

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[OrderRecord]:
        """Read the packages or the amounts of one order."""
        (stub,) = stubs
        number = {"parentOrderSn": stub.external_id}
        if stub.step == PACKAGES:
            asked = {**number, "fulfillmentTypeList": list(self.fulfilments)}
            detail = self._connector.call("bg.order.detail.v2.get", asked, is_of_record=True)
            check_subject(fields_in(detail).get("parentOrderMap"), "parentOrderSn", stub.external_id)
            return page_of([self._next_of({**stub.payload, "detail": detail})])
        return page_of([map_order({**stub.payload, **self._fetch_amounts(number)})])

    def fetch_by_ids(self, external_ids: Sequence[str]) -> Page[OrderRecord]:
        """List orders by number; the packages of those that are on their way follow."""
        parameters = {
            **ORDERS.prepare(),
            "parentOrderSnList": list(external_ids),
            "fulfillmentTypeList": list(self.fulfilments),
        }
        found = ORDERS.look(self._connector.call(ORDER_LIST, parameters))
        return page_of([self._next_of({"order": row}, with_packages=True) for row in found.rows])

    def map_payload(self, payload: Payload) -> OrderRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_order(payload)

    def _next_of(self, payload: Payload, *, with_packages: bool = False) -> OrderRecord | UnreadableRecord | Stub:
        """Say what an order needs next; a record where nothing, or where it has no number to be asked for by."""
        parent = values.fields(values.fields(payload.get("order")).get("parentOrderMap"))
        number = values.identifier(parent.get("parentOrderSn"))
        has_left = values.identifier(parent.get("parentOrderStatus")) in SHIPPED_STATUSES
        step = PACKAGES if with_packages and has_left else AMOUNTS if self._amounts.is_allowed else ""
        if number is None or not step:
            return map_order(payload)
        return Stub(number, step, payload, values.seconds(parent.get("updateTime")))

    def _fetch_amounts(self, number: Payload) -> Payload:
        """Read amounts: nothing where the token may not, and a remark where Temu is still computing them."""
        try:
            amounts = self._amounts.fetch(number)
        except errors.RecordNotReady as error:
            if error.code != str(STILL_COMPUTING_AMOUNTS):
                raise
            return {"amounts_refused": error.message}
        if amounts is None:
            return {}
        check_subject(amounts.get("parentOrderMap"), "parentOrderSn", number["parentOrderSn"])
        return {"amounts": amounts}
