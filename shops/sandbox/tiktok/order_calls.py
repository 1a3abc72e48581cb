"""Answers order search and order detail, with the faults that change what is on a page."""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

import orjson

from shops.sandbox.calls import Ledger
from shops.sandbox.faults import Fault
from shops.sandbox.listener import Request
from shops.sandbox.marketplace import Stage
from shops.sandbox.sessions import Sessions, cut_page
from shops.sandbox.tiktok.looks import look_of
from shops.sandbox.tiktok.orders import OrderWriter
from shops.sandbox.tiktok.replies import RefusalError
from shops.sandbox.tiktok.search import HIGHEST_PAGE_SIZE, Accept, PageTokens, find_rows, read_search
from shops.sandbox.tiktok.seller import NAME, Seller
from shops.sandbox.windows import OrderState

# Most ids of one detail call (TikTok Partner Center, Get Order Detail) [A].
HIGHEST_ID_COUNT = 50
# What an impossible record can be, in turn; which comes first is seeded.
BREAKAGES = ("no id", "total_amount is no number", "update_time is text", "line_items is text", "unknown status")


class OrderCalls:
    """The order endpoints of all shops."""

    def __init__(self, stage: Stage, sellers: list[Seller], ledger: Ledger) -> None:
        self._stage = stage
        self._sellers = sellers
        self._ledger = ledger
        self._sessions = Sessions()
        self._page_tokens = PageTokens(stage.world.token(NAME, "page tokens", size=32))
        self.writers = [OrderWriter(seller) for seller in sellers]

    def search(self, request: Request, shop_number: int) -> tuple[dict[str, Any], bool]:
        """POST /order/202309/orders/search; says also whether a fault changed the page."""
        seller, writer = self._sellers[shop_number], self.writers[shop_number]
        search = read_search(request, _read_body(request))
        now = self._stage.clock.now()
        as_of, offset, left = now, 0, 0
        if search.page_token:
            as_of, offset, left = self._page_tokens.read(search.key, seller.shop_id, search.page_token)
        accept = _accept(search.filters, writer, seller)
        key = (seller.shop_id, search.key, as_of)
        rows = self._sessions.rows(key, lambda: find_rows(seller.lives, search, as_of, accept))
        query = blake2b(search.key, digest_size=8).digest()
        self._ledger.need_pages(seller.shop_id, "order_search", query, len(rows), HIGHEST_PAGE_SIZE)
        page = cut_page(rows, offset, search.page_size, left, lambda kinds: self._draw(seller, "order_search", kinds))
        # An order may be younger than the world if the clock was set back after the first page.
        states = [state for index in page.rows if (state := seller.lives.state(index, now))]
        orders = [writer.write(state, now, "202309") for state in states]
        if page.fault is not None and page.fault.kind == "impossible_record":
            _break_one(orders, page.fault)
        end, left = page.next_offset, page.left
        token = "" if end >= len(rows) else self._page_tokens.write(search.key, seller.shop_id, as_of, end, left)
        return {"next_page_token": token, "orders": orders, "total_count": len(rows) - left}, page.was_faulted

    def detail(self, request: Request, shop_number: int) -> tuple[dict[str, Any], bool]:
        """GET /order/{version}/orders; unknown ids are missing from the answer [?]."""
        seller, writer = self._sellers[shop_number], self.writers[shop_number]
        version, now = request.path.split("/")[2], self._stage.clock.now()
        found: list[OrderState] = []
        for number in _read_ids(request):
            index = seller.lives.book.find_index(number, now)
            state = None if index is None else seller.lives.state(index, now)
            if state is not None:
                found.append(state)
        # An order that has changed since it was last asked for is a new need: no path has sixteen steps.
        needs = [state.position << 4 | state.step for state in found]
        self._ledger.need_ids(seller.shop_id, "order_detail", needs, HIGHEST_ID_COUNT)
        orders = [writer.write(state, now, version) for state in found]
        kinds = {"impossible_record"} if orders else set()
        fault = self._draw(seller, "order_detail", kinds)
        if fault is not None:
            _break_one(orders, fault)
        return {"orders": orders}, fault is not None

    def truth(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Return what a copy of a shop's orders must agree with, in order of creation."""
        lives, writer = self._sellers[shop_number].lives, self.writers[shop_number]
        for state in lives.states_in(lives.created_range(None, None, as_of), as_of):
            yield writer.truth(state)

    def _draw(self, seller: Seller, endpoint: str, kinds: set[str]) -> Fault | None:
        return self._stage.faults.draw(NAME, seller.shop_id, endpoint, kinds)


def _read_body(request: Request) -> Mapping[str, Any]:
    if not request.body:
        return {}
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise RefusalError("body") from None
    if not isinstance(body, dict):
        raise RefusalError("body")
    return body


def _read_ids(request: Request) -> list[int]:
    """Distinct ids in their order: joined by commas as documented, or as a repeated key as one client sends them."""
    texts = [text.strip() for key, value in request.query if key == "ids" for text in value.split(",")]
    if not any(texts):
        raise RefusalError("parameter", "The 'ids' query parameter is required.")
    if len(texts) > HIGHEST_ID_COUNT:
        raise RefusalError("parameter", f"The 'ids' query parameter must not have more than {HIGHEST_ID_COUNT} ids.")
    return list(dict.fromkeys(int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 20))


def _accept(filters: Mapping[str, Any], writer: OrderWriter, seller: Seller) -> Accept | None:
    """Return a test for the filters that need a look at each order; None if there are none."""
    tests: list[Accept] = []
    if "order_status" in filters:
        status = filters["order_status"]
        tests.append(lambda state: look_of(state.path.number, state.step).status == status)
    if "is_buyer_request_cancel" in filters:
        asked = filters["is_buyer_request_cancel"]
        tests.append(lambda state: bool(look_of(state.path.number, state.step).cancel_request) == asked)
    if "shipping_type" in filters:
        shipping_type = filters["shipping_type"]
        tests.append(lambda state: writer.shipping_type(writer.owner(state)[0]) == shipping_type)
    if "buyer_user_id" in filters:
        buyer = filters["buyer_user_id"]
        tests.append(lambda state: writer.user_id(writer.owner(state)[0]) == buyer)
    if filters.get("warehouse_ids") and seller.warehouse_id not in filters["warehouse_ids"]:
        tests.append(lambda _state: False)
    return (lambda state: all(test(state) for test in tests)) if tests else None


def _break_one(orders: list[dict[str, Any]], fault: Fault) -> None:
    """Make one record of the page impossible."""
    turn = fault.rule.number + fault.number
    order = orders[fault.choose(len(orders))]
    breakage = BREAKAGES[(fault.rule.seed + turn) % len(BREAKAGES)]
    fault.note(f"{order['id']}: {breakage}")
    if breakage == "no id":
        del order["id"]
    elif breakage == "total_amount is no number":
        order["payment"]["total_amount"] = "abc"
    elif breakage == "update_time is text":
        order["update_time"] = "yesterday"
    elif breakage == "line_items is text":
        order["line_items"] = "none"
    else:
        order["status"] = "BEING_PONDERED"
