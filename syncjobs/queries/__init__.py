"""What screens, commands and the API read about syncing: shops, runs, backfills."""

from syncjobs.queries.backfills import (
    BackfillLine,
    BackfillProgress,
    Day,
    count_runs,
    list_days,
    list_lines_of_shops,
    list_problem_days,
    read_backfill_progress,
    read_lines,
)
from syncjobs.queries.days import day_of, find_zone
from syncjobs.queries.gaps import Gaps, count_gaps, list_last_reports
from syncjobs.queries.lanes import LaneLine, may_go_on, read_lanes
from syncjobs.queries.needs import (
    LAG_DANGER,
    LAG_WARNING,
    Severity,
    add_need,
    count_failed_records,
    count_failed_runs_since_success,
    count_runs_failed_since,
    count_shops_by_need,
    grade_lag,
    list_recent_runs,
    list_shops_by_need,
)
from syncjobs.queries.outlook import AppOutlook, read_outlook
from syncjobs.queries.pace import Quota, estimate_seconds_at_quota
from syncjobs.queries.progress import NO_CHUNKS, Progress, list_chunks, list_events, read_progress
from syncjobs.queries.summary import summarise_backfill

__all__ = [
    "LAG_DANGER",
    "LAG_WARNING",
    "NO_CHUNKS",
    "AppOutlook",
    "BackfillLine",
    "BackfillProgress",
    "Day",
    "Gaps",
    "LaneLine",
    "Progress",
    "Quota",
    "Severity",
    "add_need",
    "count_failed_records",
    "count_failed_runs_since_success",
    "count_gaps",
    "count_runs",
    "count_runs_failed_since",
    "count_shops_by_need",
    "day_of",
    "estimate_seconds_at_quota",
    "find_zone",
    "grade_lag",
    "list_chunks",
    "list_days",
    "list_events",
    "list_last_reports",
    "list_lines_of_shops",
    "list_problem_days",
    "list_recent_runs",
    "list_shops_by_need",
    "may_go_on",
    "read_backfill_progress",
    "read_lanes",
    "read_lines",
    "read_outlook",
    "read_progress",
    "summarise_backfill",
]
