"""Answers the order calls: the list, one order, the lines of one and of many."""

from collections.abc import Iterator
from typing import Any

from shops.sandbox.calls import Ledger
from shops.sandbox.lazada.breakages import break_one
from shops.sandbox.lazada.gateway import Parameters
from shops.sandbox.lazada.order_search import find_rows, read_search
from shops.sandbox.lazada.orders import OrderWriter
from shops.sandbox.lazada.paging import Lists, Place
from shops.sandbox.lazada.reading import as_number, json_list, required, whole_number
from shops.sandbox.lazada.replies import RefusalError, success
from shops.sandbox.lazada.seller import Seller
from shops.sandbox.lazada.switches import Switches
from shops.sandbox.listener import Response
from shops.sandbox.marketplace import Stage
from shops.sandbox.service import Call
from shops.sandbox.windows import OrderState

HIGHEST_LIMIT = 100
HIGHEST_OFFSET = 5000
# Most orders whose lines one call gives [A].
HIGHEST_ID_COUNT = 50
# No path has sixteen steps: an order that has changed since is a new need.
_STEP_BITS = 4


class OrderCalls:
    """The order endpoints of all shops."""

    def __init__(self, stage: Stage, sellers: list[Seller], ledger: Ledger, lists: Lists, switches: Switches) -> None:
        self._clock = stage.clock
        self._sellers = sellers
        self._ledger = ledger
        self._lists = lists
        self._switches = switches
        self.writers = [OrderWriter(seller, switches) for seller in sellers]

    def get_orders(self, parameters: Parameters, seller: Seller, call: Call) -> Response:
        """GET /orders/get: rows without their lines [A]."""
        search = read_search(parameters)
        size = whole_number(parameters, "limit", HIGHEST_LIMIT, 1, HIGHEST_LIMIT, "limit")
        offset = whole_number(parameters, "offset", 0, 0, HIGHEST_OFFSET, "offset")
        writer, now = self.writers[seller.number], self._clock.now()
        found = self._lists.page(
            call,
            parameters,
            Place(offset, size, HIGHEST_LIMIT, HIGHEST_OFFSET + HIGHEST_LIMIT),
            lambda as_of: find_rows(seller.lives, search, as_of, writer.statuses),
        )
        # An order may be younger than the world if the clock was set back after the first page.
        states = [state for index in found.rows if (state := seller.lives.state(index, now))]
        orders = [writer.write(state) for state in states]
        break_one("orders", orders, found.fault)
        return success({"count": len(orders), "countTotal": found.total, "orders": orders})

    def get_order(self, parameters: Parameters, seller: Seller, call: Call) -> Response:
        """GET /order/get: the same as a row of the list [A]."""
        state = self._one(parameters, seller)
        self._need(seller, call, [state], 1)
        return success(self.writers[seller.number].write(state))

    def get_lines(self, parameters: Parameters, seller: Seller, call: Call) -> Response:
        """GET /order/items/get: the lines of one order [A]."""
        state = self._one(parameters, seller)
        self._need(seller, call, [state], 1)
        return success(self.writers[seller.number].write_lines(state, self._clock.now()))

    def get_lines_of_many(self, parameters: Parameters, seller: Seller, call: Call) -> Response:
        """GET /orders/items/get: the lines of up to 50 orders [A]."""
        texts = json_list(required(parameters, "order_ids"))
        if texts is None:
            raise RefusalError("ids_format")
        if len(texts) > HIGHEST_ID_COUNT:
            raise RefusalError("many_ids")
        if not texts:
            raise RefusalError("no_ids")
        states = [self.find(text, seller) for text in dict.fromkeys(texts)]
        found = [state for state in states if state is not None]
        if len(found) < len(states) and not (found and self._switches.unknown_ids_are_left_out):
            raise RefusalError("unknown_ids" if found else "no_ids")
        self._need(seller, call, found, HIGHEST_ID_COUNT)
        writer, now = self.writers[seller.number], self._clock.now()
        content: list[dict[str, Any]] = []
        for state in found:
            number = seller.order_number(state.position)
            lines = writer.write_lines(state, now)
            content.append({"order_number": number, "order_id": number, "order_items": lines})
        break_one("lines", content, self._lists.draw_for_details(call, has_records=bool(content)))
        return success(content)

    def find(self, text: str, seller: Seller) -> OrderState | None:
        """Return an order of this shop as it stands."""
        number, now = as_number(text), self._clock.now()
        index = None if number is None else seller.lives.book.find_index(number, now)
        return None if index is None else seller.lives.state(index, now)

    def truth(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Return what a copy of a shop's orders must agree with, in order of creation."""
        lives, writer = self._sellers[shop_number].lives, self.writers[shop_number]
        for state in lives.states_in(lives.created_range(None, None, as_of), as_of):
            yield writer.truth(state)

    def _one(self, parameters: Parameters, seller: Seller) -> OrderState:
        text = required(parameters, "order_id")
        state = self.find(text, seller)
        if state is None:
            raise RefusalError("order_id", text)
        return state

    def _need(self, seller: Seller, call: Call, states: list[OrderState], ids_each: int) -> None:
        needs = [state.position << _STEP_BITS | state.step for state in states]
        self._ledger.need_ids(seller.seller_id, call.endpoint, needs, ids_each)
