"""Writes the rows of a list into a file, one by one, in the same memory whatever their number.

A cell that a spreadsheet would run as a formula is data of strangers that does something on a colleague's machine; no
text is written as one.
"""

import csv
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from backoffice.common.lists.exporters import Column
from backoffice.common.lists.models import ExportFormat

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)*")
SHEET_ROWS = 1_048_576  # what a sheet holds, with its header
CELL_CHARACTERS = 32_767  # what a cell of a sheet holds
EXACT_DIGITS = 15  # what a number in a sheet keeps
FIRST_SHEET_YEAR = 1900
PRIVATE = 0o600

Cell = str | int | Decimal | datetime | date | bool | None


class ListFile(Protocol):
    """A file that takes a header when it is made, and then rows."""

    def add(self, cells: Iterable[Cell]) -> None:
        """Write one row."""

    def close(self) -> None:
        """Finish the file."""

    def discard(self) -> None:
        """Give up; the file is of no use."""


@contextmanager
def open_list_file(file_format: str, path: Path, columns: Sequence[Column], zone: ZoneInfo) -> Iterator[ListFile]:
    """Make a file that only its owner reads, with a header; it is finished unless an error ends the block."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))
    header = [f"{column.label} ({zone.key})" if column.is_time else column.label for column in columns]
    file: ListFile = XlsxFile(path, header, zone) if file_format == ExportFormat.XLSX else CsvFile(path, header, zone)
    try:
        yield file
    except BaseException:
        file.discard()
        raise
    file.close()


class CsvFile:
    """RFC 4180 in UTF-8; the mark at its beginning tells spreadsheets so."""

    def __init__(self, path: Path, header: Sequence[str], zone: ZoneInfo) -> None:
        self._zone = zone
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self.add(header)

    def add(self, cells: Iterable[Cell]) -> None:
        """Write one row."""
        self._writer.writerow([self._as_text(cell) for cell in cells])

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def discard(self) -> None:
        """Give up; a full disk must not hide why."""
        with suppress(OSError):
            self._file.close()

    def _as_text(self, cell: Cell) -> str:
        if isinstance(cell, str):
            return defuse(cell)
        if isinstance(cell, bool):
            return "yes" if cell else "no"
        if isinstance(cell, datetime):
            return f"{cell.astimezone(self._zone):%Y-%m-%d %H:%M:%S}"
        if isinstance(cell, Decimal):
            return f"{cell:f}"
        return "" if cell is None else str(cell)


class XlsxFile:
    """A workbook; rows beyond what one sheet holds go to the next one."""

    def __init__(self, path: Path, header: Sequence[str], zone: ZoneInfo) -> None:
        self._zone = zone
        self._header = header
        # Rows wait in files beside the workbook, so that a full disk is noticed where it is full.
        self._book: Any = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
        self._book.use_zip64()
        self._bold = self._book.add_format({"bold": True})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._start_sheet()

    def add(self, cells: Iterable[Cell]) -> None:
        """Write one row."""
        if self._row >= SHEET_ROWS:
            self._start_sheet()
        for column, cell in enumerate(cells):
            if cell is not None and cell != "":
                self._write(column, cell)
        self._row += 1

    def close(self) -> None:
        """Put the workbook together."""
        try:
            self._book.close()
        except FileCreateError as error:  # what went wrong is inside it
            raise error.args[0] from error

    def discard(self) -> None:
        """Give up; what waited in files goes with their folder."""
        self._book = None

    def _start_sheet(self) -> None:
        self._sheet: Any = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 1)
        for column, label in enumerate(self._header):
            self._sheet.set_column(column, column, max(14, len(label) + 2))
        for column, label in enumerate(self._header):
            self._sheet.write_string(0, column, label, self._bold)
        self._row = 1

    def _write(self, column: int, cell: Any) -> None:
        place = (self._row, column)
        if isinstance(cell, bool):
            self._sheet.write_string(*place, "yes" if cell else "no")
        elif isinstance(cell, int | Decimal) and _is_exact(cell):
            self._sheet.write_number(*place, float(cell))
        elif isinstance(cell, date) and cell.year >= FIRST_SHEET_YEAR:
            self._write_time(place, cell)
        else:
            self._sheet.write_string(*place, str(cell)[:CELL_CHARACTERS])

    def _write_time(self, place: tuple[int, int], cell: date) -> None:
        if isinstance(cell, datetime):
            self._sheet.write_datetime(*place, cell.astimezone(self._zone).replace(tzinfo=None), self._time)
        else:
            self._sheet.write_datetime(*place, cell, self._day)


def defuse(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula; a plain number stays one."""
    if text.startswith(FORMULA_STARTS) and not PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _is_exact(number: int | Decimal) -> bool:
    value = Decimal(number)
    return value.is_finite() and len(value.normalize().as_tuple().digits) <= EXACT_DIGITS
