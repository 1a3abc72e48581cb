"""Answers after-sales requests and, in a list of their own, cancellations before shipping."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from shops.sandbox.aftersales import Case
from shops.sandbox.service import Call
from shops.sandbox.temu import cases
from shops.sandbox.temu.paging import Query
from shops.sandbox.temu.parameters import Body, integer, text, texts, times
from shops.sandbox.temu.replies import TemuRefusal
from shops.sandbox.temu.seller import Seller
from shops.sandbox.temu.shared import Shared, break_one
from shops.sandbox.temu.statuses import CANCEL_GROUP_STATUSES, GROUP_STATUSES, case_status

PARENTS, CHILDREN = "bg.aftersales.parentaftersales.list.get", "bg.aftersales.aftersales.list.get"
DETAIL, LOGISTICS = "temu.aftersales.parentaftersales.detail.get", "bg.aftersales.parentreturnorder.get"
CANCELS = "bg.aftersales.cancel.list.get"
REFUND = "temu.aftersales.refund.issue"
LARGEST_PAGE = 200
_HIGHEST_NUMBER_COUNT = 200
_HIGHEST_PAGE = 1_000_000


@dataclass(frozen=True)
class Search:
    """Which requests a list is to show; every time is inclusive."""

    parents: tuple[str, ...]
    requests: tuple[str, ...]
    statuses: tuple[int, ...]
    created: tuple[int, int] | None = None
    updated: tuple[int, int] | None = None

    def fits(self, seller: Seller, case: Case) -> bool:
        """Whether a request passes all filters."""
        return (
            (not self.parents or seller.names.parent(case.order.position) in self.parents)
            and (not self.requests or seller.names.case(case.order.position, case.number) in self.requests)
            and (not self.statuses or case_status(case.kind, case.event) in self.statuses)
            and (self.created is None or self.created[0] <= case.created <= self.created[1])
            and (self.updated is None or self.updated[0] <= case.updated <= self.updated[1])
        )


class AfterSalesCalls:
    """The after-sales types of all shops."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.handlers: dict[str, Callable[[Body, Seller, Call], Any]] = {
            PARENTS: self._parents,
            CHILDREN: self._children,
            DETAIL: self._detail,
            LOGISTICS: self._logistics,
            CANCELS: self._cancels,
            REFUND: self._refund,
        }

    def truth(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Yield what a copy of the requests must agree with, cancellations too."""
        seller = self._shared.sellers[shop_number]
        for case in seller.cases.created_between(None, None, as_of):
            yield cases.truth(seller, case)

    def _parents(self, body: Body, seller: Seller, call: Call) -> dict[str, Any]:
        groups = GROUP_STATUSES
        search = _read_search(body, groups, with_times=True)
        is_windowed = search.created is not None or search.updated is not None
        is_named = bool(search.parents or search.requests)
        if self._shared.switches.do_after_sales_need_times and not is_windowed and not is_named:
            raise TemuRefusal("after_sales", "One pair of times is required.")
        found = self._page(PARENTS, body, seller, call, search, ("refund", "return"), is_windowed=is_windowed)
        asked = integer(body, "afterSalesStatusGroup", 0, 0, max(groups))
        rows = [cases.parent_row(seller, case, asked) for case in found.cases]
        return found.answer(rows, "parentAfterSalesSn", "updateAt")

    def _cancels(self, body: Body, seller: Seller, call: Call) -> dict[str, Any]:
        search = _read_search(body, CANCEL_GROUP_STATUSES, with_times=False)
        found = self._page(CANCELS, body, seller, call, search, ("cancel",), is_windowed=False)
        rows = [cases.cancel_row(seller, case) for case in found.cases]
        return found.answer(rows, "parentAfterSalesSn", "parentAfterSalesStatus")

    def _children(self, body: Body, seller: Seller, call: Call) -> dict[str, Any]:
        """Return the lines of named requests; none of them tells its child order [A]."""
        search = _read_search(body, GROUP_STATUSES, with_times=False)
        if not search.requests:
            raise TemuRefusal("after_sales", "parentAfterSalesSnList is required.")
        named = self._named(seller, search.requests)
        for case in named:
            name = seller.names.case(case.order.position, case.number)
            self._shared.need_version(seller, CHILDREN, name, case.updated, LARGEST_PAGE)
        page, size = _read_page(body)
        rows = [row for case in named for row in cases.child_rows(seller, case)]
        shown = rows[(page - 1) * size : page * size]
        fault = self._shared.draw_page_fault(call)({"impossible_record"}) if shown else None
        break_one(shown, fault, "afterSalesSn", "applyAfterSalesGoodsNumber")
        return {"data": shown, "total": len(rows), "pageNumber": page}

    def _detail(self, body: Body, seller: Seller, _call: Call) -> dict[str, Any]:
        """Return one request with its money; minor units are assumed [?]."""
        parent = text(body, "parentOrderSn", "after_sales")
        case = self._one(body, seller, DETAIL)
        if seller.names.parent(case.order.position) != parent:
            raise TemuRefusal("after_sales")
        return cases.detail(seller, case)

    def _logistics(self, body: Body, seller: Seller, _call: Call) -> dict[str, Any]:
        """Return the parcel in which a buyer sends something back."""
        return {"logisticsInfoList": cases.logistics(seller, self._one(body, seller, LOGISTICS))}

    def _refund(self, body: Body, seller: Seller, _call: Call) -> None:
        """Pay a refund whole, the only kind that there is; of a return once the goods are back [?]."""
        if integer(body, "openApiRefundType", 0, 0, 1, "after_sales") != 1:
            raise TemuRefusal("after_sales", "openApiRefundType")
        parent = text(body, "parentOrderSn", "after_sales")
        name = text(body, "parentAfterSalesSn", "after_sales")
        case = next((one for one in self._named(seller, (name,)) if one.kind != "cancel"), None)
        if case is None or seller.names.parent(case.order.position) != parent:
            raise TemuRefusal("after_sales")
        is_waiting = (case.kind, case.event) in (("refund", "requested"), ("return", "received"))
        if not is_waiting or not seller.cases.decide(case, "approve", self._shared.now()):
            raise TemuRefusal("after_sales_step")
        self._shared.ledger.need_once(str(seller.mall_id), REFUND, name)

    def _one(self, body: Body, seller: Seller, endpoint: str) -> Case:
        """Return the named refund or return; cancellations have neither a detail nor a parcel here [?]."""
        name = text(body, "parentAfterSalesSn", "after_sales")
        case = next((one for one in self._named(seller, (name,)) if one.kind != "cancel"), None)
        if case is None:
            raise TemuRefusal("after_sales")
        self._shared.need_version(seller, endpoint, name, case.updated)
        return case

    def _named(self, seller: Seller, requests: Iterable[str]) -> list[Case]:
        """Return the requests with these numbers, as they are now."""
        return [case for name in requests if (case := self._case(seller, seller.names.find_case(name)))]

    def _case(self, seller: Seller, key: tuple[int, int] | None) -> Case | None:
        state = None if key is None else self._shared.state(seller, key[0])
        known = [] if state is None else seller.cases.of(state, self._shared.now())
        return next((case for case in known if key and case.number == key[1]), None)

    def _page(
        self, endpoint: str, body: Body, seller: Seller, call: Call, search: Search, kinds: tuple[str, ...], *,
        is_windowed: bool,
    ) -> "_Found":  # fmt: skip
        page, size = _read_page(body)
        query = Query(str(seller.mall_id), endpoint, search.__dict__, page, size, LARGEST_PAGE, is_windowed)

        def build(as_of: int) -> list[tuple[int, int]]:
            found = [
                (case.updated, case.order.position, case.number)
                for case in _candidates(seller, search, as_of)
                if case.kind in kinds and search.fits(seller, case)
            ]
            # The order of these lists is not documented [?]: the latest change first, as with orders.
            return [(position, number) for _, position, number in sorted(found, reverse=True)]

        cut = self._shared.lists.page(query, self._shared.now(), build, self._shared.draw_page_fault(call))
        found = [case for key in cut.rows if (case := self._case(seller, key))]
        return _Found(found, page, cut.total, cut.fault)


@dataclass(frozen=True)
class _Found:
    """One page of requests."""

    cases: list[Case]
    page: int
    total: int
    fault: Any

    def answer(self, rows: list[dict[str, Any]], id_field: str, number_field: str) -> dict[str, Any]:
        """Return the page; what was asked for as pageNo comes back as pageNumber [A]."""
        break_one(rows, self.fault, id_field, number_field)
        return {"data": rows, "total": self.total, "pageNumber": self.page}


def _read_page(body: Body) -> tuple[int, int]:
    page = integer(body, "pageNo", 1, 1, _HIGHEST_PAGE, "after_sales")
    return page, integer(body, "pageSize", 10, 1, LARGEST_PAGE, "after_sales")


def _read_search(body: Body, groups: dict[int, frozenset[int]], *, with_times: bool) -> Search:
    group = integer(body, "afterSalesStatusGroup", 0, 0, 99, "after_sales")
    if group and group not in groups:
        raise TemuRefusal("after_sales", "afterSalesStatusGroup is unknown.")
    return Search(
        parents=tuple(texts(body, "parentOrderSnList", _HIGHEST_NUMBER_COUNT, "after_sales")),
        requests=tuple(texts(body, "parentAfterSalesSnList", _HIGHEST_NUMBER_COUNT, "after_sales")),
        statuses=tuple(sorted(groups[group])) if group else (),
        created=times(body, "createAtStart", "createAtEnd") if with_times else None,
        updated=times(body, "updateAtStart", "updateAtEnd") if with_times else None,
    )


def _candidates(seller: Seller, search: Search, as_of: int) -> Iterator[Case]:
    """Yield requests from the narrowest source: numbers, then update times, then creation times."""
    if search.parents or search.requests:
        indexes = [seller.names.find_parent(parent) for parent in search.parents]
        indexes += [found[0] if (found := seller.names.find_case(name)) else None for name in search.requests]
        for index in dict.fromkeys(indexes):
            state = None if index is None else seller.lives.state(index, as_of)
            yield from [] if state is None else seller.cases.of(state, as_of)
    elif search.updated is not None:
        yield from seller.cases.updated_between(search.updated[0], search.updated[1] + 1, as_of)
    elif search.created is not None:
        yield from seller.cases.created_between(search.created[0], search.created[1] + 1, as_of)
    else:
        # The list of cancellations has no times to choose by; how far back the real one goes is unknown [?].
        yield from seller.cases.created_between(None, None, as_of)
