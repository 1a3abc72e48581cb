"""Adds up the statements of a shop: one for each day in UTC, drawn up when the day is over."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from shops.sandbox.dataset import DAY_SECONDS, World
from shops.sandbox.money import Adjustment, Settlement, statement_day
from shops.sandbox.tiktok.seller import NAME, Seller

_STATEMENT_BASE = 7_673_000_000_000_000_000
_PAYMENT_BASE = 3_681_000_000_000_000_000
# A statement is paid about two and a half hours after it was drawn up.
PAID_AFTER_SECONDS = 8988
_STATEMENTS_KEPT = 128


@dataclass(frozen=True)
class Sums:
    """Signed sums in minor units; their sum is what is paid."""

    revenue: int
    fees: int  # with tax
    shipping: int
    adjustments: int

    @property
    def net(self) -> int:
        """What the seller gets."""
        return self.revenue + self.fees + self.shipping + self.adjustments


@dataclass(frozen=True)
class Statement:
    """One closed day. `orders` are positions of orders in order of creation, beside the rows without an order."""

    shop_number: int
    drawn_at: int
    orders: Sequence[int]
    adjustments: tuple[Adjustment, ...]
    sums: Sums

    def is_paid(self, now: int) -> bool:
        """Whether the money has been sent; a day that ends below zero waits for better ones."""
        return self.sums.net > 0 and now >= self.drawn_at + PAID_AFTER_SECONDS


class Statements:
    """The statements of one shop. They never change once they are drawn up, so the latest are kept."""

    def __init__(self, world: World, seller: Seller) -> None:
        self._seller = seller
        self._salt = (world.number(NAME, "statements") % 10**5 * 1000 + seller.number) * 10**6
        self._first = statement_day(world.start)
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, Statement | None] = OrderedDict()

    def id_of(self, statement: Statement) -> str:
        """Return the statement's id."""
        return str(_STATEMENT_BASE + self._salt + statement.drawn_at // DAY_SECONDS)

    def payment_id_of(self, statement: Statement) -> str:
        """Return the id of the payment of a statement."""
        return str(_PAYMENT_BASE + self._salt + statement.drawn_at // DAY_SECONDS)

    def find(self, text: str, as_of: int) -> Statement | None:
        """Return the statement behind an id."""
        if not text.isascii() or not text.isdigit() or len(text) > 20:
            return None
        return self.drawn_at((int(text) - _STATEMENT_BASE - self._salt) * DAY_SECONDS, as_of)

    def until(self, as_of: int) -> list[Statement]:
        """Return all statements up to a moment, oldest first."""
        days = range(self._first + DAY_SECONDS, as_of + 1, DAY_SECONDS)
        return [found for day in days if (found := self.drawn_at(day, as_of)) is not None]

    def drawn_at(self, moment: int, as_of: int) -> Statement | None:
        """Return the statement that was drawn up at a midnight; None where nothing had happened."""
        if not self._first < moment <= as_of:
            return None
        with self._lock:
            if moment in self._kept:
                self._kept.move_to_end(moment)
                return self._kept[moment]
        found = self._draw_up(moment)
        with self._lock:
            self._kept[moment] = found
            while len(self._kept) > _STATEMENTS_KEPT:
                self._kept.popitem(last=False)
        return found

    def _draw_up(self, moment: int) -> Statement | None:
        start, settlements = moment - DAY_SECONDS, self._seller.settlements
        positions, revenue, fees, shipping = [], 0, 0, 0
        for settlement in settlements.between(start, moment, moment):
            positions.append(settlement.order.position)
            revenue += settlement.revenue + settlement.refund
            fees += settlement.fees + settlement.tax
            shipping += settlement.shipping
        # Withdrawals are listed elsewhere and stand on no statement.
        moved = settlements.adjustments_between(start, moment, moment)
        adjustments = tuple(one for one in moved if one.kind != "withdrawal")
        if not positions and not adjustments:
            return None
        sums = Sums(revenue, fees, shipping, sum(adjustment.amount for adjustment in adjustments))
        return Statement(self._seller.number, moment, positions, adjustments, sums)


def sums_of(settlement: Settlement) -> Sums:
    """Return the sums of one order."""
    return Sums(
        settlement.revenue + settlement.refund, settlement.fees + settlement.tax, settlement.shipping, adjustments=0
    )
