"""Turns TikTok Shop's statements and transactions into records. Pure, and it never raises, whatever the payload holds.

The payload of a transaction is {"transaction": a row, "statement": the statement's row}, that of a statement
{"statement": its row, "totals": what stands above its transactions}. Times are Unix seconds. Amounts are decimal text
with a sign: charges are negative, credits positive, and settlement = revenue + fee and tax + shipping + adjustment.
TikTok tells fees and taxes as one amount; `fees` has them one by one.
"""

from collections.abc import Mapping
from datetime import datetime

from shops.marketplaces import values
from shops.marketplaces.reading import Fields, bounded
from shops.marketplaces.records import StatementRecord, TransactionKind, TransactionRecord, UnreadableRecord

KINDS: Mapping[str, TransactionKind] = {
    "ORDER": TransactionKind.SETTLEMENT,
    "RESERVE": TransactionKind.ADJUSTMENT,  # held back for a time, or given free again
    "GMV_PAYMENT_FOR_ADS": TransactionKind.ADVERTISING,
    "PLATFORM_PENALTY": TransactionKind.FEE,
    "PLATFORM_REIMBURSEMENT": TransactionKind.COMPENSATION,
}
# Of `payment_status`: whether the statement's money is on the seller's account.
PAID: Mapping[str, bool] = {"PAID": True, "PROCESSING": False, "FAILED": False}
_PLACED = frozenset(
    {"id", "type", "order_id", "adjustment_order_id", "settlement_amount", "revenue_amount", "fee_tax_amount"}
    | {"shipping_cost_amount", "adjustment_amount", "fee_tax_breakdown"}
)
_STATEMENT_PLACED = frozenset(
    {"id", "currency", "payment_status", "settlement_amount", "revenue_amount", "fee_amount"}
    | {"shipping_cost_amount", "adjustment_amount", "statement_time"}
)
# A cost that stands there a second time, before income tax.
_REPEATED = "before_pit"


def map_money(payload: object) -> TransactionRecord | StatementRecord | UnreadableRecord:
    """Map one transaction or one statement."""
    whole = values.fields(payload)
    if "transaction" in whole:
        return _map_transaction(whole)
    if "totals" in whole:
        return _map_statement(whole)
    return UnreadableRecord(payload, "The payload is neither a transaction nor a statement.")


def statement_changed_at(row: object) -> datetime | None:
    """Read when a statement last changed: when it was drawn up, or later, when it was paid.

    The record keeps the first of the two, so that a statement once stored as unpaid is read again when it was paid.
    """
    statement = values.fields(row)
    told = [values.seconds(statement.get(name)) for name in ("statement_time", "payment_time")]
    return max((moment for moment in told if moment is not None), default=None)


def _map_transaction(whole: dict[str, object]) -> TransactionRecord | UnreadableRecord:
    problems: list[str] = []
    row = Fields(whole.get("transaction"), problems=problems)
    statement = Fields(whole.get("statement"), "statement.", problems)
    external_id = values.identifier(row.source.get("id"))
    if external_id is None:
        return UnreadableRecord(whole, "The transaction has no id that can be read.")
    raw_kind = row.text("type", required=True)
    return TransactionRecord(
        external_id=external_id,
        payload=whole,
        kind=_kind_of(row, raw_kind),
        raw_kind=raw_kind,
        order_external_id=_order_of(row),
        statement_external_id=statement.identifier("id", required=True),
        currency=statement.currency("currency", required=True),
        amount=row.amount("settlement_amount", required=True),
        revenue_amount=row.amount("revenue_amount"),
        fee_amount=row.amount("fee_tax_amount"),
        shipping_amount=row.amount("shipping_cost_amount"),
        adjustment_amount=row.amount("adjustment_amount"),
        fees=_fees_of(row),
        source_updated_at=statement.seconds("statement_time", required=True),
        attributes=row.unplaced(_PLACED),
        problems=bounded(problems),
    )


def _kind_of(row: Fields, raw_kind: str) -> TransactionKind:
    """TikTok adds words for adjustments as it likes; that a row is one shows by its adjustment's number."""
    if raw_kind in KINDS or not raw_kind:
        return KINDS.get(raw_kind, TransactionKind.UNKNOWN)
    is_adjustment = row.identifier("adjustment_id") not in ("", "0")
    return TransactionKind.ADJUSTMENT if is_adjustment else TransactionKind.UNKNOWN


def _order_of(row: Fields) -> str:
    """Read the order that a row belongs to, or that it adjusts; "0" stands for none."""
    named = [row.identifier(name) for name in ("order_id", "adjustment_order_id")]
    return next((one for one in named if one not in ("", "0")), "")


def _fees_of(row: Fields) -> dict[str, str]:
    """Read fees and taxes by TikTok's names, which grow in number; each cost once."""
    fees: dict[str, str] = {}
    breakdown = row.part("fee_tax_breakdown")
    for group in ("fee", "tax"):
        part = breakdown.part(group)
        for name in part.source:
            read = None if _REPEATED in name else part.amount(name)
            if read is not None:
                fees[values.text(name) or ""] = str(read)
    return fees


def _map_statement(whole: dict[str, object]) -> StatementRecord | UnreadableRecord:
    problems: list[str] = []
    row = Fields(whole.get("statement"), problems=problems)
    external_id = values.identifier(row.source.get("id"))
    if external_id is None:
        return UnreadableRecord(whole, "The statement has no id that can be read.")
    totals = Fields(whole.get("totals"), "totals.", problems)
    raw_status = row.text("payment_status", required=True)
    return StatementRecord(
        external_id=external_id,
        payload=whole,
        raw_status=raw_status,
        is_paid=PAID.get(raw_status),
        currency=row.currency("currency", required=True),
        amount=row.amount("settlement_amount", required=True),
        revenue_amount=row.amount("revenue_amount"),
        fee_amount=row.amount("fee_amount"),
        shipping_amount=row.amount("shipping_cost_amount"),
        adjustment_amount=row.amount("adjustment_amount"),
        source_updated_at=row.seconds("statement_time", required=True),
        attributes=row.unplaced(_STATEMENT_PLACED) | {"totals": totals.source},
        problems=bounded(problems),
    )
