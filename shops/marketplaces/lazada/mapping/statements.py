"""Turns Lazada's payout into a StatementRecord. Pure, and it never raises, whatever the payload holds.

Amounts are text in major units, perhaps followed by the currency. Times have an offset or are on the shop's clock: the
documents show neither [?].
"""

import re
from decimal import Decimal

from shops.marketplaces import values
from shops.marketplaces.lazada.mapping.countries import NO_COUNTRY, find_country
from shops.marketplaces.lazada.mapping.times import local_moment
from shops.marketplaces.lazada.mapping.transactions import read_amount
from shops.marketplaces.reading import Fields, bounded
from shops.marketplaces.records import StatementRecord, UnreadableRecord

_WITH_CURRENCY = re.compile(r"(.+?)\s*[A-Z]{3}", re.ASCII)
_AMOUNT = "an amount"
_TIME = "a time"
_PLACED = frozenset({"statement_number", "created_at", "paid", "payout", "item_revenue", "fees_total", "shipment_fee"})


def map_statement(payload: object, region: str) -> StatementRecord | UnreadableRecord:
    """Map one payout; `region` is the shop's. Its time is when it was drawn up; a payment leaves that as it is."""
    row = Fields(payload)
    external_id = values.identifier(row.source.get("statement_number"))
    if external_id is None:
        told = values.shown(row.source.get("statement_number"))
        return UnreadableRecord(payload, f"statement_number is {told} instead of an id.")
    country = find_country(region)
    drawn_up = None
    if country is None:
        row.problems.append(f"{NO_COUNTRY}: currency and times cannot be read.")
    else:
        zone = country.zone
        drawn_up = row.read("created_at", lambda value: local_moment(value, zone), _TIME, required=True)
    return StatementRecord(
        external_id=external_id,
        payload=row.source,
        raw_status=row.text("paid"),
        is_paid=row.flag("paid"),
        currency=country.currency if country else "",
        amount=row.read("payout", _read_amount, _AMOUNT, required=True),
        revenue_amount=row.read("item_revenue", _read_amount, _AMOUNT),
        fee_amount=row.read("fees_total", _read_amount, _AMOUNT),
        shipping_amount=row.read("shipment_fee", _read_amount, _AMOUNT),
        source_updated_at=drawn_up,
        attributes=row.unplaced(_PLACED),
        problems=bounded(row.problems),
    )


def _read_amount(value: object) -> Decimal | None:
    told = _WITH_CURRENCY.fullmatch(value.strip()) if type(value) is str and len(value) < 40 else None
    return read_amount(told[1]) if told else read_amount(value)
