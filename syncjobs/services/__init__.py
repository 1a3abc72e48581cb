"""Start, stop and retry runs; deal with failed records.

These functions write rows; waking a worker is up to whoever calls them, after the commit.
"""

from syncjobs.services.ending import cancel_run, close_ended_runs, retry_run
from syncjobs.services.failed_records import discard_record, retry_record
from syncjobs.services.refusals import KeyTaken, NothingNew, NotSyncable, StillUnreadable
from syncjobs.services.starting import (
    plan_rules,
    plan_window,
    request_run,
    request_run_by_key,
    start_incremental_runs,
    start_run,
)

__all__ = [
    "KeyTaken",
    "NotSyncable",
    "NothingNew",
    "StillUnreadable",
    "cancel_run",
    "close_ended_runs",
    "discard_record",
    "plan_rules",
    "plan_window",
    "request_run",
    "request_run_by_key",
    "retry_record",
    "retry_run",
    "start_incremental_runs",
    "start_run",
]
