"""Answers the calls of reverse orders: the list, one in detail, the history of a line."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from shops.sandbox.aftersales import Case
from shops.sandbox.calls import Ledger
from shops.sandbox.lazada.breakages import break_one
from shops.sandbox.lazada.gateway import Parameters
from shops.sandbox.lazada.numbers import order_of_reverse, order_of_reverse_line
from shops.sandbox.lazada.paging import Lists, Place
from shops.sandbox.lazada.reading import as_number, json_list, required, whole_number
from shops.sandbox.lazada.replies import RefusalError, success
from shops.sandbox.lazada.reverse_orders import ReverseOrder
from shops.sandbox.lazada.seller import Seller
from shops.sandbox.lazada.switches import Switches
from shops.sandbox.listener import Response
from shops.sandbox.marketplace import Stage
from shops.sandbox.service import Call

DEFAULT_PAGE_SIZE = 10
# The highest is not documented [?].
HIGHEST_PAGE_SIZE = 50
_HIGHEST_PAGE = 1_000_000
# Filters by a list of words, and what of a reverse order they look at.
_WORD_FILTERS: dict[str, Callable[[ReverseOrder], str]] = {
    "request_type_list": lambda one: one.request_type,
    "reverse_status_list": lambda one: one.status,
    "ofc_status_list": lambda one: one.ofc_status,
}
_MODIFIED, _MADE, _ORDERED = (
    "ReverseOrderLineModifiedTimeRange", "ReverseOrderLineTimeRange", "TradeOrderLineCreatedTimeRange"
)  # fmt: skip


class ReverseCalls:
    """The reverse order endpoints of all shops."""

    def __init__(self, stage: Stage, sellers: list[Seller], ledger: Ledger, lists: Lists, switches: Switches) -> None:
        self._clock = stage.clock
        self._sellers = sellers
        self._ledger = ledger
        self._lists = lists
        self._switches = switches

    def get_list(self, parameters: Parameters, seller: Seller, call: Call) -> Response:
        """/reverse/getreverseordersforseller: pages are counted from 1 [B]; the answer lies under `result` [A]."""
        for name in ("page_no", "page_size"):
            required(parameters, name)
        size = whole_number(parameters, "page_size", DEFAULT_PAGE_SIZE, 1, HIGHEST_PAGE_SIZE, "reverse_page_size")
        page = whole_number(parameters, "page_no", 1, 1, _HIGHEST_PAGE, "reverse_page")
        windows = {name: _window(parameters, name) for name in (_MODIFIED, _MADE, _ORDERED)}
        words = {name: _words(parameters, name) for name in _WORD_FILTERS}
        found = self._lists.page(
            call,
            parameters,
            Place((page - 1) * size, size, HIGHEST_PAGE_SIZE),
            lambda as_of: self._rows(parameters, seller, windows, words, as_of),
        )
        shown = [self._find(seller, index, number) for index, number in found.rows]
        items = [one.write() for one in shown if one is not None]
        break_one("reverse_orders", items, found.fault)
        content = {"page_no": page, "page_size": size, "total": found.total, "success": True, "items": items}
        return success(content, "result")

    def get_detail(self, parameters: Parameters, seller: Seller, call: Call) -> Response:
        """/order/reverse/return/detail/list: the same thing under other names [A]."""
        text = required(parameters, "reverse_order_id")
        number = as_number(text)
        if number is None:
            raise RefusalError("reverse_id")
        one = self._find_by_order(seller, *order_of_reverse(number))
        if one is None:
            raise RefusalError("reverse_foreign")
        self._ledger.need_versions(seller.seller_id, call.endpoint, [(text, one.case.updated)], 1)
        return success(one.write_detail())

    def get_history(self, parameters: Parameters, seller: Seller, call: Call) -> Response:
        """/order/reverse/return/history/list: who did something to a line, and when; what it was is not told."""
        text = required(parameters, "reverse_order_line_id")
        number = as_number(text)
        if number is None:
            raise RefusalError("reverse_line_id")
        size = whole_number(parameters, "page_size", DEFAULT_PAGE_SIZE, 1, HIGHEST_PAGE_SIZE, "reverse_page_size")
        page = whole_number(parameters, "page_number", 1, 1, _HIGHEST_PAGE, "reverse_page")
        one = self._find_by_order(seller, *order_of_reverse_line(number))
        if one is None or number not in one.line_ids():
            raise RefusalError("reverse_foreign")
        self._ledger.need_versions(seller.seller_id, call.endpoint, [(text, one.case.updated)], 1)
        rows: list[dict[str, Any]] = [
            {"operator": one.case.initiator, "picture": [], "time": one.time(moment)}
            for moment in one.case.times.values()
        ]
        info = {"page_size": size, "current_page_number": page, "total": len(rows)}
        return success({"list": rows[(page - 1) * size : page * size], "page_info": info})

    def truth(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Return what a copy of a shop's reverse orders must agree with."""
        seller = self._sellers[shop_number]
        for case in seller.cases.created_between(None, None, as_of):
            yield ReverseOrder(case, seller, self._switches).truth()

    def _rows(
        self, parameters: Parameters, seller: Seller, windows: dict[str, tuple[int, int] | None],
        words: dict[str, list[str] | None], as_of: int,
    ) -> list[tuple[int, int]]:  # fmt: skip
        """Return order and number of the cases that pass all filters, the longest unchanged first [?]."""
        tests = [(_WORD_FILTERS[name], allowed) for name, allowed in words.items() if allowed is not None]
        ordered = windows[_ORDERED]
        kept: list[tuple[int, int, int]] = []
        for case in _cases(seller, windows, as_of):
            one = ReverseOrder(case, seller, self._switches)
            if ordered and not ordered[0] <= case.order.created < ordered[1]:
                continue
            if all(read(one) in allowed for read, allowed in tests) and _is_meant(one, parameters):
                kept.append((case.updated, case.order.position, case.number))
        return [(position, number) for _, position, number in sorted(kept)]

    def find(self, seller: Seller, reverse_order: int) -> ReverseOrder | None:
        """Return the reverse order with this number, if it is the seller's."""
        one = self._find_by_order(seller, *order_of_reverse(reverse_order))
        return one if one is not None and one.number == reverse_order else None

    def find_line(self, seller: Seller, reverse_line: int) -> ReverseOrder | None:
        """Return the reverse order that a line with this number belongs to."""
        one = self._find_by_order(seller, *order_of_reverse_line(reverse_line))
        return one if one is not None and reverse_line in one.line_ids() else None

    def _find(self, seller: Seller, index: int, case_number: int) -> ReverseOrder | None:
        now = self._clock.now()
        state = seller.lives.state(index, now)
        cases = seller.cases.of(state, now) if state else []
        return next((ReverseOrder(case, seller, self._switches) for case in cases if case.number == case_number), None)

    def _find_by_order(self, seller: Seller, order_number: int, case_number: int) -> ReverseOrder | None:
        index = seller.lives.book.find_index(order_number, self._clock.now())
        return None if index is None else self._find(seller, index, case_number)


