"""Answers the escrow list, the escrow details one by one and in batches, and the wallet."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from shops.sandbox.calls import Ledger
from shops.sandbox.listener import Request
from shops.sandbox.marketplace import Stage
from shops.sandbox.money import Settlement
from shops.sandbox.sessions import Draw, Sessions
from shops.sandbox.shopee.faulty import spoil
from shops.sandbox.shopee.income import CODES, WalletRow
from shops.sandbox.shopee.pages import numbered_page
from shops.sandbox.shopee.parameters import (
    LONGEST_WINDOW_SECONDS,
    Window,
    body_of,
    invalid,
    numbers_of,
    one_word,
    short_window,
    whole,
    window,
)
from shops.sandbox.shopee.replies import ERRORS, RefusalError
from shops.sandbox.shopee.shop import Shop
from shops.sandbox.shopee.switches import Switches

HIGHEST_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 40
HIGHEST_BATCH = 50
_HIGHEST_PAGE = 1_000_000
_FLOWS = ("MONEY_IN", "MONEY_OUT")


class PaymentCalls:
    """The payment endpoints of all shops."""

    def __init__(self, stage: Stage, ledger: Ledger, switches: Switches) -> None:
        self._stage = stage
        self._ledger = ledger
        self._switches = switches
        self._sessions = Sessions()

    def escrow_list(self, request: Request, shop: Shop, draw: Draw) -> dict[str, Any]:
        """GET /payment/get_escrow_list: pages count from 1 here."""
        times = window(request, "release_time_from", "release_time_to")
        if times.first > (times.end or 0):
            raise RefusalError("reversed_window")
        page = whole(request, "page_no", 1, 1, _HIGHEST_PAGE) - 1
        size = whole(request, "page_size", DEFAULT_PAGE_SIZE, 1, HIGHEST_PAGE_SIZE)
        as_of = self._as_of(times)

        def build() -> list[Settlement]:
            found = shop.seller.settlements.between(times.first, times.before, as_of)
            return sorted(found, key=lambda one: (one.settled, one.order.position))

        settled = self._sessions.rows(("escrow", shop.shop_id, times, as_of), build)
        key = blake2b(repr(times).encode(), digest_size=8).digest()
        self._ledger.need_pages(shop.shop_id, "escrow_list", key, len(settled), HIGHEST_PAGE_SIZE)
        rows, more, fault = numbered_page(settled, page, size, draw)
        shown = [shop.income.row(settlement) for settlement in rows]
        spoil("escrow", shown, fault)
        return {"more": more, "escrow_list": shown}

    def escrow_detail(self, request: Request, shop: Shop, draw: Draw) -> dict[str, Any]:
        """GET /payment/get_escrow_detail: one order."""
        settlement = self._find(shop, numbers_of(request, "order_sn", 1)[0])
        if isinstance(settlement, str):
            raise RefusalError(settlement)
        self._ledger.need_ids(shop.shop_id, "escrow_detail", [settlement.order.position], 1)
        shown = shop.income.detail(settlement)
        spoil("income", [shown], draw({"impossible_record"}))
        return shown

    def escrow_batch(self, request: Request, shop: Shop, draw: Draw) -> dict[str, Any]:
        """Answer /payment/get_escrow_detail_batch, asked with GET or POST since the verb is disputed [C].

        The response is a list; what could not be read stands beside it [B].
        """
        found = {order_sn: self._find(shop, order_sn) for order_sn in _batch_of(request)}
        settled = [one for one in found.values() if isinstance(one, Settlement)]
        positions = [settlement.order.position for settlement in settled]
        self._ledger.need_ids(shop.shop_id, "escrow_detail_batch", positions, HIGHEST_BATCH)
        details = [shop.income.detail(settlement) for settlement in settled]
        spoil("income", details, draw({"impossible_record"} if details else set()))
        reply: dict[str, Any] = {"response": [{"escrow_detail": detail} for detail in details]}
        failed = [(order_sn, ERRORS[key]) for order_sn, key in found.items() if isinstance(key, str)]
        if failed:
            reply["escrow_detail_list"] = [
                {"order_sn": order_sn, "fail_error": error.code, "fail_message": error.message}
                for order_sn, error in failed
            ]
        return reply

    def wallet(self, request: Request, shop: Shop, draw: Draw) -> dict[str, Any]:
        """GET /payment/get_wallet_transaction_list: the latest first; without a window the last 15 days [C]."""
        page = whole(request, "page_no", None, 0, _HIGHEST_PAGE)
        size = whole(request, "page_size", None, 1, HIGHEST_PAGE_SIZE)
        now = self._stage.clock.now()
        times = short_window(request, "create_time_from", "create_time_to")
        if times.start is None:
            times = Window((now if times.end is None else times.end) - LONGEST_WINDOW_SECONDS, times.end)
        flow = one_word(request, "money_flow", _FLOWS)
        asked = request.parameter("transaction_type") or ""
        kind, tab = CODES.get(asked, asked), request.parameter("transaction_tab_type") or ""
        as_of = self._as_of(times)
        rows = self._sessions.rows(("wallet", shop.shop_id, times, as_of), lambda: self._movements(shop, times, as_of))
        found = [
            row
            for row in rows
            if kind in ("", row.kind) and tab in ("", row.tab) and flow in ("", _FLOWS[row.amount < 0])
        ]
        query = (flow, kind, tab, request.parameter("create_time_from"), request.parameter("create_time_to"))
        key = blake2b(repr(query).encode(), digest_size=8).digest()
        self._ledger.need_pages(shop.shop_id, "wallet_transactions", key, len(found), HIGHEST_PAGE_SIZE)
        cut, more, fault = numbered_page(found, page, size, draw)
        shown = [shop.income.wallet_row(row, signed=self._switches.wallet_amounts_are_signed) for row in cut]
        spoil("wallet row", shown, fault)
        return {"more": more, "transaction_list": shown}

    def truth(self, shop: Shop, as_of: int) -> Iterator[dict[str, Any]]:
        """Yield the escrows, then the movements of the wallet that belong to no order; the escrow says more."""
        for settlement in shop.seller.settlements.between(None, None, as_of):
            yield shop.income.truth(settlement)
        for adjustment in shop.seller.settlements.adjustments_between(None, None, as_of):
            row = shop.income.wallet_row_without_order(adjustment)
            yield shop.income.wallet_truth(row)

    def _as_of(self, times: Window) -> int:
        """Return the moment up to which rows of a window can have come; what was paid never changes afterwards."""
        return min(self._stage.clock.now(), times.before - 1)

    def _movements(self, shop: Shop, times: Window, as_of: int) -> list[WalletRow]:
        settlements = shop.seller.settlements
        rows = [shop.income.wallet_row_of(one) for one in settlements.between(times.first, times.before, as_of)]
        others = settlements.adjustments_between(times.first, times.before, as_of)
        rows += [shop.income.wallet_row_without_order(one) for one in others]
        return sorted(rows, key=lambda row: (-row.created, row.number))

    def _find(self, shop: Shop, order_sn: str) -> Settlement | str:
        """Return the settlement of an order, or the key of the error that says why there is none."""
        now = self._stage.clock.now()
        standing = shop.find(order_sn, now)
        if standing is None:
            return "order_not_found"
        # The real service may show an estimate before; what it says then is not in the sheets [C].
        return shop.seller.settlements.of(standing.state, now) or "income_not_found"


def _batch_of(request: Request) -> list[str]:
    if request.method == "GET":
        return numbers_of(request, "order_sn_list", HIGHEST_BATCH)
    wanted = body_of(request).get("order_sn_list")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(one, str) for one in wanted):
        raise invalid("order_sn_list: Invalid type. Expected: array of string")
    if len(wanted) > HIGHEST_BATCH:
        raise invalid(f"order_sn_list: the number of ids must not exceed {HIGHEST_BATCH}")
    return list(dict.fromkeys(wanted))
