"""Who works on a gap report: claim, leave, reap. The only place where the state of a report changes.

A person's reports go before the schedule's; among these all shops' newest days come first, as they were planned.
"""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, When

from backoffice.common import clock, leases
from shops.choices import ShopState
from syncjobs.engine.outcomes import Outcome
from syncjobs.leases import reap_lost
from syncjobs.models import ChunkState, GapReport, GapReportState, Lane, Trigger


def lane_of(report: GapReport) -> Lane:
    """Return whose share of a quota a report uses: nobody waits for the nightly ones."""
    return Lane.BACKFILL if report.trigger == Trigger.BEAT else Lane.INTERACTIVE


def claim_next_report(
    owner: str, *, lanes: Collection[int] | None = None, report_ids: Collection[int] | None = None
) -> GapReport | None:
    """Claim the next due report: of the given lanes, of some reports, or of all; None where nothing is due."""
    with transaction.atomic():
        due = _due(lanes, report_ids).order_by(Case(When(trigger=Trigger.BEAT, then=1), default=0), "due_at", "id")
        report = due.select_for_update(of=("self",), skip_locked=True).first()
        if report is None or not leases.take(
            GapReport.objects.filter(pk=report.pk), owner, settings.SYNC_LEASE_SECONDS
        ):
            return None
    return GapReport.objects.select_related("shop").get(pk=report.pk)


def count_due_reports(lanes: Collection[int], limit: int) -> int:
    """Count the reports of these lanes that are due now, up to the limit."""
    return len(_due(lanes).values_list("pk")[:limit])


def leave(report: GapReport, owner: str, outcome: Outcome, **facts: object) -> None:
    """Give a report back, or end it as failed, as its trouble deserves; a wait or a pause is no try."""
    if outcome.state == ChunkState.FAILED:
        facts |= {"state": GapReportState.FAILED, "finished_at": clock.now()}
    else:
        facts |= {"state": GapReportState.DUE, "due_at": clock.now() + timedelta(seconds=outcome.wait_seconds)}
        if not outcome.counts_as_try:
            facts["attempt_count"] = F("attempt_count") - 1
    leases.leave(report, owner, **{"error": outcome.text, **facts})  # type: ignore[arg-type]


def end(report: GapReport, owner: str, **facts: object) -> None:
    """Close a report whose window is compared."""
    leases.leave(report, owner, state=GapReportState.DONE, finished_at=clock.now(), error="", **facts)


def reap_lost_reports() -> int:
    """Return reports whose worker is gone; the lost try counts, and after the last one a person must look."""
    return len(reap_lost(GapReport.objects.all()))


def _due(lanes: Collection[int] | None, report_ids: Collection[int] | None = None) -> QuerySet[GapReport]:
    """The schedule's wait while their shop is off it; nothing fails meanwhile."""
    due = GapReport.objects.filter(~Q(trigger=Trigger.BEAT) | Q(shop__state=ShopState.ACTIVE))
    due = due.filter(state=GapReportState.DUE, due_at__lte=clock.now())
    if report_ids is not None:
        due = due.filter(pk__in=report_ids)
    if lanes is not None:
        wanted = Q(trigger=Trigger.BEAT) if Lane.BACKFILL in lanes else Q(pk__in=())
        wanted |= ~Q(trigger=Trigger.BEAT) if Lane.INTERACTIVE in lanes else Q(pk__in=())
        due = due.filter(wanted)
    return due
