"""Reads back what was written: CSV as a spreadsheet would, and the cells of an XLSX file with their types."""

import csv
import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_csv(path: Path) -> list[list[str]]:
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def read_xlsx(path: Path) -> list[list[dict[str, tuple[str, str]]]]:
    """Return the sheets; each is a list of rows of {column letter: (type, text)}. A formula's type is "formula"."""
    sheets = []
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        for name in sorted(names):
            root = ElementTree.fromstring(archive.read(name))
            sheets.append([dict(map(_read_cell, row)) for row in root.iter(f"{SPACE}row")])
    return sheets


def count_links(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        return sum(archive.read(name).count(b"hyperlink") for name in archive.namelist())


def _read_cell(cell: ElementTree.Element) -> tuple[str, tuple[str, str]]:
    letter = re.sub(r"\d", "", cell.attrib["r"])
    if cell.find(f"{SPACE}f") is not None:
        return letter, ("formula", "".join(cell.itertext()))
    kind = {"inlineStr": "text", "s": "text"}.get(cell.attrib.get("t", ""), "number")
    return letter, (kind, "".join(cell.itertext()))
