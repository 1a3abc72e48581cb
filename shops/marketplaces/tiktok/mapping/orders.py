"""Turns TikTok Shop's order payload into an OrderRecord. Pure, and it never raises, whatever the payload holds.

Which key goes where stands in `order_fields`; what has no field of its own is kept in `attributes` under TikTok's
name, so that nothing is lost. A value that is there but cannot be read becomes a problem of the record, beside what
could be read; only an unreadable id makes it no record.
"""

from datetime import datetime
from decimal import Decimal
from itertools import filterfalse, repeat
from operator import is_
from typing import Any

from shops.marketplaces import values
from shops.marketplaces.records import (
    LineRecord,
    OrderRecord,
    OrderStatus,
    PackageRecord,
    Recipient,
    RecipientClarity,
    UnreadableRecord,
)
from shops.marketplaces.tiktok.mapping import order_fields as keys

_MOST_PROBLEMS = 20  # a thousand bad lines are told well enough by the first of them
_TRACKING_NUMBER = keys.PACKAGE_TEXTS.keys.index("tracking_number")
_NO_TEXTS = ("",) * len(keys.PACKAGE_TEXTS.keys)
_NONES = repeat(None)
_Object = dict[str, Any]


def map_order(payload: object) -> OrderRecord | UnreadableRecord:
    """Map one order of a search or detail answer. Times are Unix seconds there, money decimal text."""
    if type(payload) is not dict:
        return UnreadableRecord(payload, _complaint("The order", payload, "an object"))
    external_id = values.identifier(payload.get("id"))
    if external_id is None:
        return UnreadableRecord(payload, _complaint("id", payload.get("id"), "an id"))
    problems: list[str] = []
    raw_status = _read_status(payload, problems)
    payment = values.fields(payload.get("payment"))
    attributes = _unplaced(payload, keys.ORDER_PLACED)
    if new_payment_keys := _unplaced(payment, keys.PAYMENT_PLACED):
        # Not taken for amounts: a number here may as well be the code of a card.
        attributes["payment"] = new_payment_keys
    lines, packages = _read_lines(payload, problems)
    # By position, in the order of the record's fields: see `order_fields` for the reason, and the test that guards it.
    parts = [
        external_id,
        payload,
        keys.STATUSES.get(raw_status, OrderStatus.UNKNOWN),
        raw_status,
        *_read_required_times(payload, problems),
        _read_currency(payment, "payment.", problems, required=True),
        *_read_amounts(payment, keys.ORDER_AMOUNTS, "payment.", problems, required="total_amount"),
        _read_other_amounts(payment, problems),
        _read_flag(payload, "is_cod", "", problems),
        *_read_texts(payload, keys.ORDER_TEXTS, "", problems),
        *_read_times(payload, keys.ORDER_TIMES, problems),
        attributes,
        _read_recipient(payload, problems),
        lines,
        packages,
        _bounded(problems),
    ]
    return OrderRecord(*parts)


def _unplaced(payload: _Object, placed: frozenset[str]) -> _Object:
    """Keep what has no place of its own, unless it is empty."""
    names = filterfalse(placed.__contains__, payload)
    return {name: value for name in names if (value := payload[name]) or value == 0}


def _read_status(payload: _Object, problems: list[str]) -> str:
    """A word that we do not know is still a status; something that is no word is a problem."""
    value = payload.get("status")
    word = values.identifier(value) if type(value) is str else None
    if word is None:
        problems.append(_complaint("status", value, "a status"))
    return word or ""


def _read_texts(payload: _Object, group: keys.Texts, where: str, problems: list[str]) -> list[Any]:
    listed = [*map(payload.get, group.keys, repeat(""))]
    read = values.texts(listed, group.limits)
    return _read_texts_singly(listed, group, where, problems) if read is None else read


def _read_texts_singly(listed: list[Any], group: keys.Texts, where: str, problems: list[str]) -> list[Any]:
    read = []
    for key, limit, value in zip(group.keys, group.limits, listed, strict=True):
        is_id = limit == values.IDENTIFIER_LENGTH
        found = values.identifier(value) if is_id else values.text(value)
        if found is None and not _is_absent(value):
            problems.append(_complaint(where + key, value, "an id" if is_id else "a text"))
        read.append(found or "")
    return read


