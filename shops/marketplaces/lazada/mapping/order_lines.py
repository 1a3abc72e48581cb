"""Reads the lines of an order of Lazada, one for each unit, and the packages that they are in."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from shops.marketplaces import values
from shops.marketplaces.lazada.mapping import order_fields as keys
from shops.marketplaces.lazada.mapping.groups import complaint, read_amounts, read_texts, split_shop_sku, unplaced
from shops.marketplaces.records import LineRecord, PackageRecord

_CANCELLED = "canceled"
_NOT_TOLD = (None, "")
_NOT_COME = ("", 0, "0")
_Object = dict[str, Any]


class Lines:
    """The lines of one order: records, their rows as they came, and what the order takes from them."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        self.records: list[LineRecord] = []
        self.rows: list[_Object] = []
        self.words: set[str] = set()
        self._packages: dict[str, list[tuple[str, _Object]]] = {}
        self._speaks_of_packages = False

    def take(self, row: _Object, line_id: str, where: str) -> None:
        """Read one line."""
        is_packed = "package_id" in row and self._pack(row, line_id, where)
        # By position, in the order of the record's fields: see `order_fields` for the reason.
        sku_id, product_id, *texts = read_texts(row, keys.LINE_TEXTS, where, self.problems)
        shop_sku = row.get("shop_sku")
        if not product_id and type(shop_sku) is str:
            product_id = split_shop_sku(shop_sku)[0]
        elif not product_id and shop_sku is not None:
            self.problems.append(complaint(f"{where}shop_sku", shop_sku, "a text"))
        parts = [
            line_id,
            sku_id,
            product_id,
            *texts,
            1,
            self._read_currency(row, where),
            *read_amounts(row, keys.LINE_AMOUNTS, where, self.problems),
            self._read_status(row, where),
            False,
            unplaced(row, keys.PACKED_LINE_PLACED if is_packed else keys.LINE_PLACED),
        ]
        self.records.append(LineRecord(*parts))
        self.rows.append(row)

    def _read_currency(self, row: _Object, where: str) -> str:
        value = row.get("currency")
        read = values.currency(value)
        if read is None and value not in _NOT_TOLD:
            self.problems.append(complaint(f"{where}currency", value, "a currency code"))
        return read or ""

    def _read_status(self, row: _Object, where: str) -> str:
        value = row.get("status")
        word = values.identifier(value) if type(value) is str else None
        if word is None:
            self.problems.append(complaint(f"{where}status", value, "a status"))
            return ""
        self.words.add(word)
        return word

    def _pack(self, row: _Object, line_id: str, where: str) -> bool:
        """Put a line into the package that it names; false if it names none."""
        self._speaks_of_packages = True
        value = row["package_id"]
        package_id = values.identifier(value)
        if package_id is None:
            if value not in _NOT_TOLD:
                self.problems.append(complaint(f"{where}package_id", value, "an id"))
            return False
        self._packages.setdefault(package_id, []).append((line_id, row))
        return True

    def packages(self) -> tuple[PackageRecord, ...] | None:
        """Give the packages, or None if no line speaks of packages at all."""
        if not self._speaks_of_packages:
            return None
        return tuple([_package(package_id, packed) for package_id, packed in self._packages.items()])

    def find_cancelled(self) -> _Object:
        """Find the first cancelled line's row; an empty one if there is none."""
        if _CANCELLED not in self.words:
            return {}
        return next((row for row in self.rows if row.get("status") == _CANCELLED), {})

    def first_text(self, key: str) -> str:
        """Give what the first line that says it says; what is no text is a problem."""
        return self._first(key, values.text, "a text")

    def first_id(self, key: str) -> str:
        """Give the id that the first line that says it says; one that cannot be read is a problem."""
        return self._first(key, values.identifier, "an id")

    def _first(self, key: str, reader: Callable[[object], str | None], wanted: str) -> str:
        told = next((value for row in self.rows if (value := row.get(key)) not in _NOT_TOLD), None)
        read = reader(told)
        if read is None and told is not None:
            self.problems.append(complaint(f"items: {key}", told, wanted))
        return read or ""

    def earliest(self, key: str, reader: Callable[[object], datetime | None]) -> datetime | None:
        """Give the earliest moment among the lines; none if one of them cannot be read."""
        earliest = None
        for row in self.rows:
            value = row.get(key)
            if value is None or value in _NOT_COME:
                continue
            read = reader(value)
            if read is None:
                self.problems.append(complaint(f"items: {key}", value, "a time"))
                return None
            if earliest is None or read < earliest:
                earliest = read
        return earliest


def read_lines(items: object, problems: list[str]) -> Lines:
    """Read all lines; one without an id, or with the id of another, is left out and is a problem."""
    lines = Lines(problems)
    if type(items) is not list or not items:
        problems.append(complaint("items", items or None, "a list"))
    seen: set[str] = set()
    for position, row in enumerate(values.rows(items)):
        where = f"items[{position}]."
        line_id = values.identifier(row.get("order_item_id")) if type(row) is dict else None
        if line_id is None:
            problems.append(f"{where}order_item_id is missing or cannot be read: the line is left out.")
        elif line_id in seen:
            problems.append(f"{where}order_item_id {line_id} appears twice: the second line is left out.")
        else:
            seen.add(line_id)
            lines.take(row, line_id, where)
    return lines


def _package(package_id: str, packed: list[tuple[str, _Object]]) -> PackageRecord:
    tracking_number, carrier_name = (_first_text(packed, key) for key in keys.PACKAGE_TEXTS)
    contents = tuple([{"line": line_id, "quantity": 1} for line_id, _ in packed])
    return PackageRecord(package_id, "", tracking_number, carrier_name, "", contents)


def _first_text(packed: list[tuple[str, _Object]], key: str) -> str:
    for _, row in packed:
        if told := values.text(row.get(key)):
            return told
    return ""
