"""Answers order search and order detail, with the faults that change what is on a page."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from shops.sandbox.calls import Ledger
from shops.sandbox.faults import Fault
from shops.sandbox.listener import Request
from shops.sandbox.marketplace import Stage
from shops.sandbox.tiktok.looks import look_of
from shops.sandbox.tiktok.orders import OrderWriter
from shops.sandbox.tiktok.replies import RefusalError
from shops.sandbox.tiktok.search import HIGHEST_PAGE_SIZE, Accept, PageTokens, Sessions, read_search
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
        rows = self._sessions.rows(seller.shop_id, seller.lives, search, as_of, accept)
        query = blake2b(search.key, digest_size=8).digest()
        self._ledger.need_pages(seller.shop_id, "order_search", query, len(rows), HIGHEST_PAGE_SIZE)
        fault = self._draw_page_fault(seller, search.page_size, offset, len(rows))
        if fault is not None and fault.kind == "page_shift":
            # As if rows before this page had left the list: it begins so many rows later.
            offset += int(fault.option("rows"))
            left += int(fault.option("rows") * fault.option("falls"))
            fault.note(f"skipped the rows before {offset}")
        end = offset + search.page_size
        # An order may be younger than the world if the clock was set back after the first page.
        states = [state for index in rows[offset:end] if (state := seller.lives.state(index, now))]
        orders = [writer.write(state, now, "202309") for state in states]
        if fault is not None and fault.kind == "repeated_rows":
            # As if rows had come in before this page: its last rows come again on the next.
            end -= min(int(fault.option("rows")), search.page_size - 1)
            fault.note(f"repeated the rows from {end}")
        if fault is not None and fault.kind == "impossible_record":
            _break_one(orders, fault)
        token = "" if end >= len(rows) else self._page_tokens.write(search.key, seller.shop_id, as_of, end, left)
        return {"next_page_token": token, "orders": orders, "total_count": len(rows) - left}, fault is not None

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
        self._ledger.need_ids(seller.shop_id, "order_detail", [state.position for state in found], HIGHEST_ID_COUNT)
        orders = [writer.write(state, now, version) for state in found]
        kinds = {"impossible_record"} if orders else set()
        fault = self._stage.faults.draw(NAME, seller.shop_id, "order_detail", kinds)
        if fault is not None:
            _break_one(orders, fault)
        return {"orders": orders}, fault is not None

    def _draw_page_fault(self, seller: Seller, page_size: int, offset: int, row_count: int) -> Fault | None:
        """Draw a fault only if it can show: a shift needs a page before, a repetition one after."""
        kinds = set()
        if 0 < offset < row_count:
            kinds.add("page_shift")
        if page_size > 1 and offset + page_size < row_count:
            kinds.add("repeated_rows")
        if offset < row_count:
            kinds.add("impossible_record")
        return self._stage.faults.draw(NAME, seller.shop_id, "order_search", kinds)


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
