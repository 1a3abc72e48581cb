"""How the after-sales cases and their sweep are doing: figures, and what is wrong with them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Avg, Count, F, Q, Sum
from django.db.models.functions import TruncDate

from aftersales.models import AftersalesSettings, Case, CaseLog, SweepRun
from aftersales.queries.policies import load_policies
from aftersales.states import COUNTDOWN, MONITORED, TERMINAL, CaseState, LogAction
from backoffice.common import clock
from backoffice.common.plurals import say_count

LAST_ACTIONS = 100
ERRORS_THAT_WARN, ERRORS_THAT_ARE_CRITICAL = 5, 10  # more than these, among the last actions
SWEEPS_LATE = timedelta(hours=2)
SWEEPS_COUNTED = timedelta(hours=24)
LONGEST_SWEEP = timedelta(hours=1)  # one that has not ended by then was killed
DAYS = 7
NO_SHOP = 0  # has the settings of all shops
ENDED = (*TERMINAL, CaseState.REJECTED)


class Level(StrEnum):
    """The first word of the line, as monitoring systems know it."""

    OK = "OK"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The cases that were made on one day in the operator's zone, and how many of them have ended."""

    day: date
    total: int
    ended: int

    @property
    def rate(self) -> float:
        """Percent of them that have ended."""
        return 100 * self.ended / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What is true at a moment. Counts of sweeps are of the last 24 hours, the mean of cases that ended in 7 days."""

    overdue_count: int
    countdown_without_deadline_count: int
    stale_count: int
    refund_failure_count: int  # among the last actions of the log
    not_handled_count: int  # cases that the sweep could not handle and will try again
    swept_count: int
    sweep_failure_count: int
    killed_sweep_count: int
    last_sweep_at: datetime | None
    since_last_sweep: timedelta | None
    mean_handling: timedelta | None

    @property
    def error_count(self) -> int:
        """What went wrong lately: refunds that failed, and cases that the sweep could not handle."""
        return self.refund_failure_count + self.not_handled_count

    @property
    def success_rate(self) -> float:
        """Percent of the cases in the last sweeps that were handled."""
        tried = self.swept_count + self.sweep_failure_count
        return 100 * self.swept_count / tried if tried else 100.0


def judge(figures: Figures) -> tuple[Level, list[str]]:
    """Say how bad it is, and what is wrong in words. Pure."""
    critical: list[str] = []
    warnings: list[str] = []
    since = figures.since_last_sweep
    if figures.overdue_count and (since is None or since > SWEEPS_LATE):
        last = (
            "no sweep has ended yet"
            if since is None
            else f"no sweep has ended for {since.total_seconds() / 3600:.1f} h"
        )
        critical.append(f"{say_count(figures.overdue_count, 'case is', 'cases are')} overdue and {last}")
    if figures.error_count > ERRORS_THAT_WARN:
        told = critical if figures.error_count > ERRORS_THAT_ARE_CRITICAL else warnings
        told.append(
            f"{figures.error_count} errors: {say_count(figures.refund_failure_count, 'refund')} failed among the last "
            f"{LAST_ACTIONS} actions, {say_count(figures.not_handled_count, 'case')} could not be handled"
        )
    if figures.countdown_without_deadline_count:
        warnings.append(
            f"{say_count(figures.countdown_without_deadline_count, 'case')} should count down without a deadline"
        )
    if figures.stale_count:
        warnings.append(
            f"{say_count(figures.stale_count, 'case has', 'cases have')} waited too long where nothing counts down"
        )
    level = Level.CRITICAL if critical else Level.WARNING if warnings else Level.OK
    return level, critical + warnings


def load_figures() -> Figures:
    """Count everything at this moment."""
    now = clock.now()
    counting_down = Case.objects.filter(state__in=COUNTDOWN, timed_out_at=None)
    sweeps = SweepRun.objects.filter(started_at__gt=now - SWEEPS_COUNTED).aggregate(
        examined=Sum("examined_count", default=0),
        skipped=Sum("skipped_count", default=0),
        failed=Sum("failed_count", default=0),
        killed=Count("pk", filter=Q(finished_at=None, started_at__lt=now - LONGEST_SWEEP)),
    )
    ended_sweeps = SweepRun.objects.filter(shop_id=None).exclude(finished_at=None)
    last = ended_sweeps.order_by("-started_at", "-pk").values_list("finished_at", flat=True).first()
    ended = Case.objects.filter(completed_at__gt=now - timedelta(days=DAYS))
    actions = list(CaseLog.objects.order_by("-at", "-pk").values_list("action", flat=True)[:LAST_ACTIONS])
    return Figures(
        overdue_count=counting_down.filter(due_at__lte=now).count(),
        countdown_without_deadline_count=counting_down.filter(auto_process_time=None).count(),
        stale_count=_count_stale(now),
        refund_failure_count=actions.count(LogAction.FAIL_REFUND),
        not_handled_count=counting_down.filter(sweep_failed_count__gt=0).count(),
        swept_count=sweeps["examined"] - sweeps["skipped"] - sweeps["failed"],
        sweep_failure_count=sweeps["failed"],
        killed_sweep_count=sweeps["killed"],
        last_sweep_at=last,
        since_last_sweep=now - last if last else None,
        mean_handling=ended.aggregate(mean=Avg(F("completed_at") - F("created_at")))["mean"],
    )


def list_days() -> list[DayFigures]:
    """List the last seven days by the day on which cases were made, the present one first."""
    zone = ZoneInfo(settings.OPERATOR_TIME_ZONE)
    today = clock.now().astimezone(zone).date()
    rows = (
        Case.objects.filter(created_at__gt=clock.now() - timedelta(days=DAYS + 1))
        .order_by()
        .values_list(TruncDate("created_at", tzinfo=zone))
        .annotate(Count("pk"), ended=Count("pk", filter=Q(state__in=ENDED)))
    )
    counts = {day: (total, ended) for day, total, ended in rows}
    days = [today - timedelta(days=number) for number in range(DAYS)]
    return [DayFigures(day, *counts.get(day, (0, 0))) for day in days]


def _count_stale(now: datetime) -> int:
    """Count the cases that wait where nothing counts down, for longer than their shops allow."""
    own = AftersalesSettings.objects.exclude(shop=None).values_list("shop_id", flat=True)
    policies = load_policies([NO_SHOP, *filter(None, own)])
    since = {shop_id: now - timedelta(hours=policy.stale_case_hours) for shop_id, policy in policies.items()}
    general = since.pop(NO_SHOP)
    is_stale = ~Q(shop__in=since) & Q(state_entered_at__lt=general)
    for shop_id, entered_before in since.items():
        is_stale |= Q(shop=shop_id, state_entered_at__lt=entered_before)
    return Case.objects.filter(is_stale, state__in=MONITORED).count()
