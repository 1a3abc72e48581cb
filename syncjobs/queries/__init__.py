"""What screens, commands and the API read about syncing: shops, runs, backfills."""

from syncjobs.queries.needs import (
    LAG_DANGER,
    LAG_WARNING,
    TOKEN_WARNING,
    Severity,
    add_need,
    count_failed_records,
    count_failed_runs_since_success,
    count_runs_failed_since,
    count_shops_by_need,
    grade_lag,
    grade_token_end,
    list_recent_runs,
    list_shops_by_need,
)
from syncjobs.queries.progress import NO_CHUNKS, Progress, list_chunks, read_progress

__all__ = [
    "LAG_DANGER",
    "LAG_WARNING",
    "NO_CHUNKS",
    "TOKEN_WARNING",
    "Progress",
    "Severity",
    "add_need",
    "count_failed_records",
    "count_failed_runs_since_success",
    "count_runs_failed_since",
    "count_shops_by_need",
    "grade_lag",
    "grade_token_end",
    "list_chunks",
    "list_recent_runs",
    "list_shops_by_need",
    "read_progress",
]
