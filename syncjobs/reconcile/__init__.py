"""Gap reports: what a marketplace has in a window of update times against what is here, and fetching what is missing.

A report is a row that a worker claims. Its list is read whole, or stretch by stretch where it is in order (listing,
asking); that is compared with our rows (comparer, by the pure rules in verdicts), and what looks like a gap is asked by
id before it counts as one. Where rows cannot be asked by id, a list tells what is missing or stale, and nothing of what
it does not show: that may have moved on.
"""

from syncjobs.reconcile.claims import count_due_reports, reap_lost_reports
from syncjobs.reconcile.planning import (
    ChooseDays,
    choose_days,
    choose_recent_days,
    find_reason_against,
    plan_gap_reports,
    plan_nightly_reports,
    request_fetch,
    request_reports,
)
from syncjobs.reconcile.worker import work_on_reports

__all__ = [
    "ChooseDays",
    "choose_days",
    "choose_recent_days",
    "count_due_reports",
    "find_reason_against",
    "plan_gap_reports",
    "plan_nightly_reports",
    "reap_lost_reports",
    "request_fetch",
    "request_reports",
    "work_on_reports",
]
