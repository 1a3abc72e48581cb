"""What the API's document shows as an example of a change."""

from drf_spectacular.utils import OpenApiExample

HISTORY = OpenApiExample(
    "A payload and what changed",
    response_only=True,
    value={
        "id": 31, "received_at": "2026-08-01T08:05:02.123456Z", "door": "poll", "run": 3, "is_first": False,
        "is_whole": True, "changes": [
            {"path": "status", "kind": "changed", "before": "UNPAID", "after": "AWAITING_SHIPMENT"},
            {"path": "paid_time", "kind": "added", "before": None, "after": "1785567660 (2026-08-01 14:01:00 +07)"},
        ],
    },
)  # fmt: skip
