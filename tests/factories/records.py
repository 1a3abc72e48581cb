"""Order records as a connector delivers them; the payload says the same as the fields, so that its digest follows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from shops.marketplaces.records import LineRecord, OrderRecord, OrderStatus, PackageRecord, Recipient, RecipientClarity

UPDATED_AT = datetime(2026, 8, 1, 8, 0, tzinfo=UTC)


def make_line(number: int = 1, **changes: Any) -> LineRecord:
    line = LineRecord(
        external_id=f"line-{number}", sku_external_id=f"sku-{number}", seller_sku="AT-DEN-M", product_name="Áo thun",
        quantity=1, currency="VND", price=Decimal(146667), original_price=Decimal(172000),
    )  # fmt: skip
    return replace(line, **changes)


def make_order(external_id: str = "584000000000000001", *, later_by: int = 0, **changes: Any) -> OrderRecord:
    """`later_by` are seconds after UPDATED_AT."""
    facts: dict[str, Any] = {
        "status": OrderStatus.AWAITING_SHIPMENT,
        "raw_status": "AWAITING_SHIPMENT",
        "source_created_at": UPDATED_AT - timedelta(hours=1),
        "source_updated_at": UPDATED_AT + timedelta(seconds=later_by),
        "currency": "VND",
        "total_amount": Decimal(440000),
        "recipient": Recipient(name="N*** V**", phone="(+84)90*****12", clarity=RecipientClarity.MASKED),
        "lines": (make_line(1), make_line(2)),
        "packages": (PackageRecord("package-1", contents=({"line": "line-1", "quantity": 1},)),),
        **changes,
    }
    payload = {"id": external_id, **{name: repr(value) for name, value in facts.items()}}
    return OrderRecord(external_id=external_id, payload=facts.pop("payload", payload), **facts)
