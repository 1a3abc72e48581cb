"""What the API's document shows as examples of the asking for package numbers."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

COUNTS = {"pending": 120, "processing": 50, "completed": 9_830, "failed": 2, "cancelled": 0}
TASK: dict[str, Any] = {
    "id": 7, "shop_id": 2, "parent_order_sn": "PO-211-0000000000000001", "order_ids": ["211-0000000000000001-D01"],
    "status": "completed", "package_sn": "PK-0000000000000001", "package_sns": ["PK-0000000000000001"],
    "packages": [{
        "package_sn": "PK-0000000000000001", "carrier_name": "J&T Express", "tracking_number": "JT0000000001",
        "status": "in_transit", "lines": [{"line": "211-0000000000000001-D01", "quantity": 1}],
    }],
    "error_message": "", "cause": "", "retry_count": 0, "max_retries": 5, "looks": 1, "priority": "usual",
    "next_try_at": "2026-08-01T08:00:00Z", "created_at": "2026-08-01T08:00:00Z",
    "finished_at": "2026-08-01T08:00:07.25Z",
}  # fmt: skip
TASKS = OpenApiExample("A task", response_only=True, value=TASK)
PROGRESS = OpenApiExample("A shop", response_only=True, value={
    "shop": {
        "id": 2, "name": "Cửa hàng Mẫu", "state": "active", "is_enriched": True,
        "last_sync_at": "2026-08-01T08:00:04.512345Z", "last_full_sync_at": None, "sync_status": "ok",
        "last_product_sync_at": "2026-08-01T07:55:01Z", "last_product_full_sync_at": None, "product_sync_status": "ok",
    },
    "total": 10_002, "by_status": COUNTS, "percent": 98, "waiting_since": "2026-08-01T07:59:00Z",
    "last_finished_at": "2026-08-01T08:00:07.25Z", "blocked": "", "queue_length": 120,
})  # fmt: skip
STATS = OpenApiExample("Two shops", response_only=True, value={
    "total": 10_005, "by_status": {**COUNTS, "pending": 123},
    "shops": [
        {"shop_id": 2, "total": 10_002, "by_status": COUNTS},
        {"shop_id": 3, "total": 3, "by_status": {**dict.fromkeys(COUNTS, 0), "pending": 3}},
    ],
})  # fmt: skip
WISHES = [
    OpenApiExample("Two orders", request_only=True, value={
        "order_sns": ["PO-211-0000000000000001", "PO-211-0000000000000002"],
    }),
    OpenApiExample("All of the shop", request_only=True, value={"all": True}),
]  # fmt: skip
ENRICHED = OpenApiExample("One of two", response_only=True, status_codes=["202"], value={
    "created": 1, "hurried": 0, "already_known": 0, "is_finished": True,
    "refused": {"PO-211-0000000000000002": "This shop has no order with this number here."},
})  # fmt: skip
