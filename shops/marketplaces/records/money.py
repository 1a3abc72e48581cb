"""Movements of money and statements of account as every connector delivers them."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Any

from shops.marketplaces.records.basics import Checked, Payload, record_class
from shops.marketplaces.records.words import TransactionKind


@record_class
class TransactionRecord(Checked):
    """One movement of a seller's money. `amount` is its effect on the balance: credits positive, charges negative.

    `fees` splits it by the marketplace's names, exact signed decimal text; `order_external_id` is empty for what
    belongs to no order, `statement_external_id` until it stands on a statement. `source_updated_at` is the time of the
    movement.
    """

    external_id: str
    payload: Payload
    kind: TransactionKind = TransactionKind.UNKNOWN
    raw_kind: str = ""
    raw_status: str = ""
    order_external_id: str = ""
    statement_external_id: str = ""
    currency: str = ""
    amount: Decimal | None = None
    revenue_amount: Decimal | None = None
    fee_amount: Decimal | None = None
    shipping_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    adjustment_amount: Decimal | None = None
    fees: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    source_updated_at: datetime | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def status(self) -> TransactionKind:
        """What an unknown word would show in: of a movement that is its kind."""
        return self.kind


@record_class
class StatementRecord(Checked):
    """One statement of account: what the marketplace pays for a span of time. Its transactions name it."""

    external_id: str
    payload: Payload
    raw_status: str = ""
    is_paid: bool | None = None
    currency: str = ""
    amount: Decimal | None = None
    revenue_amount: Decimal | None = None
    fee_amount: Decimal | None = None
    shipping_amount: Decimal | None = None
    adjustment_amount: Decimal | None = None
    period_start_at: datetime | None = None
    period_end_at: datetime | None = None
    source_updated_at: datetime | None = None  # when it was drawn up
    attributes: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
