"""What the API's document shows as an example of a return."""

from drf_spectacular.utils import OpenApiExample

LINE = {
    "id": 4, "external_id": "4035300000000000001", "order_line_external_id": "576461413038785752",
    "sku_external_id": "1729592969712207000", "product_external_id": "1729592969712203000", "seller_sku": "AT-DEN-M",
    "product_name": "Áo thun", "quantity": 1, "refund_amount": "146667", "raw_status": "",
}  # fmt: skip
RETURN = OpenApiExample(
    "A return",
    response_only=True,
    value={
        "id": 6, "shop": 1, "external_id": "4035290000000000001", "kind": "return_refund",
        "raw_kind": "RETURN_AND_REFUND", "status": "requested", "raw_status": "RETURN_OR_REFUND_REQUEST_PENDING",
        "money_state": "pending", "custody": "buyer", "raw_logistics_status": "",
        "order_external_id": "584000000000000001", "currency": "VND", "refund_amount": "146667", "tracking_number": "",
        "carrier_name": "", "reason_code": "wrong_item", "reason_text": "Wrong size", "buyer_message": "",
        "opened_by": "BUYER", "requested_action": "", "respond_by_at": "2026-08-05T08:00:00Z",
        "source_created_at": "2026-08-03T08:00:00Z", "source_updated_at": "2026-08-03T08:00:00Z",
        "synced_at": "2026-08-03T08:05:02.123456Z", "is_valid": True, "lines": [LINE],
    },
)  # fmt: skip
