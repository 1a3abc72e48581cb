"""A return, refund or cancellation as every connector delivers it."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Any

from shops.marketplaces.records.basics import Checked, Payload, record_class
from shops.marketplaces.records.words import Custody, MoneyState, ReturnKind, ReturnStatus


@record_class
class ReturnLineRecord:
    """One line of a return. `refund_amount` is for the whole quantity."""

    external_id: str
    order_line_external_id: str = ""
    sku_external_id: str = ""
    product_external_id: str = ""
    seller_sku: str = ""
    product_name: str = ""
    quantity: int = 1
    refund_amount: Decimal | None = None
    raw_status: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@record_class
class ReturnRecord(Checked):
    """One return, refund or cancellation as the marketplace describes it: the request, its money and its goods."""

    external_id: str
    payload: Payload
    order_external_id: str = ""
    kind: ReturnKind = ReturnKind.UNKNOWN
    raw_kind: str = ""
    status: ReturnStatus = ReturnStatus.UNKNOWN
    raw_status: str = ""
    money_state: MoneyState = MoneyState.UNKNOWN
    currency: str = ""
    refund_amount: Decimal | None = None
    custody: Custody = Custody.UNKNOWN
    raw_logistics_status: str = ""
    tracking_number: str = ""
    carrier_name: str = ""
    reason_code: str = ""
    reason_text: str = ""
    buyer_message: str = ""
    opened_by: str = ""  # buyer, seller, system, marketplace
    requested_action: str = ""  # what the marketplace wants of the seller now, in its own word
    respond_by_at: datetime | None = None
    source_created_at: datetime | None = None
    source_updated_at: datetime | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[ReturnLineRecord, ...] = ()
    problems: tuple[str, ...] = ()