def _read_times(payload: _Object, names: tuple[str, ...], problems: list[str]) -> list[datetime | None]:
    return [
        None if value is None else _read_time(name, value, problems)
        for name, value in zip(names, map(payload.get, names), strict=False)
    ]


def _read_time(name: str, value: object, problems: list[str]) -> datetime | None:
    read = values.seconds(value)
    if read is None and not _has_not_come(value):
        problems.append(_complaint(name, value, "a time in Unix seconds"))
    return read


def _read_required_times(payload: _Object, problems: list[str]) -> list[datetime | None]:
    for name in keys.ORDER_REQUIRED_TIMES:
        if _has_not_come(payload.get(name)):
            problems.append(f"{name} is missing.")
    return _read_times(payload, keys.ORDER_REQUIRED_TIMES, problems)


def _read_amounts(
    payload: _Object, names: tuple[str, ...], where: str, problems: list[str], required: str = ""
) -> list[Decimal | None]:
    listed = [*map(payload.get, names)]
    read = values.amounts(listed)
    if any(map(is_, read, _NONES)):  # three times faster than `None in read`, which compares decimals with None
        for name, value, found in zip(names, listed, read, strict=True):
            if found is None and (name == required or not _is_absent(value)):
                problems.append(_complaint(where + name, value, "an amount"))
    return read


def _read_other_amounts(payment: _Object, problems: list[str]) -> dict[str, str]:
    others: dict[str, str] = {}
    for name, value in payment.items():
        if name in keys.OTHER_AMOUNTS and not _is_absent(value):
            read = values.amount(value)
            if read is None:
                problems.append(_complaint(f"payment.{name}", value, "an amount"))
            else:
                others[name] = str(read)
    return others


def _read_currency(payload: _Object, where: str, problems: list[str], *, required: bool = False) -> str:
    value = payload.get("currency")
    read = values.currency(value)
    if read is None and (required or not _is_absent(value)):
        problems.append(_complaint(f"{where}currency", value, "a currency code"))
    return read or ""


def _read_flag(payload: _Object, name: str, where: str, problems: list[str]) -> bool:
    value = payload.get(name)
    read = values.boolean(value)
    if read is None and not _is_absent(value):
        problems.append(_complaint(where + name, value, "true or false"))
    return bool(read)


def _read_recipient(payload: _Object, problems: list[str]) -> Recipient:
    address = payload.get("recipient_address")
    if type(address) is not dict:
        if not _is_absent(address):
            problems.append(_complaint("recipient_address", address, "an object"))
        return Recipient()
    texts = _read_texts(address, keys.RECIPIENT_TEXTS, "recipient_address.", problems)
    name, phone, _, _, full_address = texts
    details = _unplaced(address, keys.RECIPIENT_PLACED)
    wishes = details.get("delivery_preferences")
    if type(wishes) is dict and not any(wishes.values()):
        del details["delivery_preferences"]
    personal = f"{name}{phone}{full_address}{_plain(details, 'address_detail')}{_plain(details, 'address_line1')}"
    return Recipient(*[*texts, details, _clarity(personal)])


def _plain(details: _Object, key: str) -> str:
    value = details.get(key)
    return value if type(value) is str else ""


def _clarity(personal: str) -> RecipientClarity:
    """Asterisks in a personal text mean that TikTok hides the person, as it does where it ships itself."""
    if "*" in personal:
        return RecipientClarity.MASKED
    return RecipientClarity.CLEAR if personal and not personal.isspace() else RecipientClarity.ABSENT


def _read_lines(
    payload: _Object, problems: list[str]
) -> tuple[tuple[LineRecord, ...], tuple[PackageRecord, ...] | None]:
    """Read the lines (one for each unit sold: TikTok has no quantity) and the packages that they are in."""
    items = payload.get("line_items")
    if type(items) is not list or not items:
        problems.append(_complaint("line_items", items or None, "a list"))
    lines: dict[str, LineRecord] = {}
    packages = _Packages(payload.get("packages"), problems)
    for position, item in enumerate(values.rows(items)):
        where = f"line_items[{position}]."
        line_id = values.identifier(item.get("id")) if type(item) is dict else None
        if line_id is None:
            problems.append(f"{where}id is missing or cannot be read: the line is left out.")
        elif line_id in lines:
            problems.append(f"{where}id {line_id} appears twice: the second line is left out.")
        else:
            is_packed = "package_id" in item and packages.take(item, line_id, where)
            lines[line_id] = _read_line(item, line_id, is_packed, where, problems)
    return tuple(lines.values()), packages.records()


