"""After-sales cases and cancellations of a Temu shop: two lists, of which one has no window."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import values
from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.records import Page, Payload, Resource, ReturnRecord, Stub, UnreadableRecord, Window
from shops.marketplaces.temu.client.calls import NumberedPaging, OptionalCall, check_subject, updated_in
from shops.marketplaces.temu.mapping.returns import map_return
from shops.marketplaces.temu.mapping.statuses import NOT_SENT_STATUSES

if TYPE_CHECKING:
    from shops.marketplaces.temu.client import TemuConnector

CASE_LIST = "bg.aftersales.parentaftersales.list.get"
CANCELLATION_LIST = "bg.aftersales.cancel.list.get"
CANCELLATIONS = "cancellations"
DETAIL = "detail"
LOGISTICS = "logistics"
CANCELLATION = "cancellation"
_ROWS = NumberedPaging(200, "data")  # 200 is the most that both lists give
_RETURN = "2"  # the kind of case in which goods come back
_FIRST_CASES = 1_640_995_200  # 2022-01-01 in Unix seconds: before Temu opened


class ReturnReader(ResourceReader):
    """Reads cases by time of change, and all cancellations with the latest window."""

    _connector: "TemuConnector"
    resource: ClassVar[Resource] = Resource.RETURNS
    capability: ClassVar[Capability] = Capability(
        page_size=_ROWS.size,
        details={DETAIL: 1, LOGISTICS: 1, CANCELLATION: 200},
        may_be_empty=frozenset({CANCELLATION}),
        ids_limit=20,  # as with orders; the list's own limit is not documented [?]
        note=(
            "Cases are listed by time of change; one call each brings lines, reasons and amounts, and one more the "
            "parcel that the buyer sent. Cancellations before shipping are a list without times of change, which is "
            "read whole each time."
        ),
    )
    # The unit of after-sales amounts is not documented; everything beside them is in minor units. [?]
    amounts_are_minor: ClassVar[bool] = True

    def __init__(self, connector: "TemuConnector") -> None:
        super().__init__(connector)
        self._detail = OptionalCall(connector, "temu.aftersales.parentaftersales.detail.get")
        self._logistics = OptionalCall(connector, "bg.aftersales.parentreturnorder.get")

    def plan_lists(self, window: Window, status: str = "") -> tuple[ListQuery, ...]:
        """Name the list of cases, and that of cancellations, which shows all of them whatever the window."""
        cancellations = ListQuery(self.resource, window, name=CANCELLATIONS, is_windowed=False)
        return (ListQuery(self.resource, window), cancellations)

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[ReturnRecord]:
        """Read a page of either list."""
        if query.name == CANCELLATIONS:
            found = _ROWS.look(self._connector.call(CANCELLATION_LIST, _ROWS.prepare(page_token)), page_token)
            rows = [self.map_payload({"cancellation": row}) for row in found.rows]
            return page_of(rows, found.next_token, found.total_count)
        parameters = {**_ROWS.prepare(page_token), **updated_in(query.window)}
        found = _ROWS.look(self._connector.call(CASE_LIST, parameters), page_token)
        return page_of([self._next_of_case(row) for row in found.rows], found.next_token, found.total_count)

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[ReturnRecord]:
        """Read the detail or the parcel of one case, or cancellations by number."""
        stub = stubs[0]
        if stub.step == CANCELLATION:
            return self._fetch_cancellations([each.external_id for each in stubs])
        number = {"parentAfterSalesSn": stub.external_id}
        if stub.step == DETAIL:
            order = values.fields(stub.payload.get("case")).get("parentOrderSn")
            detail = self._detail.fetch({"parentOrderSn": order, **number})
            check_subject(detail, "parentAfterSalesSn", stub.external_id)
            return page_of([self._next_of_detail(stub, _with(stub.payload, DETAIL, detail))])
        logistics = self._logistics.fetch(number)
        return page_of([self.map_payload(_with(stub.payload, LOGISTICS, logistics))])

    def fetch_by_ids(self, external_ids: Sequence[str]) -> Page[ReturnRecord]:
        """List cases by number; what is none may be a cancellation, whose numbers look the same."""
        parameters = {
            **_ROWS.prepare(),
            "parentAfterSalesSnList": list(external_ids),
            "updateAtStart": _FIRST_CASES,  # one account of the documentation wants a pair of times always
            "updateAtEnd": int(self._connector.clock()),
        }
        found = _ROWS.look(self._connector.call(CASE_LIST, parameters))
        cases = [self._next_of_case(row) for row in found.rows]
        read = {values.identifier(values.fields(row).get("parentAfterSalesSn")) for row in found.rows}
        others = [Stub(number, CANCELLATION, {}) for number in external_ids if number not in read]
        return page_of([*cases, *others])

    def map_payload(self, payload: Payload) -> ReturnRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_return(payload, is_minor=self.amounts_are_minor)

    def _fetch_cancellations(self, numbers: list[str]) -> Page[ReturnRecord]:
        parameters = {**_ROWS.prepare(), "parentAfterSalesSnList": numbers}
        found = _ROWS.look(self._connector.call(CANCELLATION_LIST, parameters))
        return page_of([self.map_payload({"cancellation": row}) for row in found.rows])

    def _next_of_case(self, row: object) -> ReturnRecord | UnreadableRecord | Stub:
        payload: Payload = {"case": row}
        told = values.fields(row)
        number = values.identifier(told.get("parentAfterSalesSn"))
        if number is None or values.identifier(told.get("parentOrderSn")) is None or not self._detail.is_allowed:
            return self.map_payload(payload)
        return Stub(number, DETAIL, payload, values.seconds(told.get("updateAt")))

    def _next_of_detail(self, stub: Stub, payload: Payload) -> Any:
        """Ask for the buyer's parcel where goods come back and may have been sent."""
        told = values.fields(payload.get("case"))
        is_sent = (
            values.identifier(told.get("afterSalesType")) == _RETURN
            and values.identifier(told.get("parentAfterSalesStatus")) not in NOT_SENT_STATUSES
        )
        if is_sent and self._logistics.is_allowed:
            return Stub(stub.external_id, LOGISTICS, payload, stub.source_updated_at)
        return self.map_payload(payload)


def _with(payload: Payload, name: str, answer: Payload | None) -> Payload:
    return payload if answer is None else {**payload, name: answer}
