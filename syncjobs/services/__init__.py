"""Start, stop and retry runs; deal with failed records; ask for package numbers.

These functions write rows; waking a worker is up to whoever calls them, after the commit.
"""

from syncjobs.services.backfills import (
    StartedBackfill,
    add_shops,
    close_ended_backfills,
    continue_backfill,
    find_same_backfill,
    plan_backfill_window,
    retry_failed_days,
    start_backfill,
    stop_backfill,
)
from syncjobs.services.ending import cancel_run, close_ended_runs, retry_run
from syncjobs.services.enrichment import (
    EnrichNow,
    FoundOrders,
    NotEnriched,
    cancel_tasks,
    enrich_now,
    enrich_shop,
    find_recent_orders,
    refuse_unenriched,
    retry_tasks,
)
from syncjobs.services.failed_records import discard_record, retry_record
from syncjobs.services.refusals import (
    KeyTaken,
    NothingNew,
    NotSyncable,
    StillUnreadable,
    refuse_unsyncable,
    say_not_offered,
)
from syncjobs.services.retention import Pruned, count_old_rows, prune
from syncjobs.services.starting import (
    QuotaFit,
    Started,
    dispatch,
    find_too_dear,
    list_windows,
    plan_rules,
    read_quota_fits,
    request_run,
    start_run,
    start_turn,
)

__all__ = [
    "EnrichNow",
    "FoundOrders",
    "KeyTaken",
    "NotEnriched",
    "NotSyncable",
    "NothingNew",
    "Pruned",
    "QuotaFit",
    "Started",
    "StartedBackfill",
    "StillUnreadable",
    "add_shops",
    "cancel_run",
    "cancel_tasks",
    "close_ended_backfills",
    "close_ended_runs",
    "continue_backfill",
    "count_old_rows",
    "discard_record",
    "dispatch",
    "enrich_now",
    "enrich_shop",
    "find_recent_orders",
    "find_same_backfill",
    "find_too_dear",
    "list_windows",
    "plan_backfill_window",
    "plan_rules",
    "prune",
    "read_quota_fits",
    "refuse_unenriched",
    "refuse_unsyncable",
    "request_run",
    "retry_failed_days",
    "retry_record",
    "retry_run",
    "retry_tasks",
    "say_not_offered",
    "start_backfill",
    "start_run",
    "start_turn",
    "stop_backfill",
]
