"""Cuts lists into numbered pages, all from the rows that were found when the first page was asked for.

Temu's lists have page numbers and no cursor, so nothing in a request tells which reading of the list it goes on with:
here that is the shop, the filters and the page size. With the switch are_pages_stable off, each page is cut from the
rows as they are when it is asked for, and rows move between pages as the world goes on.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from shops.sandbox.calls import Ledger
from shops.sandbox.faults import Fault
from shops.sandbox.sessions import Draw, cut_page
from shops.sandbox.temu.switches import Switches

_LISTS_KEPT = 64


@dataclass(frozen=True)
class Query:
    """A list as it was asked for. `is_windowed`: the same window asked for again is no new need of a client's."""

    shop: str
    endpoint: str
    filters: Any
    page: int
    size: int
    largest_size: int
    is_windowed: bool

    @property
    def key(self) -> bytes:
        """Equal for equal lists, whatever their page and page size."""
        text = orjson.dumps([self.endpoint, self.filters])
        return blake2b(self.shop.encode() + text, digest_size=12).digest()


@dataclass
class _Reading:
    """The rows of a list while it is read, and by how many rows its pages have moved."""

    as_of: int
    rows: Sequence[Any]
    drift: int = 0
    left: int = 0


@dataclass
class CutPage:
    """The rows of one page as they are to be shown, the total, and the fault that struck."""

    rows: Sequence[Any]
    total: int
    fault: Fault | None


class Lists:
    """The lists that are being read."""

    def __init__(self, ledger: Ledger, switches: Switches) -> None:
        self._ledger = ledger
        self._switches = switches
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[bytes, int], _Reading] = OrderedDict()

    def page(self, query: Query, now: int, build: Callable[[int], Sequence[Any]], draw: Draw) -> CutPage:
        """Return a page; `build` finds the rows of the whole list at a moment."""
        reading = self._reading(query, now, build)
        need = query.key if query.is_windowed else query.key + reading.as_of.to_bytes(8, "big")
        self._ledger.need_pages(query.shop, query.endpoint, need, len(reading.rows), query.largest_size)
        offset = max(0, (query.page - 1) * query.size + reading.drift)
        cut = cut_page(reading.rows, offset, query.size, reading.left, draw)
        reading.drift = cut.next_offset - query.page * query.size
        reading.left = cut.left
        return CutPage(cut.rows, len(reading.rows) - cut.left, cut.fault)

    def _reading(self, query: Query, now: int, build: Callable[[int], Sequence[Any]]) -> _Reading:
        key = (query.key, query.size)
        with self._lock:
            found = self._kept.get(key)
            if found is not None and query.page > 1 and (self._switches.are_pages_stable or found.as_of == now):
                self._kept.move_to_end(key)
                return found
        reading = _Reading(now, build(now), found.drift if found is not None and query.page > 1 else 0)
        with self._lock:
            self._kept[key] = reading
            while len(self._kept) > _LISTS_KEPT:
                self._kept.popitem(last=False)
        return reading
