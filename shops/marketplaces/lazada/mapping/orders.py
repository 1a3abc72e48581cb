"""Turns an order of Lazada and its lines into an OrderRecord. Pure, and it never raises, whatever the payload holds.

The payload is {"order": a row of the list, "items": the rows of its lines}. Times are text with an offset, amounts are
in major units, each line is one unit. Which key goes where stands in `order_fields`; the rest goes to `attributes`.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from shops.marketplaces import values
from shops.marketplaces.lazada.mapping import order_fields as keys
from shops.marketplaces.lazada.mapping.countries import CODES_BY_NAME
from shops.marketplaces.lazada.mapping.groups import complaint, read_amounts, read_texts, unplaced
from shops.marketplaces.lazada.mapping.order_lines import Lines, read_lines
from shops.marketplaces.lazada.mapping.statuses import joined, order_status
from shops.marketplaces.lazada.mapping.times import moment, moment_in_any_form
from shops.marketplaces.reading import bounded
from shops.marketplaces.records import OrderRecord, Recipient, RecipientClarity, UnreadableRecord

_NOBODY = "null-null"  # who cancelled or returned, where nobody did
_COD = "COD"
_TOO_LARGE = Decimal(10**14)  # NUMERIC(18,4)
_NO_TIMES = (None,) * 5  # shipped, collected, delivered, cancelled, cancellation requested: not told
_Object = dict[str, Any]


def map_order(payload: object) -> OrderRecord | UnreadableRecord:
    """Map an order with its lines. Its status is made of theirs; its currency and deadlines are theirs."""
    whole = values.fields(payload)
    order = values.fields(whole.get("order"))
    external_id = values.identifier(order.get("order_id"))
    if external_id is None:
        return UnreadableRecord(payload, complaint("order.order_id", order.get("order_id"), "an id"))
    problems: list[str] = []
    lines = read_lines(whole.get("items"), problems)
    words = _words_of(order, lines)
    goods, shipping, *discounts, shipping_before = _amounts(order, keys.ORDER_AMOUNTS, problems)
    others = _amounts(order, keys.OTHER_AMOUNTS, problems)
    after_voucher = _sum(goods, others[0], -1)
    payment_method, warehouse = read_texts(order, keys.ORDER_TEXTS, "order.", problems)
    recipient, mail = _read_recipient(order, problems)
    # By position, in the order of the record's fields: by name it takes twice as long, a tenth of the whole mapping.
    parts = [
        external_id,
        whole,
        order_status(words),
        joined(words)[: values.TEXT_LENGTH],
        _read_time(order, "created_at", problems),
        _read_time(order, "updated_at", problems),
        _currency_of(lines, problems),
        _sum(after_voucher, shipping),
        after_voucher,
        goods,
        *discounts,
        shipping_before,
        shipping,
        _taxes_of(lines),
        _told(keys.OTHER_AMOUNTS, others),
        payment_method == _COD,
        lines.first_id("buyer_id"),
        mail,
        "",  # nothing that the buyer or the seller wrote
        "",
        payment_method,
        lines.first_text("shipment_provider"),
        lines.first_text("tracking_code"),
        warehouse,
        *_reason_and_initiator_of(lines.find_cancelled()),
        lines.earliest("payment_time", moment_in_any_form),
        *_NO_TIMES,
        lines.earliest("sla_time_stamp", moment),
        None,
        None,
        unplaced(order, keys.ORDER_PLACED),
        recipient,
        tuple(lines.records),
        lines.packages(),
        bounded(problems),
    ]
    return OrderRecord(*parts)


def _words_of(order: _Object, lines: Lines) -> set[str]:
    """Give the states of the lines; those that the order tells of them where no line could be read.

    Lines without a readable state are a problem already.
    """
    if lines.records:
        return lines.words
    told = order.get("statuses")
    listed = told.split(",") if type(told) is str else values.rows(told)  # text in older examples
    return {word.strip() for word in listed if type(word) is str and values.identifier(word)}


def _amounts(order: _Object, group: tuple[str, ...], problems: list[str]) -> list[Decimal | None]:
    return read_amounts(order, group, "order.", problems, required=keys.REQUIRED_AMOUNTS)


def _told(names: tuple[str, ...], amounts: list[Decimal | None]) -> dict[str, str]:
    return {name: str(amount) for name, amount in zip(names, amounts, strict=True) if amount is not None}


def _sum(first: Decimal | None, second: Decimal | None, sign: int = 1) -> Decimal | None:
    """Add two amounts; None if one is not known, or if no column holds the sum."""
    if first is None or second is None:
        return None
    total = first + second * sign
    return total if abs(total) < _TOO_LARGE else None


def _taxes_of(lines: Lines) -> Decimal | None:
    total: Decimal | None = Decimal(0) if lines.records else None
    for line in lines.records:
        total = _sum(total, line.tax_amount)
    return total


def _read_time(order: _Object, key: str, problems: list[str]) -> datetime | None:
    value = order.get(key)
    read = moment(value)
    if read is None:
        problems.append(complaint(f"order.{key}", value, "a time with an offset"))
    return read


def _currency_of(lines: Lines, problems: list[str]) -> str:
    """Only lines tell a currency."""
    told = {line.currency for line in lines.records if line.currency}
    if len(told) == 1:
        return told.pop()
    problems.append(
        "The lines tell no currency." if not told else f"The lines tell several currencies: {sorted(told)}."
    )
    return ""


def _reason_and_initiator_of(cancelled: _Object) -> tuple[str, str]:
    if not cancelled:
        return "", ""
    parts = (values.text(cancelled.get("reason")), values.text(cancelled.get("reason_detail")))
    initiator = values.text(cancelled.get("cancel_return_initiator")) or ""
    reason = ": ".join(dict.fromkeys(part for part in parts if part))
    return reason[: values.TEXT_LENGTH], "" if initiator == _NOBODY else initiator


def _read_recipient(order: _Object, problems: list[str]) -> tuple[Recipient, str]:
    """Read who receives the parcel, and the buyer's mail address, which stands among it."""
    address = order.get("address_shipping")
    if type(address) is not dict:
        if address is not None and address != "":
            problems.append(complaint("order.address_shipping", address, "an object"))
        address = {}
    listed = read_texts(address, keys.ADDRESS_TEXTS, "order.address_shipping.", problems)
    first, last, phone, post_code, mail, street, unit, district, city, state, country = listed
    places = dict.fromkeys((street, unit, district, city, state, post_code, country))
    details = unplaced(address, keys.RECIPIENT_PLACED)
    for key in keys.PERSONAL:
        if order.get(key):
            details[key] = order[key]
    name = f"{first} {last}" if first and last else first or last
    # By position, in the order of the record's fields.
    parts = [
        name[: values.TEXT_LENGTH],
        phone,
        CODES_BY_NAME.get(country.lower(), ""),
        post_code,
        ", ".join(filter(None, places))[: values.TEXT_LENGTH],
        details,
        _clarity(name + phone + street),
    ]
    return Recipient(*parts), mail


def _clarity(personal: str) -> RecipientClarity:
    """Asterisks mean that Lazada hides the person, as it does for most sellers."""
    if "*" in personal:
        return RecipientClarity.MASKED
    return RecipientClarity.CLEAR if personal and not personal.isspace() else RecipientClarity.ABSENT


def read_updated_at(order: _Object) -> datetime | None:
    """Read when an order of the list changed; None where it cannot be read."""
    return moment(order.get("updated_at"))
