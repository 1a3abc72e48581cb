"""What the API's document shows as examples of transactions and statements."""

from drf_spectacular.utils import OpenApiExample

TRANSACTION = OpenApiExample(
    "A transaction",
    response_only=True,
    value={
        "id": 21, "shop": 1, "external_id": "7400000000000000001", "kind": "settlement", "raw_kind": "ORDER",
        "raw_status": "", "order": 12, "order_external_id": "584000000000000001",
        "statement_external_id": "3458000000000000001", "currency": "VND", "amount": "120000",
        "revenue_amount": "146667", "fee_amount": "-26667", "shipping_amount": "0", "tax_amount": None,
        "adjustment_amount": None, "fees": {"platform_commission_amount": "-26667"}, "description": "",
        "source_updated_at": "2026-08-09T00:00:00Z", "synced_at": "2026-08-09T01:00:02.123456Z", "is_valid": True,
    },
)  # fmt: skip
STATEMENT = OpenApiExample(
    "A statement",
    response_only=True,
    value={
        "id": 2, "shop": 1, "external_id": "3458000000000000001", "raw_status": "PAID", "is_paid": True,
        "currency": "VND", "amount": "120000", "revenue_amount": "146667", "fee_amount": "-26667",
        "shipping_amount": "0", "adjustment_amount": "0", "period_start_at": None, "period_end_at": None,
        "source_updated_at": "2026-08-09T00:00:00Z", "synced_at": "2026-08-09T01:00:02.123456Z", "is_valid": True,
        "transactions": {
            "amount": "120000", "count": 1, "left_out_count": 0, "difference": "0", "agrees": True,
        },
    },
)  # fmt: skip
