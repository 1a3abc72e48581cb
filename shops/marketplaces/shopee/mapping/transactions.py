"""Turns an escrow or a wallet row of Shopee into a TransactionRecord. Pure, and it never raises.

The payload is {"escrow": the list's row, "detail": its split} or {"wallet": a row}. Times are Unix seconds, amounts
major units of the currency of the shop's region. The items of an escrow are subtotals for their quantity, other than
an order's, whose prices are per unit; they are kept in `attributes` as they are told.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from shops.marketplaces import values
from shops.marketplaces.reading import Fields, bounded
from shops.marketplaces.records import TransactionKind, TransactionRecord, UnreadableRecord
from shops.marketplaces.shopee.mapping.escrow_fields import COMPONENTS, CURRENCIES, Part
from shops.marketplaces.shopee.mapping.ids import unreadable

KINDS: Mapping[str, TransactionKind] = {
    "ESCROW_VERIFIED_ADD": TransactionKind.SETTLEMENT,
    "ESCROW_VERIFIED_MINUS": TransactionKind.SETTLEMENT,
    "WITHDRAWAL_CREATED": TransactionKind.WITHDRAWAL,
    "WITHDRAWAL_COMPLETED": TransactionKind.WITHDRAWAL,
    "WITHDRAWAL_CANCELLED": TransactionKind.WITHDRAWAL,
    "ADJUSTMENT_ADD": TransactionKind.ADJUSTMENT,
    "ADJUSTMENT_MINUS": TransactionKind.ADJUSTMENT,
    "FBS_ADJUSTMENT_ADD": TransactionKind.ADJUSTMENT,
    "FBS_ADJUSTMENT_MINUS": TransactionKind.ADJUSTMENT,
    "ADJUSTMENT_CENTER_ADD": TransactionKind.ADJUSTMENT,
    "ADJUSTMENT_CENTER_DEDUCT": TransactionKind.ADJUSTMENT,
    "FSF_COST_PASSING_DEDUCT": TransactionKind.FEE,
    "PAID_ADS_CHARGE": TransactionKind.ADVERTISING,
    "PAID_ADS_REFUND": TransactionKind.ADVERTISING,
    # An escrow paid before its release, and taken back when the release itself comes.
    "FAST_ESCROW_DISBURSE": TransactionKind.SETTLEMENT,
    "FAST_ESCROW_DEDUCT": TransactionKind.SETTLEMENT,
    "FAST_ESCROW_DISBURSE_REMAIN": TransactionKind.SETTLEMENT,
    "AFFILIATE_ADS_SELLER_FEE": TransactionKind.ADVERTISING,
    "AFFILIATE_ADS_SELLER_FEE_REFUND": TransactionKind.ADVERTISING,
    "AFFILIATE_FEE_DEDUCT": TransactionKind.FEE,
}
ESCROW = "escrow"  # a list of its own, whose rows have no word for what they are
LONGEST_ID = 128
_ESCROW_ROWS = "ESCROW_VERIFIED_"
_MONEY_OUT, _MONEY_IN = "MONEY_OUT", "MONEY_IN"
_ESCROW_PLACED = frozenset({"order_sn", "payout_amount", "escrow_release_time"})
_DETAIL_PLACED = frozenset({"order_sn", "order_income"})
# What makes the revenue has one amount for all of it, so the parts stay beside it; the rest is told apart as fees.
_CHARGES = frozenset(key for key, (_, part) in COMPONENTS.items() if part is not Part.REVENUE)
_INCOME_PLACED = _CHARGES | {"total_adjustment_amount"}
_WALLET_PLACED = frozenset(
    {"status", "transaction_type", "amount", "create_time", "order_sn", "description", "money_flow"}
)


def map_transaction(payload: object, region: str = "") -> TransactionRecord | UnreadableRecord:
    """Map one escrow or wallet row; the region gives the currency, which the payload does not."""
    if type(payload) is not dict:
        return unreadable(payload, ESCROW)
    currency = CURRENCIES.get(region, "")
    if "wallet" in payload:
        return _map_wallet_row(payload, currency)
    return _map_escrow(payload, currency)


def escrow_id(row: object) -> str | UnreadableRecord:
    """Make the id of an escrow: an order can be released more than once."""
    found = values.fields(row)
    order_sn = values.identifier(found.get("order_sn"))
    released = values.seconds(found.get("escrow_release_time"))
    if order_sn is None or released is None:
        return unreadable(row, "order_sn" if order_sn is None else "escrow_release_time")
    return f"{order_sn}:{released.timestamp():.0f}"


def is_escrow_row(row: object) -> bool:
    """Tell whether a wallet row is the release of an escrow."""
    return str(values.fields(row).get("transaction_type")).startswith(_ESCROW_ROWS)


def _map_escrow(payload: dict[str, object], currency: str) -> TransactionRecord | UnreadableRecord:
    external_id = escrow_id(payload.get(ESCROW))
    if isinstance(external_id, UnreadableRecord):
        return UnreadableRecord(payload, external_id.error)
    escrow = Fields(payload[ESCROW], "escrow.")
    detail = Fields(payload.get("detail"), "detail.", escrow.problems)
    income = detail.part("order_income")
    signed = {key: _signed(income, key) for key in COMPONENTS if key in income.source}
    sums = {part: _sum_of(signed, part) for part in Part}
    adjustment = income.amount("total_adjustment_amount")
    attributes = {
        **escrow.unplaced(_ESCROW_PLACED),
        **detail.unplaced(_DETAIL_PLACED),
        **income.unplaced(_INCOME_PLACED),
    }
    if unexplained := _unexplained(income, signed):
        attributes["unexplained_amount"] = str(unexplained)
    return TransactionRecord(
        external_id=external_id,
        payload=payload,
        kind=TransactionKind.SETTLEMENT,
        raw_kind=ESCROW,
        order_external_id=escrow.identifier("order_sn", required=True),
        currency=currency,
        amount=escrow.amount("payout_amount", required=True),
        revenue_amount=sums[Part.REVENUE],
        fee_amount=sums[Part.FEE],
        shipping_amount=sums[Part.SHIPPING],
        tax_amount=sums[Part.TAX],
        adjustment_amount=adjustment,
        fees={key: str(amount) for key, amount in signed.items() if amount and key in _CHARGES},
        source_updated_at=escrow.seconds("escrow_release_time", required=True),
        attributes=attributes,
        problems=bounded(escrow.problems),
    )


def _signed(income: Fields, key: str) -> Decimal | None:
    amount = income.amount(key)
    return None if amount is None else amount * COMPONENTS[key][0]


def _sum_of(signed: Mapping[str, Decimal | None], part: Part) -> Decimal | None:
    """Add up one part; None where nothing of it is told, or something cannot be read, or the sum fits no column."""
    amounts = [amount for key, amount in signed.items() if COMPONENTS[key][1] is part]
    told = [amount for amount in amounts if amount is not None]
    return values.amount(str(sum(told, Decimal(0)))) if told and len(told) == len(amounts) else None


def _unexplained(income: Fields, signed: Mapping[str, Decimal | None]) -> Decimal | None:
    """Give what the escrow's own total has beyond its known parts: a fee that is not in our table."""
    total = income.amount("escrow_amount")
    if total is None or None in signed.values():
        return None
    return total - sum((amount for amount in signed.values() if amount is not None), Decimal(0))


