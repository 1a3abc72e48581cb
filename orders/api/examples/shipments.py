"""What the API's document shows as an example of a parcel."""

from drf_spectacular.utils import OpenApiExample

EVENT = {
    "id": 3, "happened_at": "2026-08-01T12:00:00Z", "text": "Picked up by the carrier", "raw_status": "PICKUP_DONE",
    "place": "Hà Nội",
}  # fmt: skip
SHIPMENT = OpenApiExample(
    "A parcel",
    response_only=True,
    value={
        "id": 9, "shop": 1, "external_id": "1153900000000000001", "status": "in_transit", "raw_status": "FULFILLING",
        "tracking_number": "JT0000000001", "carrier_name": "J&T Express", "carrier_external_id": "7117858858072016000",
        "order_external_ids": ["584000000000000001"],
        "contents": [{"order": "584000000000000001", "line": "576461413038785752", "quantity": 1}],
        "source_created_at": "2026-08-01T09:00:00Z", "source_updated_at": "2026-08-01T12:00:00Z",
        "synced_at": "2026-08-01T12:05:02.123456Z", "shipped_at": "2026-08-01T12:00:00Z", "delivered_at": None,
        "is_valid": True, "events": [EVENT],
    },
)  # fmt: skip
