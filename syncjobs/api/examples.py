"""What the API's document shows as examples of runs, and the headers of starting one."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from backoffice.common.api.keys import describe_key

COUNTS = {
    "fetched_count": 312, "inserted_count": 40, "updated_count": 262, "unchanged_count": 10, "invalid_count": 0,
    "unreadable_count": 0, "buffered_count": 0, "call_count": 4, "failed_call_count": 0, "call_seconds": 1.9,
    "store_seconds": 0.4, "wait_seconds": 0.0, "received_bytes": 1204311,
}  # fmt: skip
VALUE: dict[str, Any] = {
    "id": 3, "shop": 1, "resource": "orders", "kind": "window", "trigger": "api", "lane": "high",
    "status_filter": "",
    "window_start": "2026-08-01T05:00:00Z", "window_end": "2026-08-01T08:00:00Z", "state": "done",
    "reason": "Every chunk is stored.",
    "progress": {"chunk_count": 1, "ended_count": 1, "failed_count": 0, "percent": 100, "next_due_at": None},
    **COUNTS, "created_at": "2026-08-01T08:01:00Z", "started_at": "2026-08-01T08:01:01Z",
    "finished_at": "2026-08-01T08:01:09.5Z",
}  # fmt: skip
CHUNK = {
    "number": 1, "window_start": "2026-08-01T05:00:00Z", "window_end": "2026-08-01T08:00:00Z", "state": "done",
    "due_at": "2026-08-01T08:01:00Z", "attempt_count": 1, "error": "", **COUNTS,
    "finished_at": "2026-08-01T08:01:09.5Z",
}  # fmt: skip
EVENT = {"at": "2026-08-01T08:01:05Z", "level": "warning", "chunk_number": 1, "text": "Read again: a page shifted."}
RUN = OpenApiExample("A run", response_only=True, value=VALUE)
RUN_DETAIL = OpenApiExample("A run", response_only=True, value={**VALUE, "chunks": [CHUNK], "events": [EVENT]})
REQUESTS = [
    OpenApiExample("What changed since the last run", {"shop": 1, "kind": "incremental"}, request_only=True),
    OpenApiExample(
        "The returns of a day", {"shop": 1, "kind": "window", "resource": "returns", "hours": 24}, request_only=True
    ),
    OpenApiExample("The last three hours", {"shop": 1, "kind": "window", "hours": 3}, request_only=True),
]
KEY_PARAMETER = describe_key("The second call with it starts nothing and answers with the same run.")
LOCATION = OpenApiParameter(
    "Location", str, OpenApiParameter.HEADER, response=[200, 201], description="Address of the run."
)
