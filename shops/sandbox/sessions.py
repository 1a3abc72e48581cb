"""Keeps the rows of the latest list queries, so that the pages of one query fit together while the world goes on."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shops.sandbox.faults import Fault

Row = TypeVar("Row")
_SESSIONS_KEPT = 64
# Draws a fault among the kinds that can show; the marketplace knows for which call.
Draw = Callable[[set[str]], Fault | None]


class Sessions:
    """The row lists of the latest queries; one that has been dropped is computed again and comes out the same."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Sequence[Any]] = OrderedDict()

    def rows(self, key: Hashable, build: Callable[[], Sequence[Row]]) -> Sequence[Row]:
        """Return the rows of a query; its key must hold the shop, the filters and the moment they were asked at."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        found = build()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > _SESSIONS_KEPT:
                self._kept.popitem(last=False)
        return found


@dataclass
class PageCut(Generic[Row]):
    """The rows of one page, where the next page begins, how many rows seem to have left, and the fault that struck."""

    rows: Sequence[Row]
    next_offset: int
    left: int
    fault: Fault | None

    @property
    def was_faulted(self) -> bool:
        """Whether a fault changed this page."""
        return self.fault is not None


def cut_page(rows: Sequence[Row], offset: int, size: int, left: int, draw: Draw) -> PageCut[Row]:
    """Cut a page out of a list, with the faults that rows which come and go between two pages cause."""
    fault = draw(_kinds_that_show(len(rows), offset, size))
    if fault is not None and fault.kind == "page_shift":
        # As if rows before this page had left the list: it begins so many rows later.
        offset += int(fault.option("rows"))
        left += int(fault.option("rows") * fault.option("falls"))
        fault.note(f"skipped the rows before {offset}")
    end = offset + size
    page = PageCut(rows[offset:end], end, left, fault)
    if fault is not None and fault.kind == "repeated_rows":
        # As if rows had come in before this page: its last rows come again on the next.
        page.next_offset -= min(int(fault.option("rows")), size - 1)
        fault.note(f"repeated the rows from {page.next_offset}")
    return page


def _kinds_that_show(row_count: int, offset: int, size: int) -> set[str]:
    """A shift needs a page before, a repetition one after."""
    kinds = set()
    if 0 < offset < row_count:
        kinds.add("page_shift")
    if size > 1 and offset + size < row_count:
        kinds.add("repeated_rows")
    if offset < row_count:
        kinds.add("impossible_record")
    return kinds
