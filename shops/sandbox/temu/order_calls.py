"""Answers order list, detail, amounts and address."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shops.sandbox.faults import Fault
from shops.sandbox.service import Call
from shops.sandbox.temu.amounts import AmountWriter
from shops.sandbox.temu.lines import BY_SELLER, BY_WAREHOUSE, children_of, confirmed_at, fulfilment_of, ship_by
from shops.sandbox.temu.names import sku_id
from shops.sandbox.temu.orders import OrderWriter
from shops.sandbox.temu.paging import Query
from shops.sandbox.temu.parameters import Body, flag, integer, text, texts, times, word
from shops.sandbox.temu.replies import TemuRefusal
from shops.sandbox.temu.seller import Seller
from shops.sandbox.temu.shared import Shared
from shops.sandbox.temu.statuses import status_of
from shops.sandbox.temu.switches import AMOUNTS
from shops.sandbox.windows import OrderState

LIST, DETAIL, ADDRESS = "bg.order.list.v2.get", "bg.order.detail.v2.get", "bg.order.shippinginfo.v2.get"
LARGEST_PAGE = 100
HIGHEST_PARENT_COUNT = 20
_HIGHEST_PAGE = 1_000_000
_STATUSES = (0, 1, 2, 3, 4, 5, 41, 51)
_FULFILMENTS = (BY_SELLER, BY_WAREHOUSE)
# More labels and package states than there are.
_HIGHEST_WORD_COUNT = 50
# An array of eight-byte keys: seconds since the world's start above, 34 bits of index below.
_INDEX_BITS = 34
_INDEX_MASK = (1 << _INDEX_BITS) - 1
# What an impossible record can be, in turn; which comes first is seeded.
BREAKAGES = ("no number", "status is text", "updateTime is text", "orderList is text", "unknown status")


@dataclass(frozen=True)
class Search:
    """Which orders a list is to show; every time is inclusive."""

    status: int
    parents: tuple[str, ...]
    created: tuple[int, int] | None
    updated: tuple[int, int] | None
    ship_by: tuple[int, int] | None
    confirmed: tuple[int, int] | None
    region_id: int
    fulfilments: tuple[str, ...]
    sku_id: int
    is_by_update: bool
    # Filters that no order here passes, such as pre-sale.
    is_nothing: bool


class OrderCalls:
    """The order types of all shops."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.writers = [OrderWriter(seller, shared.switches) for seller in shared.sellers]
        self.amount_writers = [AmountWriter(seller) for seller in shared.sellers]
        self._calculations = 0
        self.handlers: dict[str, Callable[[Body, Seller, Call], Any]] = {
            LIST: self._list,
            DETAIL: self._detail,
            AMOUNTS: self._amounts,
            ADDRESS: self._address,
        }

    def truth(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Yield what a copy of the orders must agree with.

        The quantity is what was ordered. The price is what the buyer pays for one: unitRetailPrice less the line's
        two discounts through its quantity. Without the scope for amounts nobody can know either sum.
        """
        shared, seller = self._shared, self._shared.sellers[shop_number]
        knows_money = AMOUNTS in shared.switches.granted_scopes
        money, lives = seller.region.money, seller.lives
        for state in lives.states_in(lives.created_range(None, None, as_of), as_of):
            paid = self.amount_writers[shop_number].customer_paid(state)
            yield {
                "id": seller.names.parent(state.position),
                "status": str(int(status_of(state.path.number, state.step))),
                "update_time": state.updated,
                "total_amount": money(paid) if knows_money else None,
                "currency": seller.region.currency,
                "lines": [
                    {
                        "id": child.order_sn,
                        "sku_id": str(sku_id(child.unit.sku.sku_id)),
                        "quantity": child.quantity,
                        "price": money(child.unit.sale) if knows_money else None,
                    }
                    for child in children_of(seller, state)
                ],
            }

    def _list(self, body: Body, seller: Seller, call: Call) -> dict[str, Any]:
        page = integer(body, "pageNumber", 1, 1, _HIGHEST_PAGE)
        size = integer(body, "pageSize", 10, 1, LARGEST_PAGE)
        search = self._read_search(body)
        query = Query(
            shop=str(seller.mall_id), endpoint=LIST, filters=search.__dict__, page=page, size=size,
            largest_size=LARGEST_PAGE, is_windowed=search.updated is not None or search.created is not None,
        )  # fmt: skip
        now, writer = self._shared.now(), self.writers[seller.number]
        cut = self._shared.lists.page(
            query, now, lambda as_of: find_rows(seller, search, as_of), self._shared.draw_page_fault(call)
        )
        # An order may be younger than the world if the clock was set back after the first page.
        states = [state for index in cut.rows if (state := seller.lives.state(index, now))]
        rows = [writer.row(state) for state in states]
        if cut.fault is not None and cut.fault.kind == "impossible_record" and rows:
            _break_one(rows, cut.fault)
        return {"totalItemNum": cut.total, "pageItems": rows}

    def _detail(self, body: Body, seller: Seller, _call: Call) -> dict[str, Any]:
        state = self._find(body, seller)
        if fulfilment_of(state) not in self._fulfilments(body):
            raise TemuRefusal("order")
        self._shared.need_order(seller, DETAIL, state)
        self._calculate("order_pending")
        return self.writers[seller.number].detail(state, self._shared.now())

    def _amounts(self, body: Body, seller: Seller, _call: Call) -> dict[str, Any]:
        state = self._find(body, seller)
        self._shared.need_order(seller, AMOUNTS, state)
        self._calculate("amount_pending")
        return self.amount_writers[seller.number].write(state)

    def _address(self, body: Body, seller: Seller, _call: Call) -> dict[str, Any]:
        state = self._find(body, seller)
        self._shared.need_order(seller, ADDRESS, state)
        return self.writers[seller.number].address(state)

    def _find(self, body: Body, seller: Seller) -> OrderState:
        state = self._shared.find_order(seller, text(body, "parentOrderSn"))
        if state is None:
            raise TemuRefusal("order")
        return state

    def _calculate(self, refusal: str) -> None:
        """Refuse every so many calls, as if the order were still being computed."""
        every = self._shared.switches.calculating_every
        self._calculations += 1
        if every and self._calculations % every == 0:
            raise TemuRefusal(refusal)

    def _fulfilments(self, body: Body) -> tuple[str, ...]:
        given = texts(body, "fulfillmentTypeList", len(_FULFILMENTS))
        if not given:
            return (BY_SELLER,) if self._shared.switches.are_seller_lines_default else _FULFILMENTS
        if not set(given) <= set(_FULFILMENTS):
            raise TemuRefusal("parameter", f"$.fulfillmentTypeList must be of {', '.join(_FULFILMENTS)}")
        return tuple(sorted(given))

    def _read_search(self, body: Body) -> Search:
        status = integer(body, "parentOrderStatus", 0, 0, 99)
        if status not in _STATUSES:
            raise TemuRefusal("parameter", "$.parentOrderStatus is unknown")
        confirmed = times(body, "parentConfirmTimeStart", "parentConfirmTimeEnd")
        if confirmed is not None and confirmed[1] < confirmed[0]:
            raise TemuRefusal("confirm_times")
        rare = [flag(body, name) for name in ("hasPreSaleOrder", "hasQualificationRequiredOrder")]
        labels = texts(body, "parentOrderLabel", _HIGHEST_WORD_COUNT)
        abnormal = texts(body, "packageAbnormalTypeList", _HIGHEST_WORD_COUNT)
        return Search(
            status=status,
            parents=tuple(texts(body, "parentOrderSnList", HIGHEST_PARENT_COUNT)),
            created=times(body, "createAfter", "createBefore"),
            updated=times(body, "updateAtStart", "updateAtEnd"),
            ship_by=times(body, "expectShipLatestTimeStart", "expectShipLatestTimeEnd"),
            confirmed=confirmed,
            region_id=integer(body, "regionId", 0, 0, 1 << 62),
            fulfilments=self._fulfilments(body),
            sku_id=integer(body, "skuId", 0, 0, 1 << 62),
            is_by_update=word(body, "sortby", "createTime", ("createTime", "updateTime")) == "updateTime",
            is_nothing=any(rare) or bool(abnormal) or bool(set(labels) - {"pending_buyer_cancellation"}),
        )


def find_rows(seller: Seller, search: Search, as_of: int) -> Sequence[int]:
    """Indexes of the orders that a search finds, the latest first."""
    if search.is_nothing or search.region_id not in (0, seller.country.region_id):
        return ()
    start = seller.lives.book.start
    keys = array("q")
    for state in _candidates(seller, search, as_of):
        if _fits(seller, search, state):
            moment = state.updated if search.is_by_update else state.created
            keys.append((moment - start) << _INDEX_BITS | state.position)
    return array("q", [key & _INDEX_MASK for key in sorted(keys, reverse=True)])


def _candidates(seller: Seller, search: Search, as_of: int) -> Iterator[OrderState]:
    """Yield states from the narrowest source: numbers, then update times, then creation times."""
    lives = seller.lives
    if search.parents:
        indexes = [seller.names.find_parent(parent) for parent in search.parents]
        states = [lives.state(index, as_of) for index in indexes if index is not None]
        yield from (state for state in states if state is not None)
    elif search.updated is not None:
        first, last = search.updated
        yield from lives.updated_between(first, last + 1, as_of)
    else:
        created = search.created or (0, as_of)
        yield from lives.states_in(lives.created_range(created[0], created[1] + 1, as_of), as_of)


def _fits(seller: Seller, search: Search, state: OrderState) -> bool:
    if search.status and status_of(state.path.number, state.step) != search.status:
        return False
    if fulfilment_of(state) not in search.fulfilments:
        return False
    if not (_within(search.created, state.created) and _within(search.updated, state.updated)):
        return False
    if search.sku_id and all(sku_id(one.unit.sku.sku_id) != search.sku_id for one in children_of(seller, state)):
        return False
    if search.confirmed is not None and not _within(search.confirmed, confirmed_at(state)):
        return False
    return search.ship_by is None or _within(search.ship_by, ship_by(state))


def _within(bounds: tuple[int, int] | None, moment: int | None) -> bool:
    return bounds is None or (moment is not None and bounds[0] <= moment <= bounds[1])


def _break_one(rows: list[dict[str, Any]], fault: Fault) -> None:
    """Make one record of the page impossible."""
    row = rows[fault.choose(len(rows))]
    breakage = BREAKAGES[(fault.rule.seed + fault.rule.number + fault.number) % len(BREAKAGES)]
    parent = row["parentOrderMap"]
    fault.note(f"{parent['parentOrderSn']}: {breakage}")
    if breakage == "no number":
        del parent["parentOrderSn"]
    elif breakage == "status is text":
        parent["parentOrderStatus"] = "shipped"
    elif breakage == "updateTime is text":
        parent["updateTime"] = "yesterday"
    elif breakage == "orderList is text":
        row["orderList"] = "none"
    else:
        parent["parentOrderStatus"] = 77