def _cases(seller: Seller, windows: dict[str, tuple[int, int] | None], as_of: int) -> Iterable[Case]:
    made, modified = windows[_MADE], windows[_MODIFIED]
    if modified is not None:
        cases: Iterable[Case] = seller.cases.updated_between(*modified, as_of)
        return cases if made is None else (case for case in cases if made[0] <= case.created < made[1])
    start, end = made or (None, None)
    return seller.cases.created_between(start, end, as_of)


def _is_meant(one: ReverseOrder, parameters: Parameters) -> bool:
    """Whether a reverse order passes the filters by one word; of quality checks and disputes there are none."""
    shown = {
        "reverse_order_id": str(one.number),
        "trade_order_id": str(one.order_number),
        "return_to_type": "RTM" if one.is_rtm else "RTW",
        "dispute_in_progress": "false",
        "QC_Decision": "",
    }
    return all(parameters.get(name, "") in ("", value) for name, value in shown.items())


def _window(parameters: Parameters, name: str) -> tuple[int, int] | None:
    """Read a range of milliseconds; both ends belong to it [?], and either may be missing."""
    start, end = parameters.get(f"{name}Start"), parameters.get(f"{name}End")
    if not start and not end:
        return None
    bounds = [as_number(text) if text else default for text, default in ((start, 0), (end, 1 << 50))]
    if bounds[0] is None or bounds[1] is None:
        raise RefusalError("invalid", name)
    return -(-bounds[0] // 1000), bounds[1] // 1000 + 1


def _words(parameters: Parameters, name: str) -> list[str] | None:
    text = parameters.get(name)
    if not text:
        return None
    words = json_list(text)
    if words is None:
        raise RefusalError("invalid", name)
    return words
