"""What the API's document shows as examples of shops."""

from drf_spectacular.utils import OpenApiExample

SHOP = OpenApiExample(
    "A shop",
    response_only=True,
    value={
        "id": 1, "marketplace": "tiktok", "region": "VN", "external_id": "7495000000000000001", "name": "Cửa hàng Mẫu",
        "currency": "VND", "timezone": "Asia/Ho_Chi_Minh", "state": "active", "state_reason": "", "sync_status": "ok",
        "last_sync_at": "2026-08-01T08:00:04.512345Z", "last_full_sync_at": None,
        "access_token_expires_at": "2026-08-08T08:00:00Z", "refresh_token_expires_at": "2027-08-01T08:00:00Z",
    },
)  # fmt: skip
