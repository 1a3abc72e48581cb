"""Finds the orders created or updated in a window by computing index ranges, never by walking the whole world."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import NamedTuple

from shops.sandbox.dataset import OrderBook
from shops.sandbox.life import CompiledPath, Timing, last_step, timings_in

# Later than any update.
_NEVER = 1 << 62


class OrderState(NamedTuple):
    """One order as it stands at some moment."""

    position: int
    digest: bytes
    created: int
    updated: int
    path: CompiledPath
    step: int


class Lives:
    """The orders of one shop together with what happens to them."""

    def __init__(self, book: OrderBook, table: tuple[CompiledPath, ...]) -> None:
        self.book = book
        self.table = table
        self._timings: list[Timing] = timings_in(table)

    def state(self, index: int, as_of: int) -> OrderState | None:
        """Return the order as it stands at `as_of`, or None if it is created later."""
        digest = self.book.digest(index)
        created = self.book.created_at(index, digest)
        if created > as_of:
            return None
        path = self.table[digest[0]]
        step, updated = last_step(path, digest, created, as_of)
        return OrderState(index, digest, created, updated, path, step)

    def created_range(self, from_moment: int | None, before: int | None, as_of: int) -> range:
        """Indexes of the orders created in the window and not after `as_of`."""
        book = self.book
        first = 0 if from_moment is None else book.first_index_from(from_moment)
        end = book.first_index_from(as_of + 1 if before is None else min(before, as_of + 1))
        return range(first, max(first, end))

    def states_in(
        self, indexes: range, as_of: int, updated_from: int = 0, updated_before: int = _NEVER
    ) -> Iterator[OrderState]:
        """Yield states at `as_of` of the orders in a range that all exist by then, if updated within the bounds."""
        # The same sums as state() does, laid flat: this loop sees several candidates for every order that is served.
        book, table = self.book, self.table
        prefix, start, span, slots = book.prefix, book.start, book.span, book.count << 16
        for index in indexes:
            digest = blake2b(prefix + index.to_bytes(8, "big")).digest()
            created = start + (index << 16 | digest[1] << 8 | digest[2]) * span // slots
            path = table[digest[0]]
            for step, delay, jitter, offset in path.backwards:  # noqa: B007 - the last step outlives the loop
                updated = created + delay + ((digest[offset] << 8 | digest[offset + 1]) * jitter >> 16)
                if updated <= as_of:
                    break
            if updated_from <= updated < updated_before:
                yield OrderState(index, digest, created, updated, path, step)

    def updated_between(self, from_moment: int | None, before: int | None, as_of: int) -> Iterator[OrderState]:
        """Yield states at `as_of` of the orders whose last event then lies in the window, in order of creation."""
        first = self.book.start if from_moment is None else from_moment
        end = as_of + 1 if before is None else min(before, as_of + 1)
        for indexes in self.candidates(first, end, as_of, self._timings):
            yield from self.states_in(indexes, as_of, first, end)

    def candidates(self, first: int, end: int, as_of: int, timings: Iterable[Timing]) -> list[range]:
        """Return the orders that can have an event of these timings in the window, as ranges that do not overlap."""
        if first >= end or not self.book.count:
            return []
        ranges = (self.created_range(first - delay - jitter, end - delay, as_of) for delay, jitter, _ in timings)
        merged: list[range] = []
        for found in sorted((found for found in ranges if found), key=lambda found: found.start):
            if merged and found.start <= merged[-1].stop:
                merged[-1] = range(merged[-1].start, max(merged[-1].stop, found.stop))
            else:
                merged.append(found)
        return merged
