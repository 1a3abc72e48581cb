"""What the API's document shows as an example of an order."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

LINE = {
    "id": 71, "external_id": "576461413038785752", "sku_external_id": "1729592969712207000",
    "product_external_id": "1729592969712203000", "seller_sku": "AT-DEN-M", "product_name": "Áo thun", "sku_name": "M",
    "image_url": "", "quantity": 1, "currency": "VND", "original_price": "172000", "price": "146667",
    "seller_discount_amount": "25333", "platform_discount_amount": "0", "tax_amount": None, "raw_status": "",
    "is_gift": False,
}  # fmt: skip
PACKAGE = {
    "id": 9, "external_id": "1153900000000000001", "raw_status": "", "tracking_number": "JT0000000001",
    "carrier_name": "J&T Express", "carrier_external_id": "7117858858072016000",
    "contents": [{"line": "576461413038785752", "quantity": 1}],
}  # fmt: skip
VALUE: dict[str, Any] = {
    "id": 12, "shop": 1, "external_id": "584000000000000001", "status": "awaiting_shipment",
    "raw_status": "AWAITING_SHIPMENT", "source_created_at": "2026-08-01T07:00:00Z",
    "source_updated_at": "2026-08-01T08:00:00Z", "synced_at": "2026-08-01T08:05:02.123456Z", "currency": "VND",
    "total_amount": "146667", "subtotal_amount": "146667", "original_product_amount": "172000",
    "seller_discount_amount": "25333", "platform_discount_amount": "0", "original_shipping_amount": "15000",
    "shipping_amount": "0", "tax_amount": None, "is_cod": True, "buyer_external_id": "7494000000000000001",
    "buyer_email": "", "buyer_message": "", "seller_note": "", "payment_method": "Cash on delivery",
    "carrier_name": "J&T Express", "tracking_number": "JT0000000001", "warehouse_external_id": "",
    "cancel_reason": "", "cancelled_by": "", "paid_at": "2026-08-01T07:01:00Z", "shipped_at": None,
    "collected_at": None, "delivered_at": None, "cancelled_at": None, "cancel_requested_at": None,
    "ship_by_at": "2026-08-03T07:00:00Z", "collect_by_at": None, "deliver_by_at": None, "is_valid": True,
    "recipient": {
        "name": "N*** V**", "phone": "(+84)90*****12", "region_code": "VN", "postal_code": "", "full_address": "",
        "clarity": "masked",
    },
    "handling": {"note": "", "tags": ["gift"], "assignee": "lan", "changed_at": "2026-08-01T09:00:00Z"},
    "lines": [LINE], "packages": [PACKAGE],
}  # fmt: skip
ASKED = "https://back-office.example/api/v1"
LINKS = {
    "history": f"{ASKED}/orders/12/history/",
    **{
        name: f"{ASKED}/{name}/?shop=1&order_external_id=584000000000000001"
        for name in ("shipments", "returns", "transactions")
    },
}
ORDER = OpenApiExample("An order", response_only=True, value=VALUE)
ORDER_DETAIL = OpenApiExample("An order", response_only=True, value={**VALUE, "links": LINKS})
