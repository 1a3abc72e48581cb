"""Says what a seller is paid for an order, when, and what else moves his balance.

An order is settled half a day after its delivery, or once a refund or return has run its course, so that one row with
exact sums tells the whole story of an order's money.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from shops.sandbox.aftersales import Cases, ends_at, kind_of, later_timings
from shops.sandbox.dataset import DAY_SECONDS
from shops.sandbox.goods import Goods
from shops.sandbox.life import HOUR, TIMINGS, Timing, time_of
from shops.sandbox.windows import Lives, OrderState

# Seconds from the delivery, and from the end of a case, to the settlement.
_AFTER_DELIVERY, _AFTER_CASE = 12 * HOUR, 2 * HOUR
# Rates in thousandths of the revenue that is left after refunds.
_COMMISSION, _PAYMENT_FEE, _SERVICE_FEE, _INCOME_TAX = 40, 20, 15, 10
# Every second order takes part in a paid programme, told by a bit of its hash.
_SERVICE = 37
# A shop's rows without an order: when in the day, and on one day of how many.
_ADJUSTMENTS: tuple[tuple[Literal["withdrawal", "advertising", "penalty"], int, int], ...] = (
    ("withdrawal", 2 * HOUR, 1),
    ("advertising", 11 * HOUR, 1),
    ("advertising", 20 * HOUR, 2),
    ("penalty", 17 * HOUR, 3),
)
# In units of the shop's first price.
_SIZES = {"withdrawal": 20, "advertising": 2, "penalty": 1}


@dataclass(frozen=True)
class Settlement:
    """The money of one delivered order, in minor units: credits positive, charges negative."""

    order: OrderState
    settled: int
    revenue: int  # after the seller's own discounts; the marketplace pays for its own
    refund: int
    commission: int
    payment_fee: int
    service_fee: int
    shipping_charged: int
    shipping_paid: int
    tax: int

    @property
    def fees(self) -> int:
        """Everything the marketplace keeps for its services."""
        return self.commission + self.payment_fee + self.service_fee

    @property
    def shipping(self) -> int:
        """What shipping leaves the seller with, mostly nothing."""
        return self.shipping_charged + self.shipping_paid

    @property
    def net(self) -> int:
        """What the seller's balance gains."""
        return self.revenue + self.refund + self.fees + self.shipping + self.tax


@dataclass(frozen=True)
class Adjustment:
    """A movement of the balance that belongs to no order."""

    number: int  # unique in its shop
    time: int
    kind: Literal["withdrawal", "advertising", "penalty"]
    amount: int  # signed, in minor units


class Settlements:
    """The money of one shop."""

    def __init__(self, lives: Lives, goods: Goods, cases: Cases) -> None:
        self._lives = lives
        self._goods = goods
        self._cases = cases
        delivered = TIMINGS["delivered"]
        plain = delivered._replace(delay=delivered.delay + _AFTER_DELIVERY)
        late = [Timing(timing.delay + _AFTER_CASE, timing.jitter, 0) for timing in later_timings()]
        self._timings = sorted({plain, *late})

    def of(self, state: OrderState, as_of: int) -> Settlement | None:
        """Return the settlement of an order, if it has been settled by then."""
        settled = settled_at(state)
        if settled is None or settled > as_of:
            return None
        bill = self._goods.bill(state)
        revenue = bill.original - bill.seller_discount
        cases = self._cases.of(state, settled) if kind_of(state) else []
        refund = -sum(sum(case.refunds) for case in cases if case.event == "refunded")
        kept = revenue + refund
        return Settlement(
            order=state, settled=settled, revenue=revenue, refund=refund, commission=-(kept * _COMMISSION // 1000),
            payment_fee=-(kept * _PAYMENT_FEE // 1000),
            service_fee=-(kept * _SERVICE_FEE // 1000) if state.digest[_SERVICE] & 1 else 0,
            shipping_charged=bill.shipping + bill.shipping_platform_discount, shipping_paid=-bill.original_shipping,
            tax=0 if self._goods.region.tax_on_top else -(kept * _INCOME_TAX // 1000),
        )  # fmt: skip

    def between(self, start: int | None, end: int | None, as_of: int) -> Iterator[Settlement]:
        """Yield what was settled in [start, end) and not after `as_of`, by creation of the orders."""
        first = self._lives.book.start if start is None else start
        before = as_of + 1 if end is None else min(end, as_of + 1)
        for indexes in self._lives.candidates(first, before, as_of, self._timings):
            for state in self._lives.states_in(indexes, as_of):
                settled = settled_at(state)
                if settled is not None and first <= settled < before:
                    found = self.of(state, as_of)
                    if found is not None:
                        yield found

    def adjustments_between(self, start: int | None, end: int | None, as_of: int) -> Iterator[Adjustment]:
        """Yield the rows without an order of [start, end) and not after `as_of`, by time."""
        book = self._lives.book
        if not book.count:
            return
        first = book.start if start is None else max(start, book.start)
        before = as_of + 1 if end is None else min(end, as_of + 1)
        for day in range(first // DAY_SECONDS, -(-before // DAY_SECONDS)):
            for adjustment in self._adjustments_on(day):
                if first <= adjustment.time < before:
                    yield adjustment

    def _adjustments_on(self, day: int) -> list[Adjustment]:
        drawn = blake2b(self._lives.book.prefix + day.to_bytes(4, "big"), digest_size=8, person=b"adjustments").digest()
        unit = self._goods.catalogue[0].price
        found = [
            Adjustment(
                day * 8 + at, day * DAY_SECONDS + offset + drawn[at] * 10, kind, -self._amount(kind, unit, drawn)
            )
            for at, (kind, offset, one_of) in enumerate(_ADJUSTMENTS)
            if day % one_of == 0
        ]
        return sorted(found, key=lambda adjustment: adjustment.time)

    def _amount(self, kind: str, unit: int, drawn: bytes) -> int:
        return unit * _SIZES[kind] * (100 + drawn[7] % 50) // 100


def settled_at(state: OrderState) -> int | None:
    """When an order is or will be settled; None for one that is never delivered."""
    if "delivered" not in state.path.path.events:
        return None
    plain = time_of(TIMINGS["delivered"], state.digest, state.created) + _AFTER_DELIVERY
    case_end = ends_at(state)
    return plain if case_end is None else max(plain, case_end + _AFTER_CASE)


def statement_day(moment: int) -> int:
    """Return the first second of the day, in UTC, in which a moment lies."""
    return moment - moment % DAY_SECONDS
