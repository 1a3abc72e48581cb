"""Counts the calls that clients made, beside the least that would have done, so that waste shows."""

import threading
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

Outcome = Literal["ok", "refused", "throttled", "faulted"]
# The place of calls that belong to no shop or whose shop could not be told.
APP = ""


class Asker(NamedTuple):
    """What a call is for, where the client says so: which resource, and which piece of work."""

    resource: str = ""
    piece: str = ""


# Bits come in blocks of a kilobyte, made where they are needed: a piece of work has its own, of few orders.
_BLOCK_BITS = 13


class _Least:
    """The least calls for one endpoint of one shop: by pages of distinct queries, by distinct ids, by needs.

    Each piece of work needs its lists, and fills the calls for its ids by itself. An id is needed by one of them, or by
    each of them where no list tells whether what it names has changed.
    """

    __slots__ = ("ids", "ids_each", "ids_seen", "needs", "pages", "versions")

    def __init__(self) -> None:
        self.pages: dict[tuple[str, bytes], int] = {}
        self.needs: set[str] = set()
        # One bit for each index, by the piece that has it to itself ("" for what they share) and the block.
        self.ids: dict[tuple[str, int], bytearray] = {}
        self.ids_seen: dict[str, int] = {}
        self.ids_each = 1
        self.versions: set[tuple[str, int]] = set()

    def calls(self) -> int:
        by_ids = sum(-(-seen // self.ids_each) for seen in self.ids_seen.values())
        return sum(self.pages.values()) + len(self.needs) + by_ids

    def mark(self, index: int, piece: str, *, in_each_piece: bool) -> None:
        place = (piece if in_each_piece else "", index >> _BLOCK_BITS)
        if (block := self.ids.get(place)) is None:
            block = self.ids[place] = bytearray(1 << _BLOCK_BITS - 3)
        byte, bit = (index & (1 << _BLOCK_BITS) - 1) >> 3, 1 << (index & 7)
        if not block[byte] & bit:
            block[byte] |= bit
            self.ids_seen[piece] = self.ids_seen.get(piece, 0) + 1

    def note(self, versions: Iterable[tuple[str, int]], piece: str) -> None:
        new = set(versions) - self.versions
        self.versions |= new
        self.ids_seen[piece] = self.ids_seen.get(piece, 0) + len(new)


class Ledger:
    """The calls to one marketplace."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._local = threading.local()
        self._counts: dict[_Key, dict[str, int]] = {}
        self._least: dict[_Key, _Least] = {}

    @property
    def asker(self) -> Asker:
        """What the call that this thread answers is for."""
        asker: Asker = getattr(self._local, "asker", Asker())
        return asker

    @asker.setter
    def asker(self, asker: Asker) -> None:
        self._local.asker = asker

    def count(self, shop: str | None, endpoint: str, outcome: Outcome) -> None:
        """Count one call."""
        with self._lock:
            counts = self._counts.setdefault(self._key(shop, endpoint), dict.fromkeys(_OUTCOMES, 0))
            counts[outcome] += 1

    def need_pages(self, shop: str | None, endpoint: str, query: bytes, rows: int, rows_each: int) -> None:
        """Note a query: it needs a page for every so many rows, one even for none, and counts once."""
        pages = max(1, -(-rows // rows_each))
        with self._lock:
            known = self._of(shop, endpoint).pages
            key = (self.asker.piece, query)
            known[key] = max(pages, known.get(key, 0))

    def need_ids(
        self, shop: str | None, endpoint: str, indexes: list[int], ids_each: int, *, in_each_piece: bool = False
    ) -> None:
        """Distinct records need a call for every so many; an index holds the record and which version of it.

        Where a list tells no time of change, whoever reads one that overlaps another has to ask for all that it names
        once more (`in_each_piece`): what is known already cannot be told from what has changed since.
        """
        with self._lock:
            least = self._of(shop, endpoint)
            least.ids_each = ids_each
            for index in indexes:
                least.mark(index, self.asker.piece, in_each_piece=in_each_piece)

    def need_versions(
        self, shop: str | None, endpoint: str, versions: Iterable[tuple[str, int]], ids_each: int
    ) -> None:
        """Do the same for records of which there are few: an id with its update time is one need."""
        with self._lock:
            least = self._of(shop, endpoint)
            least.ids_each = ids_each
            least.note(versions, self.asker.piece)

    def need_once(self, shop: str | None, endpoint: str, need: str) -> None:
        """Something that one call settles."""
        with self._lock:
            self._of(shop, endpoint).needs.add(need)

    def reset(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._counts.clear()
            self._least.clear()

    def report(self) -> dict[str, Any]:
        """Show counts per shop and endpoint, those of no shop under `app`, per resource, and the totals.

        What no client named a resource for stands under `other`.
        """
        shops: dict[str, dict[str, Any]] = {}
        app: dict[str, Any] = {}
        resources: dict[str, dict[str, int]] = {}
        total = _nothing()
        with self._lock:
            for key in sorted(self._counts.keys() | self._least.keys()):
                least = self._least.get(key)
                told = {**_nothing(), **self._counts.get(key, {}), "least_possible": least.calls() if least else 0}
                place = shops.setdefault(key.shop, {}) if key.shop else app
                for counts in (
                    place.setdefault(key.endpoint, _nothing()),
                    resources.setdefault(key.resource or "other", _nothing()),
                    total,
                ):
                    for name, value in told.items():
                        counts[name] += value
        return {"shops": shops, "app": app, "resources": resources, "total": total}

    def _of(self, shop: str | None, endpoint: str) -> _Least:
        return self._least.setdefault(self._key(shop, endpoint), _Least())

    def _key(self, shop: str | None, endpoint: str) -> "_Key":
        return _Key(shop or APP, endpoint, self.asker.resource)


class _Key(NamedTuple):
    shop: str
    endpoint: str
    resource: str


_OUTCOMES: tuple[Outcome, ...] = ("ok", "refused", "throttled", "faulted")


def _nothing() -> dict[str, int]:
    return dict.fromkeys((*_OUTCOMES, "least_possible"), 0)
