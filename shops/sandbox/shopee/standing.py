"""Says where an order stands when its returns are counted as well: status and update time as Shopee shows them.

At Shopee an open return is a status of the order [B], so that each event of the return changes the order too. The
returns of this world all end before their order is completed.
"""

from collections.abc import Iterator
from heapq import merge
from typing import NamedTuple

from shops.sandbox.aftersales import Case, kind_of, later_timings
from shops.sandbox.life import timings_in
from shops.sandbox.shopee.looks import PENDING, TO_RETURN, Look, look_of
from shops.sandbox.shopee.seller import Seller
from shops.sandbox.windows import OrderState

_OPEN = frozenset({"requested", "approved", "sent", "received"})


class Standing(NamedTuple):
    """An order with its return, if it has one."""

    state: OrderState
    look: Look
    updated: int
    case: Case | None

    def status(self, *, with_pending: bool) -> str:
        """Return the status word; PENDING only to a call that asks for it."""
        if self.case is not None and self.case.event in _OPEN:
            return TO_RETURN
        return PENDING if with_pending and self.look.is_pending else self.look.status


class Standings:
    """The orders of one shop."""

    def __init__(self, seller: Seller) -> None:
        self._lives = seller.lives
        self._cases = seller.cases
        self._timings = sorted({*timings_in(seller.lives.table), *later_timings()})

    def of(self, state: OrderState, as_of: int) -> Standing:
        """Return where the order stands."""
        look = look_of(state.path.number, state.step)
        # Few orders have a return at all, and none before it is delivered.
        if not look.is_delivered or kind_of(state) is None:
            return Standing(state, look, state.updated, None)
        case = next((case for case in self._cases.of(state, as_of) if case.kind != "cancel"), None)
        return Standing(state, look, max(state.updated, case.updated) if case else state.updated, case)

    def at(self, index: int, as_of: int) -> Standing | None:
        """Return the order at an index, or None if it is created later."""
        state = self._lives.state(index, as_of)
        return None if state is None else self.of(state, as_of)

    def created_between(self, start: int, end: int, as_of: int) -> Iterator[Standing]:
        """Yield the orders created in [start, end), in that order."""
        for state in self._lives.states_in(self._lives.created_range(start, end, as_of), as_of):
            yield self.of(state, as_of)

    def updated_between(self, start: int, end: int, as_of: int) -> Iterator[Standing]:
        """Yield the orders whose last change lies in [start, end), in order of creation."""
        before = min(end, as_of + 1)
        decided = self._cases.decisions.positions()  # at any time: they lie in no known range
        usual = (
            state
            for indexes in self._lives.candidates(start, before, as_of, self._timings)
            for state in self._lives.states_in(indexes, as_of)
            if state.position not in decided
        )
        others = (self._lives.state(position, as_of) for position in sorted(decided))
        for state in merge(usual, filter(None, others), key=lambda state: state.position):
            standing = self.of(state, as_of)
            if start <= standing.updated < before:
                yield standing
