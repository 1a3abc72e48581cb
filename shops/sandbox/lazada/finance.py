"""Answers the calls of the account: its rows, and the statements by which it is paid out."""

import threading
from array import array
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from shops.sandbox.calls import Ledger
from shops.sandbox.lazada.account_rows import (
    ADJUSTMENT_FEES,
    ITEM_PRICE,
    REVERSAL,
    SHIPPING_BY_CUSTOMER,
    SHIPPING_BY_SELLER,
    RowWriter,
    rows_of,
)
from shops.sandbox.lazada.breakages import break_one
from shops.sandbox.lazada.dates import parse_day
from shops.sandbox.lazada.gateway import Parameters
from shops.sandbox.lazada.numbers import line_id
from shops.sandbox.lazada.order_calls import OrderCalls
from shops.sandbox.lazada.paging import Lists, Place
from shops.sandbox.lazada.periods import Periods, Statement
from shops.sandbox.lazada.reading import required, whole_number
from shops.sandbox.lazada.replies import RefusalError, success
from shops.sandbox.lazada.seller import Seller
from shops.sandbox.lazada.switches import Switches
from shops.sandbox.listener import Response
from shops.sandbox.marketplace import Stage
from shops.sandbox.money import Adjustment, Settlement
from shops.sandbox.service import Call

HIGHEST_LIMIT = 500
_ANY_OFFSET = 10**9
# A window must be shorter [A].
LONGEST_DAYS = 180
_ALL_TYPES = "-1"
# Where rows are added up on a statement; all others are fees.
_STATEMENT_FIELDS = {
    ITEM_PRICE: "item_revenue",
    REVERSAL: "refunds",
    SHIPPING_BY_SELLER: "shipment_fee",
    SHIPPING_BY_CUSTOMER: "shipment_fee_credit",
}
# A row of an order is its index and its number in the order; a row without an order is its own number, negative.
_ROW_BITS = 6
_ROW_MASK = (1 << _ROW_BITS) - 1
_INDEX_BITS = 34
_INDEX_MASK = (1 << _INDEX_BITS) - 1


class _Account:
    """The account of one shop."""

    def __init__(self, seller: Seller, writer: RowWriter, periods: Periods) -> None:
        self.seller = seller
        self.writer = writer
        self.periods = periods
        self._sums: dict[str, dict[str, int]] = {}
        self._lock = threading.Lock()

    def first_day(self) -> date:
        """Return the day on which the account begins."""
        return self.seller.zone.day(self.seller.lives.book.start)

    def settlements(self, start: int, end: int, as_of: int) -> list[Settlement]:
        """Return the settlements of a window, the oldest first."""
        found = self.seller.settlements.between(start, end, as_of)
        return sorted(found, key=lambda one: (one.settled, one.order.position))

    def adjustments(self, start: int, end: int, as_of: int) -> list[Adjustment]:
        """Return the rows without an order of a window, the oldest first."""
        found = self.seller.settlements.adjustments_between(start, end, as_of)
        return [adjustment for adjustment in found if adjustment.kind in ADJUSTMENT_FEES]

    def sums(self, statement: Statement) -> dict[str, int]:
        """Return what a statement adds up, which never changes again."""
        with self._lock:
            known = self._sums.get(statement.number)
        if known is not None:
            return known
        zone = self.seller.zone
        start, end = zone.midnight(statement.first), zone.midnight(statement.last + timedelta(days=1))
        sums = dict.fromkeys(("item_revenue", "refunds", "shipment_fee", "shipment_fee_credit", "fees_total"), 0)
        for settlement in self.settlements(start, end, statement.created):
            for row in rows_of(settlement, self.seller):
                sums[_STATEMENT_FIELDS.get(row.fee, "fees_total")] += row.amount
        for adjustment in self.adjustments(start, end, statement.created):
            sums["fees_total"] += adjustment.amount
        with self._lock:
            self._sums[statement.number] = sums
        return sums