def _read_line(item: _Object, line_id: str, is_packed: bool, where: str, problems: list[str]) -> LineRecord:
    *texts, raw_status = _read_texts(item, keys.LINE_TEXTS, where, problems)
    # Without a package there is no other place for what the line says of its shipment.
    placed = keys.PACKED_LINE_PLACED if is_packed else keys.LINE_PLACED
    parts = [
        line_id,
        *texts,
        1,
        _read_currency(item, where, problems),
        *_read_amounts(item, keys.LINE_AMOUNTS, where, problems),
        _sum_of_taxes(item["item_tax"], where, problems) if "item_tax" in item else None,
        raw_status,
        _read_flag(item, "is_gift", where, problems),
        _unplaced(item, placed),
    ]
    return LineRecord(*parts)


def _sum_of_taxes(taxes: object, where: str, problems: list[str]) -> Decimal | None:
    read = [values.amount(values.fields(tax).get("tax_amount")) for tax in values.rows(taxes)]
    readable = [found for found in read if found is not None]
    if len(readable) < len(read) or not (type(taxes) is list or _is_absent(taxes)):
        problems.append(f"{where}item_tax cannot be read as a list of amounts.")
        return None
    return sum(readable, Decimal(0)) if readable else None


class _Packages:
    """The packages of one order: ids stand in `packages`, status, carrier and tracking number in their lines."""

    def __init__(self, listed: object, problems: list[str]) -> None:
        self._problems = problems
        self._is_told = type(listed) is list
        self._texts: dict[str, list[Any]] = {}
        self._contents: dict[str, list[_Object]] = {}
        if not (self._is_told or _is_absent(listed)):
            problems.append(_complaint("packages", listed, "a list"))
        for position, package in enumerate(values.rows(listed)):
            package_id = values.identifier(values.fields(package).get("id"))
            if package_id is None:
                problems.append(f"packages[{position}].id is missing or cannot be read: the package is left out.")
            else:
                self._contents[package_id] = []

    def take(self, item: _Object, line_id: str, where: str) -> bool:
        """Put a line into the package that it names; false if it names none."""
        self._is_told = True
        value = item["package_id"]
        package_id = values.identifier(value)
        if package_id is None:
            if not _is_absent(value):
                self._problems.append(_complaint(f"{where}package_id", value, "an id"))
            return False
        self._contents.setdefault(package_id, []).append({"line": line_id, "quantity": 1})
        if package_id not in self._texts or not self._texts[package_id][_TRACKING_NUMBER]:
            self._texts[package_id] = _read_texts(item, keys.PACKAGE_TEXTS, where, self._problems)
        return True

    def records(self) -> tuple[PackageRecord, ...] | None:
        """Give the packages, or None if the order does not speak of packages at all."""
        if not self._is_told:
            return None
        return tuple(
            [
                PackageRecord(*[package_id, *self._texts.get(package_id, _NO_TEXTS), tuple(contents)])
                for package_id, contents in self._contents.items()
            ]
        )


def _is_absent(value: object) -> bool:
    return value is None or value == ""


def _has_not_come(value: object) -> bool:
    """A time of zero is one that has not come."""
    return _is_absent(value) or value == 0


def _complaint(key: str, value: object, wanted: str) -> str:
    if _is_absent(value):
        return f"{key} is missing."
    return f"{key} is {values.shown(value)} instead of {wanted}."


def _bounded(problems: list[str]) -> tuple[str, ...]:
    if len(problems) <= _MOST_PROBLEMS:
        return tuple(problems)
    return (*problems[:_MOST_PROBLEMS], f"And {len(problems) - _MOST_PROBLEMS} more.")
