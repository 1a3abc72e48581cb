"""Cuts pages out of lists that are paged by number: nothing ties two pages together, so rows that come and go show."""

from collections.abc import Sequence
from typing import TypeVar

from shops.sandbox.faults import Fault
from shops.sandbox.sessions import Draw

Row = TypeVar("Row")


def numbered_page(rows: Sequence[Row], page: int, size: int, draw: Draw) -> tuple[Sequence[Row], bool, Fault | None]:
    """Return the rows of a page counted from 0, whether more follow, and the fault that struck."""
    offset = page * size
    kinds: set[str] = set()
    if offset < len(rows):
        kinds.add("impossible_record")
        if offset:
            kinds |= {"page_shift", "repeated_rows"}
    fault = draw(kinds)
    start = offset
    if fault is not None and fault.kind == "page_shift":
        # As if rows before this page had left the list.
        start += int(fault.option("rows"))
        fault.note(f"skipped the rows before {start}")
    if fault is not None and fault.kind == "repeated_rows":
        # As if rows had come in before this page.
        start = max(0, start - int(fault.option("rows")))
        fault.note(f"repeated the rows from {start}")
    return rows[start : start + size], offset + size < len(rows), fault
