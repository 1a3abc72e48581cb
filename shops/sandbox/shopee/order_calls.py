"""Answers the order list, which gives numbers only, and the order detail, which gives what it is asked for."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

from shops.sandbox.calls import Ledger
from shops.sandbox.listener import Request
from shops.sandbox.marketplace import Stage
from shops.sandbox.sessions import Draw, Sessions, cut_page
from shops.sandbox.shopee.cursors import Cursor, Cursors
from shops.sandbox.shopee.faulty import spoil
from shops.sandbox.shopee.looks import STATUSES
from shops.sandbox.shopee.orders import OPTIONAL_FIELDS
from shops.sandbox.shopee.parameters import LONGEST_WINDOW_SECONDS, flag, numbers_of, one_word, whole, window, words
from shops.sandbox.shopee.replies import RefusalError
from shops.sandbox.shopee.shop import Shop
from shops.sandbox.shopee.standing import Standing
from shops.sandbox.shopee.switches import Switches

HIGHEST_PAGE_SIZE = 100
HIGHEST_ID_COUNT = 50
TIME_FIELDS = ("create_time", "update_time")
# An eight-byte key of a row: seconds since the world's start above, 34 bits of index below.
_INDEX_BITS = 34
_INDEX_MASK = (1 << _INDEX_BITS) - 1
# Orders and their packages are read with the same call, told apart by the fields that are asked for: what one client
# reads for two purposes are two needs. More purposes than these fall together.
_PURPOSE_BITS = 2
# Versions of an order told apart in the ledger: at most nine steps of its path and five of its return.
_VERSIONS = 16


class OrderCalls:
    """The order endpoints of all shops."""

    def __init__(self, stage: Stage, ledger: Ledger, switches: Switches) -> None:
        self._stage = stage
        self._ledger = ledger
        self._switches = switches
        self._sessions = Sessions()
        self._cursors = Cursors(stage.world)
        # Sets of fields that a shop's orders were asked for, in the order of their first use.
        self._purposes: dict[str, list[frozenset[str]]] = {}

    def order_list(self, request: Request, shop: Shop, draw: Draw) -> dict[str, Any]:
        """GET /order/get_order_list: a window of at most 15 days, pages of at most 100."""
        field = one_word(request, "time_range_field", TIME_FIELDS, required=True)
        times = window(request, "time_from", "time_to")
        if not times.first < (times.end or 0) <= times.first + LONGEST_WINDOW_SECONDS:
            raise RefusalError("order_window")
        size = whole(request, "page_size", None, 1, HIGHEST_PAGE_SIZE)
        status = one_word(request, "order_status", STATUSES)
        with_pending = flag(request, "request_order_status_pending") and self._switches.has_pending_orders
        now = self._stage.clock.now()
        asked = frozenset(words(request, "response_optional_fields"))
        query = repr((shop.shop_id, field, times, status, with_pending, sorted(asked))).encode()
        cursor = self._cursors.read(query, request.parameter("cursor") or "") or Cursor(now, 0, 0)

        def build() -> Sequence[int]:
            rows = _rows(shop, field, times.first, times.before, cursor.as_of)
            found = (row for row in rows if not status or row.status(with_pending=with_pending) == status)
            return self._in_order(found, field, shop)

        rows = self._sessions.rows((query, cursor.as_of, self._switches.newest_first), build)
        key = blake2b(query, digest_size=8).digest()
        self._ledger.need_pages(shop.shop_id, "order_list", key, len(rows), HIGHEST_PAGE_SIZE)
        page = cut_page(rows, cursor.offset, size, cursor.left, draw)
        # An order may be younger than the world if the clock was set back after the first page.
        standings = [found for index in page.rows if (found := shop.standings.at(index, now))]
        shown = [{"order_sn": shop.orders.order_sn(standing)} for standing in standings]
        if "order_status" in asked:
            for row, standing in zip(shown, standings, strict=True):
                row["order_status"] = standing.status(with_pending=with_pending)
        spoil("order", shown, page.fault)
        more = page.next_offset < len(rows)
        following = Cursor(cursor.as_of, page.next_offset, page.left)
        return {
            "more": more,
            "next_cursor": self._cursors.write(query, following) if more else "",
            "order_list": shown,
        }

    def order_detail(self, request: Request, shop: Shop, draw: Draw) -> dict[str, Any]:
        """GET /order/get_order_detail: unknown numbers are missing from the answer, unless all are unknown."""
        numbers = numbers_of(request, "order_sn_list", HIGHEST_ID_COUNT)
        wanted = OPTIONAL_FIELDS.intersection(words(request, "response_optional_fields"))
        with_pending = flag(request, "request_order_status_pending")
        now = self._stage.clock.now()
        standings = [found for number in numbers if (found := shop.find(number, now))]
        if not standings:
            raise RefusalError("order_not_found")
        purpose = self._purpose(shop.shop_id, wanted)
        versions = [_version(standing) << _PURPOSE_BITS | purpose for standing in standings]
        # The list tells no time of change: who lists an order in two windows needs it twice.
        self._ledger.need_ids(shop.shop_id, "order_detail", versions, HIGHEST_ID_COUNT, in_each_piece=True)
        orders = [shop.orders.write(standing, now, wanted, with_pending=with_pending) for standing in standings]
        spoil("order", orders, draw({"impossible_record"}))
        return {"order_list": orders}

    def truth(self, shop: Shop, as_of: int) -> Iterator[dict[str, Any]]:
        """Yield what copies of the orders must agree with, in order of creation."""
        for standing in shop.standings.created_between(0, as_of + 1, as_of):
            yield shop.orders.truth(standing)

    def _purpose(self, shop_id: str, wanted: frozenset[str]) -> int:
        known = self._purposes.setdefault(shop_id, [])
        if wanted not in known:
            known.append(wanted)
        return known.index(wanted) & (1 << _PURPOSE_BITS) - 1

    def _in_order(self, standings: Iterable[Standing], field: str, shop: Shop) -> Sequence[int]:
        start = shop.seller.lives.book.start
        moments = (
            (standing.updated if field == "update_time" else standing.state.created, standing.state.position)
            for standing in standings
        )
        keys = sorted((moment - start) << _INDEX_BITS | position for moment, position in moments)
        rows = array("q", [key & _INDEX_MASK for key in keys])
        return rows[::-1] if self._switches.newest_first else rows


def _rows(shop: Shop, field: str, first: int, before: int, as_of: int) -> Iterator[Standing]:
    if field == "create_time":
        return shop.standings.created_between(first, before, as_of)
    return shop.standings.updated_between(first, before, as_of)


def _version(standing: Standing) -> int:
    """Return a number for an order as it stands, for the ledger."""
    events = 0 if standing.case is None else len(standing.case.times)
    return standing.state.position * _VERSIONS + standing.state.step + events