def _map_wallet_row(payload: dict[str, object], currency: str) -> TransactionRecord | UnreadableRecord:
    """Map a wallet row. It has no id: time, type, amount and order together stand for one.

    `nth` beside the row says that it is the second, third ... of those that are the same in all this.
    """
    row = Fields(payload["wallet"], "wallet.")
    created_at = row.seconds("create_time", required=True)
    raw_kind = row.identifier("transaction_type", required=True)
    amount = _effect_of(row)
    if created_at is None or not raw_kind or amount is None:
        return UnreadableRecord(payload, row.problems[0] if row.problems else "The row has no amount.")
    order_sn = row.identifier("order_sn")
    nth = values.number(payload.get("nth"))
    external_id = _name(created_at, raw_kind, amount, order_sn) + (f":{nth}" if nth else "")
    if len(external_id) > LONGEST_ID:
        return UnreadableRecord(payload, f"The row's id would be longer than {LONGEST_ID} characters.")
    return TransactionRecord(
        external_id=external_id,
        payload=payload,
        kind=KINDS.get(raw_kind, TransactionKind.UNKNOWN),
        raw_kind=raw_kind,
        raw_status=row.text("status"),
        order_external_id=order_sn,
        currency=currency,
        amount=amount,
        description=row.text("description"),
        source_updated_at=created_at,
        attributes=row.unplaced(_WALLET_PLACED),
        problems=bounded(row.problems),
    )


def name_wallet_row(source: object) -> str:
    """Make what stands for the id of a wallet row; "" where it cannot be read."""
    row = Fields(source)
    created_at, raw_kind, amount = row.seconds("create_time"), row.identifier("transaction_type"), _effect_of(row)
    if created_at is None or not raw_kind or amount is None:
        return ""
    return _name(created_at, raw_kind, amount, row.identifier("order_sn"))


def _name(created_at: datetime, raw_kind: str, amount: Decimal, order_sn: str) -> str:
    return f"wallet:{created_at.timestamp():.0f}:{raw_kind}:{amount:.2f}:{order_sn}"


def _effect_of(row: Fields) -> Decimal | None:
    """Read the effect on the balance. Whether deductions are written with a minus is not sure, so the flow decides."""
    amount = row.amount("amount", required=True)
    flow = row.text("money_flow")
    if amount is None or not flow:
        return amount
    if flow == _MONEY_OUT:
        return -abs(amount)
    if flow != _MONEY_IN or amount < 0:
        row.complain(f"{row.place}money_flow", flow, "one that goes with the amount's sign")
    return amount
