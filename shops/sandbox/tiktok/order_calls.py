"""Answers order search and order detail."""

from collections.abc import Iterator, Mapping
from typing import Any

from shops.sandbox.listener import Request
from shops.sandbox.service import Call, Service
from shops.sandbox.tiktok.filters import read_body
from shops.sandbox.tiktok.lists import Breakages, Lists, Row, break_one, read_search
from shops.sandbox.tiktok.looks import look_of
from shops.sandbox.tiktok.orders import OrderWriter
from shops.sandbox.tiktok.replies import RefusalError
from shops.sandbox.tiktok.search import CHECKS, ORDER_LIST, Accept, find_rows
from shops.sandbox.tiktok.seller import Seller
from shops.sandbox.windows import OrderState

# Most ids of one detail call (TikTok Partner Center, Get Order Detail) [A].
HIGHEST_ID_COUNT = 50
BREAKAGES: Breakages = {
    "no id": lambda order: order.pop("id"),
    "total_amount is no number": lambda order: order["payment"].update(total_amount="abc"),
    "update_time is text": lambda order: order.update(update_time="yesterday"),
    "line_items is text": lambda order: order.update(line_items="none"),
    "unknown status": lambda order: order.update(status="BEING_PONDERED"),
}


class OrderCalls:
    """The order endpoints of all shops."""

    def __init__(self, service: Service, sellers: list[Seller], lists: Lists) -> None:
        self._service = service
        self._sellers = sellers
        self._lists = lists
        self.writers = [OrderWriter(seller) for seller in sellers]

    def search(self, request: Request, shop_number: int, call: Call) -> Row:
        """POST /order/202309/orders/search."""
        seller, writer = self._sellers[shop_number], self.writers[shop_number]
        search = read_search(request, ORDER_LIST, read_body(request), CHECKS)
        accept = _accept(search.filters, writer, seller)

        def write(index: int, now: int) -> Row | None:
            state = seller.lives.state(index, now)
            return None if state is None else writer.write(state, now, "202309")

        return self._lists.answer(
            search, ORDER_LIST, call, lambda search, as_of: find_rows(seller.lives, search, as_of, accept), write,
            BREAKAGES,
        )  # fmt: skip

    def detail(self, request: Request, shop_number: int, call: Call) -> Row:
        """GET /order/{version}/orders; unknown ids are missing from the answer [?]."""
        seller, writer = self._sellers[shop_number], self.writers[shop_number]
        version, now = request.path.split("/")[2], self._service.stage.clock.now()
        found: list[OrderState] = []
        for number in _read_ids(request):
            index = seller.lives.book.find_index(number, now)
            state = None if index is None else seller.lives.state(index, now)
            if state is not None:
                found.append(state)
        # An order that has changed since it was last asked for is a new need: no path has sixteen steps.
        needs = [state.position << 4 | state.step for state in found]
        self._service.ledger.need_ids(seller.shop_id, call.endpoint, needs, HIGHEST_ID_COUNT)
        orders = [writer.write(state, now, version) for state in found]
        fault = self._service.draw_page_fault(call)({"impossible_record"} if orders else set())
        if fault is not None:
            break_one(orders, fault, BREAKAGES)
        return {"orders": orders}

    def truth(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Return what a copy of a shop's orders must agree with, in order of creation."""
        lives, writer = self._sellers[shop_number].lives, self.writers[shop_number]
        for state in lives.states_in(lives.created_range(None, None, as_of), as_of):
            yield writer.truth(state)


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
