"""Turns a row of Lazada's finance list into a TransactionRecord. Pure, and it never raises, whatever the payload holds.

Every value is text. Amounts are signed, in major units, perhaps with commas between thousands; the date is a day of the
shop ("17 May 2016"), taken as the moment when it begins there; the currency is the country's.
"""

import re
from collections.abc import Mapping
from datetime import UTC
from decimal import Decimal
from typing import Any

from shops.marketplaces import values
from shops.marketplaces.lazada.mapping.countries import NO_COUNTRY, find_country
from shops.marketplaces.lazada.mapping.times import local_day
from shops.marketplaces.reading import Fields, bounded
from shops.marketplaces.records import TransactionKind, TransactionRecord, UnreadableRecord

LONGEST_ID = 128
_PERIOD = re.compile(r"\d{1,2} [A-Za-z]{3,9} \d{4} - \d{1,2} [A-Za-z]{3,9} \d{4}", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)

# By the vendor's number of the fee; the official table has more, which are stored as unknown.
_SALES = frozenset({"13"})
_REVERSALS = frozenset({"14"})
_SHIPPING = frozenset({"7", "8", "21", "26", "28", "142", "143"})
KINDS: Mapping[str, TransactionKind] = {
    "13": TransactionKind.SETTLEMENT,  # item price credit
    "8": TransactionKind.SETTLEMENT,  # shipping fee that the buyer paid
    "14": TransactionKind.REFUND,  # reversal of the item price
    **dict.fromkeys(("3", "4", "15", "16"), TransactionKind.FEE),  # payment fee and commission, and what comes back
    **dict.fromkeys(("7", "21", "28", "26", "25"), TransactionKind.FEE),  # shipping, return to seller, quality check
    **dict.fromkeys(("142", "143"), TransactionKind.ADJUSTMENT),  # shipping fees taken back
    **dict.fromkeys(("117", "118", "119", "120", "121", "122"), TransactionKind.FEE),  # promotions, and taken back
    **dict.fromkeys(("130", "132"), TransactionKind.FEE),  # fulfilment by Lazada
    **dict.fromkeys(("61", "85", "125", "126"), TransactionKind.COMPENSATION),  # claims
    "112": TransactionKind.ADVERTISING,
}
_PLACED = frozenset(
    {
        "transaction_number",
        "transaction_date",
        "fee_type",
        "fee_name",
        "amount",
        "order_no",
        "paid_status",
    }
)


def map_transaction(payload: object, region: str) -> TransactionRecord | UnreadableRecord:
    """Map one row; `region` is the shop's.

    Its number alone may not be its own [?], so the fee's number, the line's, day and amount are part of its id: of two
    movements none goes under in the other. Where one of these cannot be read there is no id. Its statement is
    told by number, says the reference, and by its period, show the answers: a period stays an attribute, with its last
    day, by which the statement is found once it has been drawn up.
    """
    row = Fields(payload)
    external_id = _name(row.source)
    if not external_id:
        told = "; ".join(f"{key} is {values.shown(row.source.get(key))}" for key in _ID_KEYS)
        return UnreadableRecord(payload, f"The movement has no id that can be read: {told}.")
    country = find_country(region)
    if country is None:
        row.problems.append(f"{NO_COUNTRY}: currency and day cannot be read.")
    amount = row.read("amount", read_amount, "an amount", required=True)
    raw_kind = row.identifier("fee_type", required=True)
    row.identifier("orderItem_no")
    fee_name = row.text("fee_name")
    kind = KINDS.get(raw_kind, TransactionKind.UNKNOWN)
    is_period = type(row.source.get("statement")) is str and bool(_PERIOD.fullmatch(row.source["statement"].strip()))
    is_revenue = raw_kind in _SALES or raw_kind in _REVERSALS
    is_shipping = raw_kind in _SHIPPING
    is_fee = kind in (TransactionKind.FEE, TransactionKind.ADVERTISING) and not is_shipping
    return TransactionRecord(
        external_id=external_id,
        payload=row.source,
        kind=kind,
        raw_kind=raw_kind,
        raw_status=row.text("paid_status"),
        order_external_id=row.identifier("order_no"),
        statement_external_id="" if is_period else row.identifier("statement"),
        currency=country.currency if country else "",
        amount=amount,
        revenue_amount=amount if is_revenue else None,
        fee_amount=amount if is_fee else None,
        shipping_amount=amount if is_shipping else None,
        fees={} if amount is None else {fee_name or raw_kind or "?": str(amount)},
        description=fee_name,
        source_updated_at=row.read("transaction_date", lambda day: local_day(day, country.zone), "a day", required=True)
        if country
        else None,
        attributes=row.unplaced(_PLACED) | (_read_period(row.source["statement"]) if is_period else {}),
        problems=bounded(row.problems),
    )


_ID_KEYS = ("transaction_number", "orderItem_no", "fee_type", "transaction_date", "amount")


def _name(source: Mapping[str, Any]) -> str:
    """Make what stands for the id of a row; "" where it cannot be read. Fee and line may be untold."""
    number, line, fee_type = (values.identifier(source.get(key)) for key in _ID_KEYS[:3])
    day, amount = local_day(source.get("transaction_date"), UTC), read_amount(source.get("amount"))
    if number is None or day is None or amount is None:
        return ""
    name = f"{number}:{fee_type or ''}:{line or ''}:{day.date().isoformat()}:{amount:.2f}"
    return name if len(name) <= LONGEST_ID else ""


def _read_period(text: str) -> dict[str, str]:
    """Read the last day of "15 Jan 2024 - 21 Jan 2024"; a date on the shop's calendar, whatever its zone."""
    last_day = local_day(text.rpartition(" - ")[2], UTC)
    return {"statement_period_ends_on": last_day.date().isoformat()} if last_day else {}


def read_amount(value: object) -> Decimal | None:
    """Read an exact amount, also with commas between its thousands; a comma anywhere else is not understood."""
    if type(value) is str and _THOUSANDS.fullmatch(value.strip()):
        value = value.replace(",", "")
    return values.amount(value)