class FinanceCalls:
    """The finance endpoints of all shops."""

    def __init__(
        self, stage: Stage, sellers: list[Seller], ledger: Ledger, lists: Lists, order_calls: OrderCalls,
        switches: Switches,
    ) -> None:  # fmt: skip
        self._clock = stage.clock
        self._ledger = ledger
        self._lists = lists
        self._order_calls = order_calls
        self._accounts: list[_Account] = []
        for seller in sellers:
            periods = Periods(seller.zone, stage.world.epoch, seller.short_code)
            writer = RowWriter(seller, periods, order_calls.writers[seller.number], switches)
            self._accounts.append(_Account(seller, writer, periods))

    def get_transactions(self, parameters: Parameters, seller: Seller, call: Call) -> Response:
        """GET /finance/transaction/details/get: a bare array without a total; days are the shop's own [A]."""
        first, last = parse_day(required(parameters, "start_time")), parse_day(required(parameters, "end_time"))
        if (last - first).days >= LONGEST_DAYS:
            raise RefusalError("finance_window")
        fee_type = parameters.get("trans_type") or _ALL_TYPES
        if not fee_type.removeprefix("-").isdigit():
            raise RefusalError("finance_type")
        size = whole_number(parameters, "limit", HIGHEST_LIMIT, 1, HIGHEST_LIMIT, "limit")
        offset = whole_number(parameters, "offset", 0, 0, _ANY_OFFSET, "offset")
        account = self._accounts[seller.number]
        start, end = seller.zone.midnight(first), seller.zone.midnight(last + timedelta(days=1))
        found = self._lists.page(
            call,
            parameters,
            Place(offset, size, HIGHEST_LIMIT),
            lambda as_of: self._keys(account, parameters, fee_type, start, end, as_of),
        )
        rows = self._write(account, found.rows, start, end)
        break_one("transactions", rows, found.fault)
        return success(rows)

    def get_payouts(self, parameters: Parameters, seller: Seller, call: Call) -> Response:
        """GET /finance/payout/status/get: the statements drawn up since a day, all at once [A]."""
        after = seller.zone.midnight(parse_day(required(parameters, "created_after")))
        account, now = self._accounts[seller.number], self._clock.now()
        statements = account.periods.statements(account.first_day(), now)
        shown = [_payout(account, one, now) for one in statements if one.created >= after]
        self._ledger.need_pages(seller.seller_id, call.endpoint, str(after).encode(), 1, 1)
        return success(shown)

    def truth_of_transactions(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Return what a copy of a shop's account must agree with."""
        account = self._accounts[shop_number]
        for settlement in account.seller.settlements.between(None, None, as_of):
            yield from account.writer.truths(settlement, as_of)
        for adjustment in account.seller.settlements.adjustments_between(None, None, as_of):
            if adjustment.kind in ADJUSTMENT_FEES:
                yield account.writer.truth_of_adjustment(adjustment, as_of)

    def truth_of_statements(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Return what a copy of a shop's statements must agree with."""
        account = self._accounts[shop_number]
        seller = account.seller
        for statement in account.periods.statements(account.first_day(), as_of):
            yield {
                "id": statement.number,
                "amount": seller.money(sum(account.sums(statement).values())),
                "currency": seller.region.currency,
                "time": statement.created,
                "status": "1" if statement.is_paid(as_of) else "0",
            }

    def _keys(
        self, account: _Account, parameters: Parameters, fee_type: str, start: int, end: int, as_of: int
    ) -> Sequence[int]:
        order, line = parameters.get("trade_order_id"), parameters.get("trade_order_line_id")
        keys = array("q")
        for settlement in account.settlements(start, end, as_of):
            position = settlement.order.position
            number = account.seller.order_number(position)
            if order and order != str(number):
                continue
            for at, row in enumerate(rows_of(settlement, account.seller)):
                is_meant = fee_type in (_ALL_TYPES, row.fee.type)
                if is_meant and (not line or line == str(line_id(number, row.position))):
                    keys.append(position << _ROW_BITS | at)
        for adjustment in account.adjustments(start, end, as_of) if not (order or line) else ():
            if fee_type in (_ALL_TYPES, ADJUSTMENT_FEES[adjustment.kind].type):
                keys.append(-1 - adjustment.number)
        return keys

    def _write(self, account: _Account, keys: Any, start: int, end: int) -> list[dict[str, str]]:
        now = self._clock.now()
        adjustments = (
            {one.number: one for one in account.adjustments(start, end, now)} if any(key < 0 for key in keys) else {}
        )
        written: list[dict[str, str]] = []
        settlement: Settlement | None = None
        rows: list[Any] = []
        known = -1
        for key in keys:
            if key < 0:
                if -1 - key in adjustments:
                    written.append(account.writer.write_adjustment(adjustments[-1 - key], now))
                continue
            if key >> _ROW_BITS != known:
                known = key >> _ROW_BITS
                state = account.seller.lives.state(known, now)
                settlement = account.seller.settlements.of(state, now) if state else None
                rows = rows_of(settlement, account.seller) if settlement else []
            if settlement is not None:
                written.append(account.writer.write(settlement, key & _ROW_MASK, rows[key & _ROW_MASK], now))
        return written


def _payout(account: _Account, statement: Statement, now: int) -> dict[str, str]:
    """Write a statement; every value is text, and charges are negative [?]."""
    seller, sums = account.seller, account.sums(statement)
    revenue = sums["item_revenue"]
    totals = {"subtotal1": revenue, "subtotal2": revenue + sums["refunds"], "payout": sum(sums.values())}
    # Nothing is carried over from one week to the next.
    empty = dict.fromkeys(("opening_balance", "other_revenue_total", "fees_on_refunds_total", "guarantee_deposit"), 0)
    totals |= {"closing_balance": totals["payout"], **empty}
    return {
        "statement_number": statement.number,
        "created_at": seller.zone.text(statement.created),
        "updated_at": seller.zone.text(statement.created),
        **{name: f"{seller.amount(minor):.2f}" for name, minor in (sums | totals).items()},
        "paid": "1" if statement.is_paid(now) else "0",
    }
