"""Says which orders are cancelled, refunded or sent back, and how far each such case has come.

Like the orders, no case is kept anywhere: each of its events has a fixed delay after an event of the order and a
bounded jitter, so the cases of a window lie in known ranges of orders. Only what sellers decide here is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from heapq import merge
from typing import Literal, NamedTuple

from shops.sandbox.baskets import Unit
from shops.sandbox.decisions import Decisions, Plan, Word
from shops.sandbox.goods import Goods
from shops.sandbox.life import HOUR, TIMINGS, Timing, time_of
from shops.sandbox.windows import Lives, OrderState

Kind = Literal["cancel", "refund", "return"]

# Events of an order's path that begin or end a cancellation: what the case says then, and who asked for it.
# An order that nobody paid, or that could not be delivered, ends without a case.
_CANCEL_EVENTS = {
    "cancel_requested": "cancel_requested",
    "request_refused": "cancel_refused",
    "cancelled_on_request": "cancelled",
    "cancelled_in_remorse": "cancelled",
    "cancelled_by_seller": "cancelled",
    "never_collected": "cancelled",
}
_CANCEL_REASONS = {"cancelled_by_seller": ("seller", "out_of_stock"), "never_collected": ("system", "late")}
_REASONS = {"refund": ("damaged", "missing", "late"), "return": ("unwanted", "damaged", "wrong_item")}
# Of 256 delivered orders: refunds, then returns; together about 6 in 100.
_REFUND_SHARE, _CASE_SHARE = 5, 16
# Two bytes of the order's digest whose bits are independent of each other decide.
_CHANCE_ONE, _CHANCE_TWO = 2, 62


class CaseStep(NamedTuple):
    """An event of a case: so many seconds after the delivery, give or take its jitter."""

    event: str
    delay: int
    jitter: int


_ASKED = CaseStep("requested", 4 * HOUR, 6 * HOUR)
_GRANTED = CaseStep("approved", 12 * HOUR, 2 * HOUR)
# Chosen by one byte of the case: every story ends within two days after the delivery.
_STORIES: dict[Kind, tuple[tuple[int, tuple[CaseStep, ...]], ...]] = {
    "cancel": (),
    "refund": (
        (176, (_ASKED, _GRANTED, CaseStep("refunded", 16 * HOUR, HOUR))),
        (224, (_ASKED, CaseStep("rejected", 12 * HOUR, 2 * HOUR))),
        (256, (_ASKED, CaseStep("withdrawn", 14 * HOUR, 2 * HOUR))),
    ),
    "return": (
        (160, (_ASKED, _GRANTED, CaseStep("sent", 20 * HOUR, 4 * HOUR), CaseStep("received", 34 * HOUR, 4 * HOUR),
               CaseStep("refunded", 42 * HOUR, 2 * HOUR))),
        (200, (_ASKED, CaseStep("rejected", 12 * HOUR, 2 * HOUR))),
        (224, (_ASKED, CaseStep("withdrawn", 14 * HOUR, 2 * HOUR))),
        (256, (_ASKED, _GRANTED, CaseStep("withdrawn", 30 * HOUR, 2 * HOUR))),
    ),
}  # fmt: skip
_LONGEST_JITTER = TIMINGS["delivered"].jitter


@dataclass(frozen=True)
class Case:
    """One request to cancel, refund or take back, as it stands at some moment."""

    order: OrderState
    number: int  # counts the cases of the order, from 1
    kind: Kind
    created: int
    updated: int
    event: str
    times: dict[str, int]
    # Positions in Goods.units(order) and what is given back for each, without shipping and without tax on top.
    units: tuple[int, ...]
    refunds: tuple[int, ...]
    refund_tax: int  # only where the region puts tax on top of the price
    refund_shipping: int  # shipping and fees; only of a cancelled order
    reason: str
    initiator: Literal["buyer", "seller", "system"]
    is_decided: bool = False  # by the seller, here

    @property
    def refund(self) -> int:
        """What the buyer gets back in all, or asks for while it is open, in minor units."""
        return sum(self.refunds) + self.refund_tax + self.refund_shipping


class Cases:
    """The cases of one shop."""

    def __init__(self, lives: Lives, goods: Goods) -> None:
        self._lives = lives
        self._goods = goods
        self.decisions = Decisions()
        cancels = [TIMINGS[event] for event in _CANCEL_EVENTS]
        self._update_timings = sorted({*cancels, *later_timings()})
        first_cancels = [TIMINGS[event] for event in _CANCEL_EVENTS if event != "request_refused"]
        self._create_timings = sorted({*first_cancels, _after_delivery(_ASKED)})

    def of(self, state: OrderState, as_of: int) -> list[Case]:
        """Return the cases of an order that exist at `as_of`, oldest first."""
        cancellation = self._cancellation(state, as_of)
        found = [] if cancellation is None else [cancellation]
        later = self._later(state, as_of, len(found) + 1)
        return found if later is None else [*found, later]

    def decide(self, case: Case, word: Word, at: int, idempotency_key: str = "") -> bool:
        """Let the seller decide about a case as it stands; False where it waits for no such decision."""
        key = (case.order.position, case.number)
        return self.decisions.decide(key, word, case.kind, case.event, at, idempotency_key)

    def updated_between(self, start: int | None, end: int | None, as_of: int) -> Iterator[Case]:
        """Yield the cases whose last event up to `as_of` lies in [start, end), by creation of their orders."""
        yield from self._between(start, end, as_of, self._update_timings, "updated")

    def created_between(self, start: int | None, end: int | None, as_of: int) -> Iterator[Case]:
        """Yield the cases that began in [start, end), as they stand at `as_of`."""
        yield from self._between(start, end, as_of, self._create_timings, "created")

    def _between(
        self, start: int | None, end: int | None, as_of: int, timings: list[Timing], field: str
    ) -> Iterator[Case]:
        first = self._lives.book.start if start is None else start
        before = as_of + 1 if end is None else min(end, as_of + 1)
        # A decision may come at any time, so those cases lie in no known range.
        decided = self.decisions.positions()
        usual = (
            state
            for indexes in self._lives.candidates(first, before, as_of, timings)
            for state in self._lives.states_in(indexes, as_of)
            if may_have_case(state) and state.position not in decided
        )
        others = (self._lives.state(position, as_of) for position in sorted(decided))
        for state in merge(usual, filter(None, others), key=lambda state: state.position):
            yield from (case for case in self.of(state, as_of) if first <= getattr(case, field) < before)

    def _happened(self, key: tuple[int, int], plan: Plan, as_of: int) -> dict[str, int]:
        """Return what of a plan, changed by the seller's decisions, has happened by then."""
        return {event: moment for event, moment in self.decisions.change(key, plan) if moment <= as_of}

    def _cancellation(self, state: OrderState, as_of: int) -> Case | None:
        planned = [
            (event, time_of(TIMINGS[event], state.digest, state.created))
            for event in state.path.path.events
            if event in _CANCEL_EVENTS
        ]
        past = [event for event, moment in planned if moment <= as_of]
        if not past:
            return None
        key = (state.position, 1)
        times = self._happened(key, [(_CANCEL_EVENTS[event], moment) for event, moment in planned], as_of)
        units = self._goods.units(state)
        initiator, reason = _CANCEL_REASONS.get(past[-1], ("buyer", "unwanted"))
        refunds, tax, shipping = self._cancel_refund(state, units)
        return Case(
            order=state, number=1, kind="cancel", created=min(times.values()), updated=max(times.values()),
            event=next(reversed(times)), times=times, units=tuple(range(len(units))), refunds=refunds, refund_tax=tax,
            refund_shipping=shipping, reason=reason, initiator=initiator,  # type: ignore[arg-type]
            is_decided=self.decisions.is_decided(key),
        )  # fmt: skip

    def _cancel_refund(self, state: OrderState, units: list[Unit]) -> tuple[tuple[int, ...], int, int]:
        """All that was paid, which is nothing where cash was to be paid at the door."""
        if state.path.path.is_cod:
            return (0,) * len(units), 0, 0
        bill = self._goods.bill(state)
        tax = self._tax(units)
        return tuple(unit.sale for unit in units), tax, bill.total - bill.sub_total - tax

    def _later(self, state: OrderState, as_of: int, number: int) -> Case | None:
        """Return the refund or return after delivery."""
        kind = kind_of(state)
        if kind is None:
            return None
        delivered = time_of(TIMINGS["delivered"], state.digest, state.created)
        choices = blake2b(state.digest, digest_size=16, person=b"aftersales").digest()
        planned = [
            (step.event, delivered + step.delay + (choices[4 + at] * step.jitter >> 8))
            for at, step in enumerate(_story(kind, choices))
        ]
        key = (state.position, number)
        times = self._happened(key, planned, as_of)
        if not times:
            return None
        units = self._goods.units(state)
        reason = _REASONS[kind][choices[1] % 3]
        concerned = _concerned(units, choices[2])
        # A thing that only has a fault is kept at half its price; otherwise the whole price comes back.
        share = 2 if kind == "refund" and reason != "missing" else 1
        last = next(reversed(times))
        return Case(
            order=state, number=number, kind=kind, created=times["requested"], updated=times[last], event=last,
            times=times, units=concerned, refunds=tuple(units[at].sale // share for at in concerned),
            refund_tax=self._tax([units[at] for at in concerned]) // share, refund_shipping=0, reason=reason,
            initiator="buyer", is_decided=self.decisions.is_decided(key),
        )  # fmt: skip

    def _tax(self, units: list[Unit]) -> int:
        return sum(unit.tax for unit in units) if self._goods.region.tax_on_top else 0


def kind_of(state: OrderState) -> Literal["refund", "return"] | None:
    """Say what the buyer will ask for once the order is delivered; None for most orders."""
    chance = state.digest[_CHANCE_ONE] ^ state.digest[_CHANCE_TWO]
    if chance >= _CASE_SHARE or "delivered" not in state.path.path.events:
        return None
    return "refund" if chance < _REFUND_SHARE else "return"


def may_have_case(state: OrderState) -> bool:
    """Tell cheaply which orders are worth a closer look."""
    return kind_of(state) is not None or not _CANCEL_EVENTS.keys().isdisjoint(state.path.path.events)


def ends_at(state: OrderState) -> int | None:
    """When the refund or return of an order ends, whether or not it has begun; None where there is none."""
    kind = kind_of(state)
    if kind is None:
        return None
    choices = blake2b(state.digest, digest_size=16, person=b"aftersales").digest()
    story = _story(kind, choices)
    last = story[-1]
    happens = last.delay + (choices[3 + len(story)] * last.jitter >> 8)
    return time_of(TIMINGS["delivered"], state.digest, state.created) + happens


def later_timings() -> list[Timing]:
    """Return when, after the order's creation, events of refunds and returns can happen."""
    steps = {step for stories in _STORIES.values() for _, story in stories for step in story}
    return sorted({_after_delivery(step) for step in steps})


def _after_delivery(step: CaseStep) -> Timing:
    return Timing(TIMINGS["delivered"].delay + step.delay, _LONGEST_JITTER + step.jitter, 0)


def _story(kind: Kind, choices: bytes) -> tuple[CaseStep, ...]:
    return next(story for below, story in _STORIES[kind] if choices[0] < below)


def _concerned(units: list[Unit], choice: int) -> tuple[int, ...]:
    """Return the units that the case is about: one of them or all that were paid for."""
    paid = [at for at, unit in enumerate(units) if not unit.is_gift]
    return (paid[choice % len(paid)],) if choice & 128 else tuple(paid)
