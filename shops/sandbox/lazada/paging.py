"""Pages of lists that clients count themselves, by offset or page number, so that rows fit together between pages."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeVar

import orjson

from shops.sandbox.calls import Ledger
from shops.sandbox.clock import WorldClock
from shops.sandbox.faults import Fault
from shops.sandbox.lazada.gateway import Parameters
from shops.sandbox.service import Call
from shops.sandbox.sessions import Draw, Sessions, cut_page

Row = TypeVar("Row")
_READINGS_KEPT = 256
# What says nothing of which rows are meant.
_ASIDE = frozenset({
    "app_key", "timestamp", "sign_method", "sign", "access_token", "partner_id", "debug", "offset", "limit", "page_no",
    "page_size", "page_num", "page_number", "options", "locale",
})  # fmt: skip


@dataclass
class _Reading:
    """A list that a client is reading: the moment of its first page, and how its rows have moved under it since."""

    as_of: int
    shift: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Which page is wanted. `reach` is how many rows can be read in all before the list has to be asked for anew."""

    offset: int
    size: int
    highest_size: int
    reach: int = 1 << 40


@dataclass(frozen=True)
class Found:
    """The rows of a page, how many there are in all, and the fault that struck."""

    rows: Sequence[Any]
    total: int
    fault: Fault | None


class Lists:
    """All lists. Which rows a list has is settled when its first page is asked for; the real service reads anew [?]."""

    def __init__(self, clock: WorldClock, ledger: Ledger, draw: Callable[[Call], Draw]) -> None:
        self._clock = clock
        self._ledger = ledger
        self._draw = draw
        self._sessions = Sessions()
        self._lock = threading.Lock()
        self._readings: OrderedDict[tuple[str | None, bytes], _Reading] = OrderedDict()

    def page(self, call: Call, parameters: Parameters, place: Place, build: Callable[[int], Sequence[Row]]) -> Found:
        """Return a page of the rows that `build` finds at a moment, with the faults that change rows."""
        query = _digest(call, parameters)
        reading = self._reading((call.shop, query), place.offset)
        rows = self._sessions.rows((call.shop, query, reading.as_of), lambda: build(reading.as_of))
        reached = min(len(rows), place.reach)
        self._ledger.need_pages(call.shop, call.endpoint, query, reached, place.highest_size)
        cut = cut_page(rows, place.offset + reading.shift, place.size, reading.left, self._draw(call))
        # The client counts on from what it has read; what moved rows now does so for all pages that follow.
        reading.shift = cut.next_offset - place.size - place.offset
        reading.left = cut.left
        return Found(cut.rows, len(rows) - cut.left, cut.fault)

    def draw_for_details(self, call: Call, *, has_records: bool) -> Fault | None:
        """Draw the fault that makes a record impossible, for a call that shows records which were asked for by id."""
        return self._draw(call)({"impossible_record"} if has_records else set())

    def _reading(self, key: tuple[str | None, bytes], offset: int) -> _Reading:
        with self._lock:
            reading = self._readings.pop(key, None)
            if reading is None or offset == 0:
                reading = _Reading(self._clock.now())
            self._readings[key] = reading
            while len(self._readings) > _READINGS_KEPT:
                self._readings.popitem(last=False)
            return reading


def _digest(call: Call, parameters: Parameters) -> bytes:
    own = sorted((name, value) for name, value in parameters.items() if name not in _ASIDE)
    return blake2b(orjson.dumps([call.endpoint, own]), digest_size=16).digest()
