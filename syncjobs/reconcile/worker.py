"""Works off due gap reports: claims one after another, and leaves each done, due again or failed."""

import random
from collections.abc import Callable, Collection
from typing import Any

import structlog
from django.conf import settings

from backoffice.common import clock, leases
from backoffice.common.outages import drop_broken_connection
from backoffice.common.stopping import is_stopping
from shops.marketplaces.rate_limit import Lane
from shops.tokens import mark_needs_reauthorisation, open_connection
from syncjobs.engine.outcomes import decide_outcome, is_credential_dead
from syncjobs.models import ChunkState, GapReport
from syncjobs.reconcile import claims
from syncjobs.reconcile.comparer import Comparer
from syncjobs.reconcile.listing import ListShifted
from syncjobs.reconcile.verdicts import Verdict

log = structlog.get_logger(__name__)


def work_on_reports(
    *,
    seconds: float,
    lanes: Collection[int] | None = None,
    report_ids: Collection[int] | None = None,
    on_report: Callable[[GapReport], None] = lambda report: None,
) -> int:
    """Work on due reports for about so many seconds; return how many it were."""
    owner = leases.new_owner()
    until = clock.monotonic_seconds() + seconds
    count = 0
    while not is_stopping():
        report = claims.claim_next_report(owner, lanes=lanes, report_ids=report_ids)
        if report is None:
            break
        count += 1
        work_on_report(report, owner)
        on_report(report)
        if clock.monotonic_seconds() > until:
            break
    return count


def work_on_report(report: GapReport, owner: str) -> None:
    """Compare a claimed report's window to its end, or leave it as its trouble deserves."""
    try:
        _compare_and_leave(report, owner)
    except leases.LeaseLost as error:  # whoever holds the report now decides about it
        log.warning("gap_report_lost", report=report.pk, reason=str(error))


def _compare_and_leave(report: GapReport, owner: str) -> None:
    comparer: Comparer | None = None
    try:
        connection = open_connection(report.shop, Lane(claims.lane_of(report)))
        comparer = Comparer(report, owner, connection)
        comparer.compare()
    except leases.LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001  whatever it is, the report's row must say so
        _leave(report, owner, error, comparer)
    else:
        claims.end(report, owner, **_count_calls(report, comparer))


def _leave(report: GapReport, owner: str, error: Exception, comparer: Comparer | None) -> None:
    outcome = decide_outcome(
        error,
        attempt=report.attempt_count,
        unexpected=0,  # a report does not count these apart: its tries decide
        most_attempts=settings.SYNC_MAX_ATTEMPTS,
        most_unexpected=settings.SYNC_MAX_UNEXPECTED_ERRORS,
        retry_after_seconds=settings.SYNC_RETRY_AFTER_SECONDS,
        never_again=settings.SYNC_NON_RETRYABLE_ERRORS,
        jitter=random.random(),  # noqa: S311  no secret
    )
    if outcome.is_unexpected:
        log.error("gap_report_failed", report=report.pk, exc_info=error)
    drop_broken_connection()
    if is_credential_dead(error, outcome):
        mark_needs_reauthorisation(report.shop_id, error, comparer.connection.connector.token if comparer else None)
    facts = _count_calls(report, comparer)
    if isinstance(error, ListShifted) and outcome.state != ChunkState.FAILED:
        facts |= _start_anew(report)
    claims.leave(report, owner, outcome, **facts)


def _count_calls(report: GapReport, comparer: Comparer | None) -> dict[str, Any]:
    made = comparer.connection.counts.take()["call_count"] if comparer else 0
    return {"call_count": report.call_count + int(made)}


def _start_anew(report: GapReport) -> dict[str, Any]:
    """Forget what a list told that is not to be believed; what was fetched stays found."""
    report.refresh_from_db(fields=["examples"])
    facts: dict[str, Any] = {"compared_until": None, "found_count": 0, "extra_count": 0}
    if report.fetch_missing:
        return {**facts, "examples": {kind: ids for kind, ids in report.examples.items() if kind != Verdict.EXTRA}}
    return {**facts, "missing_count": 0, "stale_count": 0, "examples": {}}
