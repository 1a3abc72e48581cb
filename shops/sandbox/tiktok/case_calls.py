"""Answers return search, cancellation search, the records of a return and the reasons for a refusal."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from shops.sandbox.aftersales import Case
from shops.sandbox.listener import Request
from shops.sandbox.service import Call, Service
from shops.sandbox.tiktok import filters
from shops.sandbox.tiktok.cases import REJECT_REASONS, CaseWriter
from shops.sandbox.tiktok.filters import Check, read_body
from shops.sandbox.tiktok.lists import Breakages, ListKind, Lists, Row, Search, read_search, sorted_keys
from shops.sandbox.tiktok.replies import RefusalError
from shops.sandbox.tiktok.seller import Seller
from shops.sandbox.tiktok.switches import Switches

_SORTS = ("create_time", "update_time")
# Documented as 10 to 50; the lower bound is unsure [?] and a switch.
_RETURNS = ListKind("return_orders", 50, least_page=10, default_page=10, sort_fields=_SORTS, default_sort=_SORTS[0])
_CANCELLATIONS = ListKind("cancellations", 50, default_page=10, sort_fields=_SORTS, default_sort=_SORTS[0])
_RETURN_TYPES = ("REFUND", "RETURN_AND_REFUND", "REPLACEMENT", "EXCHANGE")
_TIMES = filters.times("create_time_ge", "create_time_lt", "update_time_ge", "update_time_lt")
# What is true of rows is checked by field of the row; filters of times beside it.
_CHECKS: dict[str, Check] = {
    **_TIMES,
    **dict.fromkeys(
        ("return_ids", "cancel_ids", "order_ids", "buyer_user_ids", "return_status", "cancel_status", "cancel_types"),
        filters.texts(100),
    ),
    "return_types": filters.texts(len(_RETURN_TYPES)),
}
_FILTERED_FIELDS = {
    "return_ids": "id",
    "cancel_ids": "id",
    "order_ids": "order",
    "return_types": "kind",
    "cancel_types": "kind",
    "return_status": "status",
    "cancel_status": "status",
}
_ROLES = {"rejected": "SELLER", "approved": "SELLER", "received": "SELLER", "cancel_refused": "SELLER"}


def _breakages(id_field: str, status_field: str, lines_field: str) -> Breakages:
    return {
        "no id": lambda row: row.pop(id_field),
        "update_time is text": lambda row: row.update(update_time="yesterday"),
        "lines are text": lambda row: row.update({lines_field: "none"}),
        "unknown status": lambda row: row.update({status_field: "BEING_PONDERED"}),
    }


_RETURN_BREAKAGES = _breakages("return_id", "return_status", "return_line_items")
_CANCEL_BREAKAGES = _breakages("cancel_id", "cancel_status", "cancel_line_items")


class CaseCalls:
    """The after-sales endpoints of all shops."""

    def __init__(self, service: Service, sellers: list[Seller], lists: Lists, switches: Switches) -> None:
        self._service = service
        self._sellers = sellers
        self._lists = lists
        self._switches = switches
        self._writers = [CaseWriter(seller) for seller in sellers]

    def returns(self, request: Request, shop_number: int, call: Call) -> Row:
        """POST /return_refund/{version}/returns/search."""
        least = self._switches.least_return_page_size
        kind = ListKind(
            _RETURNS.rows_field, _RETURNS.largest_page, least, _RETURNS.default_page, _SORTS, _RETURNS.default_sort
        )
        writer = self._writers[shop_number]

        def write(key: int, now: int) -> Row | None:
            case = self._case(shop_number, key, now)
            return None if case is None else writer.write_return(case)

        return self._answer(request, shop_number, call, kind, ("refund", "return"), write, _RETURN_BREAKAGES)

    def cancellations(self, request: Request, shop_number: int, call: Call) -> Row:
        """POST /return_refund/{version}/cancellations/search."""
        writer = self._writers[shop_number]

        def write(key: int, now: int) -> Row | None:
            case = self._case(shop_number, key, now)
            return None if case is None else writer.write_cancellation(case)

        return self._answer(request, shop_number, call, _CANCELLATIONS, ("cancel",), write, _CANCEL_BREAKAGES)

    def records(self, request: Request, shop_number: int, call: Call) -> Row:
        """GET /return_refund/202309/returns/{return_id}/records: what happened, and by whom."""
        wanted = request.path.split("/")[4]
        case = self._writers[shop_number].find(wanted, self._service.stage.clock.now())
        if case is None or case.kind == "cancel":
            raise RefusalError("no_case")
        self._service.ledger.need_versions(call.shop, call.endpoint, [(wanted, case.updated)], 1)
        rows = [
            {
                "event": event.upper(),
                "role": _ROLES.get(event, "SYSTEM" if event == "refunded" else "BUYER"),
                "reason_text": "",
                "note": "",
                "images": [],
                "create_time": moment,
            }
            for event, moment in case.times.items()
        ]
        return {"records": rows}

    def reject_reasons(self, request: Request, shop_number: int, call: Call) -> Row:
        """GET /return_refund/202309/reject_reasons."""
        wanted = request.parameter("return_or_cancel_id") or ""
        if self._writers[shop_number].find(wanted, self._service.stage.clock.now()) is None:
            raise RefusalError("no_case")
        self._service.ledger.need_once(call.shop, call.endpoint, wanted)
        return {"reasons": [{"name": name, "text": text} for name, text in REJECT_REASONS]}

    def truth(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Return what a copy of a shop's returns and cancellations must agree with."""
        for case in self._sellers[shop_number].cases.updated_between(None, None, as_of):
            yield self._writers[shop_number].truth(case)

    def _answer(
        self, request: Request, shop_number: int, call: Call, kind: ListKind, kinds: Sequence[str], write: Any,
        breakages: Breakages,
    ) -> Row:  # fmt: skip
        search = read_search(request, kind, read_body(request), _CHECKS)

        def find(search: Search, as_of: int) -> Sequence[int]:
            return sorted_keys(self._rows(search, shop_number, kinds, as_of), search)

        return self._lists.answer(search, kind, call, find, write, breakages)

    def _rows(self, search: Search, shop_number: int, kinds: Sequence[str], as_of: int) -> Iterable[tuple[int, int]]:
        wanted, cases = search.filters, self._sellers[shop_number].cases
        if "create_time_ge" in wanted or "create_time_lt" in wanted:
            found = cases.created_between(wanted.get("create_time_ge"), wanted.get("create_time_lt"), as_of)
        else:
            found = cases.updated_between(wanted.get("update_time_ge"), wanted.get("update_time_lt"), as_of)
        for case in found:
            if (
                case.kind in kinds
                and filters.between(case.updated, wanted, "update_time")
                and self._passes(case, wanted, self._writers[shop_number])
            ):
                moment = case.updated if search.sort_field == "update_time" else case.created
                yield moment, case.order.position << 2 | case.number

    def _passes(self, case: Case, wanted: Any, writer: CaseWriter) -> bool:
        for name, field in _FILTERED_FIELDS.items():
            if name in wanted and writer.truth(case)[field] not in wanted[name]:
                return False
        return True

    def _case(self, shop_number: int, key: int, now: int) -> Case | None:
        seller = self._sellers[shop_number]
        state = seller.lives.state(key >> 2, now)
        cases = [] if state is None else seller.cases.of(state, now)
        return next((case for case in cases if case.number == key & 3), None)
