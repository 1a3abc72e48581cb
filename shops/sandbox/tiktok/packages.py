"""Says which parcels a shop has as TikTok counts them: one for each parcel of an order, or one for a pair of orders."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from shops.sandbox.dataset import CHILD_STEP
from shops.sandbox.life import TIMINGS
from shops.sandbox.parcels import Parcel, parcels_of
from shops.sandbox.tiktok.orders import PACKAGE_BASE, is_combined
from shops.sandbox.tiktok.seller import Seller
from shops.sandbox.windows import OrderState

# The events of an order that a parcel shows.
_EVENTS = (
    "released", "created_cod", "partly_shipped", "packed", "collected", "delivered", "never_delivered",
    "cancelled_by_seller", "cancelled_on_request", "never_collected",
)  # fmt: skip
_TIMINGS = sorted({TIMINGS[event] for event in _EVENTS})
_STATUS_AFTER = {"": "PROCESSING", "packed": "PROCESSING", "collected": "FULFILLING", "delivered": "COMPLETED"}
_CANCELLED = "CANCELLED"


class Package(NamedTuple):
    """One package as it stands: the position of the order whose number it bears, and which of that order's it is."""

    position: int
    number: int
    parcels: tuple[Parcel, ...]
    created: int
    updated: int
    status: str

    @property
    def key(self) -> int:
        """The package among those of its shop, as a number."""
        return self.position << 1 | self.number - 1


class Packages:
    """The packages of one shop."""

    def __init__(self, seller: Seller) -> None:
        self._lives = seller.lives
        self._country = seller.region.code

    def id_of(self, package: Package) -> str:
        """Return the package's id, as the lines of its orders have it."""
        book = self._lives.book
        return str(
            book.number_of(package.position) - book.numbers.base + PACKAGE_BASE + CHILD_STEP * (package.number - 1)
        )

    def find(self, text: str, as_of: int) -> Package | None:
        """Return the package behind an id."""
        if not text.isascii() or not text.isdigit() or len(text) > 20:
            return None
        book = self._lives.book
        number = int(text) - PACKAGE_BASE + book.numbers.base
        second = bool(number & CHILD_STEP)
        index = book.find_index(number - CHILD_STEP * second, as_of)
        return None if index is None else self.at(index << 1 | second, as_of)

    def at(self, key: int, as_of: int) -> Package | None:
        """Return a package by its key, if it exists by then."""
        index, number = key >> 1, (key & 1) + 1
        states = [self._lives.state(index, as_of)]
        if number == 1 and is_combined(index):
            if index & 1 and not _is_split(states[0]):
                return None
            if not index & 1:
                partner = self._lives.state(index + 1, as_of)
                states.append(None if _is_split(partner) else partner)
        every = [parcel for state in states if state for parcel in parcels_of(state, as_of, self._country)]
        parcels = tuple(parcel for parcel in every if parcel.number == number)
        if not parcels:
            return None
        # The tracking of an order is told for all of its parcels together, so each of them moves with any of them.
        updated = max(parcel.updated for parcel in every)
        created = min(parcel.created for parcel in parcels)
        return Package(index, number, parcels, created, updated, _status(parcels))

    def of(self, state: OrderState, as_of: int) -> Iterator[Package]:
        """Yield the packages that an order is in."""
        index = state.position
        if index & 1 and is_combined(index) and not _is_split(state):
            index -= 1
        for key in (index << 1, index << 1 | 1):
            found = self.at(key, as_of)
            if found is not None:
                yield found

    def updated_between(self, start: int | None, end: int | None, as_of: int) -> Iterable[Package]:
        """Return the packages whose last change up to `as_of` lies in [start, end)."""
        first = self._lives.book.start if start is None else start
        before = as_of + 1 if end is None else min(end, as_of + 1)
        found: dict[int, Package] = {}
        for indexes in self._lives.candidates(first, before, as_of, _TIMINGS):
            # The partner of an order may lie just outside of the range.
            for state in self._lives.states_in(indexes, as_of):
                for package in self.of(state, as_of):
                    if first <= package.updated < before:
                        found[package.key] = package
        return found.values()


def _is_split(state: OrderState | None) -> bool:
    return state is not None and "partly_shipped" in state.path.path.events


def _status(parcels: Iterable[Parcel]) -> str:
    going = [parcel for parcel in parcels if not parcel.is_cancelled]
    if not going:
        return _CANCELLED
    last = going[0].events[-1][0] if going[0].events else ""
    return _STATUS_AFTER.get(last, _CANCELLED)
