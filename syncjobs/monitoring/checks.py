"""What is wrong now, as far as a person may see it: each check reads facts and returns what it found.

Nothing is stored and nobody is told; whoever asks gets the present state. A check that fails is itself a finding, so
that silence never means health.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import connection, models, transaction
from django.db.models import Count, Min, OuterRef, Subquery
from redis import RedisError

from backoffice.common import clock
from backoffice.common.models import Viewer
from backoffice.common.plurals import say_count
from backoffice.common.redis import client
from shops.choices import ShopState
from shops.models import Shop
from syncjobs.models import EnrichmentStatus, EnrichmentTask
from syncjobs.monitoring.heartbeats import read_pulse
from syncjobs.queries import list_asked_shops, list_failed_runs_since_success, read_enrichment_stats

log = structlog.get_logger(__name__)

MOST_FINDINGS = 500  # of one check: nobody reads more, and the first ones say what it is
LARGEST_BACKLOG = 1_000  # due orders without package number, which workers ask for in some minutes


class HealthStatus(models.TextChoices):
    """How bad it is, the worst first."""

    CRITICAL = "critical", "Critical"
    WARNING = "warning", "Warning"
    OK = "ok", "OK"


class CheckName(models.TextChoices):
    """What is looked at."""

    DATABASE = "database", "Database"
    REDIS = "redis", "Redis"
    PULSE = "pulse", "Schedule and workers"
    FAILED_RUNS = "failed_runs", "Failed runs"
    AUTHORISATION = "authorisation", "Authorisation of shops"
    ENRICHMENT_BACKLOG = "enrichment_backlog", "Orders that wait for package numbers"
    ENRICHMENT_FAILED = "enrichment_failed", "Package numbers that were not found"


WORST_FIRST = tuple(HealthStatus)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong; `shop` is None where it is about all. `since` is as far as that is known."""

    kind: CheckName
    severity: HealthStatus
    message: str
    shop: Shop | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to."""

    name: CheckName
    findings: list[Finding]

    @property
    def status(self) -> HealthStatus:
        """The worst of its findings."""
        return _worst(finding.severity for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Health:
    """What all checks came to, and when they were made."""

    checked_at: datetime
    checks: list[Checked]

    @property
    def status(self) -> HealthStatus:
        """The worst of all."""
        return _worst(check.status for check in self.checks)

    @property
    def findings(self) -> list[Finding]:
        """What is wrong, the worst first, and of that what began first."""
        found = [finding for check in self.checks for finding in check.findings]
        return sorted(found, key=lambda one: (WORST_FIRST.index(one.severity), one.since or self.checked_at))


def check_health(viewer: Viewer) -> Health:
    """Make every check, for the shops that the viewer may see."""
    return Health(clock.now(), [Checked(name, _make(name, check, viewer)) for name, check in CHECKS.items()])


def _make(name: CheckName, check: Callable[[Viewer], list[Finding]], viewer: Viewer) -> list[Finding]:
    try:
        with transaction.atomic():  # what the database refuses to one check must not cost the next one its answer
            return check(viewer)
    except Exception as error:
        log.exception("check_failed", check=name)
        return [Finding(name, HealthStatus.CRITICAL, f"This could not be checked: {type(error).__name__}.")]


def _check_database(_: Viewer) -> list[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return []


def _check_redis(_: Viewer) -> list[Finding]:
    try:
        client().ping()
    except RedisError:
        text = "Redis does not answer. Workers get no messages; what is due waits in the database."
        return [Finding(CheckName.REDIS, HealthStatus.CRITICAL, text)]
    return []


def _check_pulse(_: Viewer) -> list[Finding]:
    silences = read_pulse().list_silences(clock.now())
    return [
        Finding(CheckName.PULSE, HealthStatus.CRITICAL, f"{one.in_words}.".capitalize(), since=one.since)
        for one in silences
    ]


def _check_runs(viewer: Viewer) -> list[Finding]:
    failed = list_failed_runs_since_success(viewer).filter(shop__state=ShopState.ACTIVE).order_by()
    counted: Any = failed.values_list("shop_id").annotate(Count("pk"), Min("finished_at")).order_by("shop_id")
    rows = list(counted[:MOST_FINDINGS])
    shops = Shop.objects.in_bulk([shop_id for shop_id, _, _ in rows])
    return [
        Finding(
            CheckName.FAILED_RUNS,
            HealthStatus.CRITICAL,
            f"Failed since the shop's last success: {say_count(count, 'run')}.",
            shop,
            since,
        )
        for shop_id, count, since in rows
        if (shop := shops.get(shop_id))
    ]


def _check_authorisations(viewer: Viewer) -> list[Finding]:
    shops = Shop.objects.visible_to(viewer).filter(state=ShopState.NEEDS_REAUTHORISATION).order_by("pk")
    # When it was noticed is not kept; nothing was read since the last sync.
    return [
        Finding(CheckName.AUTHORISATION, HealthStatus.CRITICAL, _say_why(shop), shop, shop.last_sync_at)
        for shop in shops[:MOST_FINDINGS]
    ]


def _check_backlog(viewer: Viewer) -> list[Finding]:
    """Find work that workers do not get done; what is looked at again later, or waits for its shop, is none."""
    if read_enrichment_stats(viewer).by_status[EnrichmentStatus.PENDING] <= LARGEST_BACKLOG:
        return []
    now = clock.now()
    pending = EnrichmentTask.objects.visible_to(viewer).filter(status=EnrichmentStatus.PENDING, next_try_at__lte=now)
    due = pending.filter(shop__in=list_asked_shops()).aggregate(count=Count("pk"), since=Min("next_try_at"))
    if due["count"] <= LARGEST_BACKLOG:
        return []
    text = f"Not asked for yet: the package numbers of {say_count(due['count'], 'order')}."
    return [Finding(CheckName.ENRICHMENT_BACKLOG, HealthStatus.WARNING, text, since=due["since"])]


def _check_package_numbers(viewer: Viewer) -> list[Finding]:
    by_shop = read_enrichment_stats(viewer).by_shop
    failed = {shop_id: counts[EnrichmentStatus.FAILED] for shop_id, counts in by_shop.items()}
    worst = sorted((shop_id for shop_id in failed if failed[shop_id]), key=lambda shop_id: -failed[shop_id])
    oldest = EnrichmentTask.objects.filter(shop=OuterRef("pk"), status=EnrichmentStatus.FAILED).order_by("id")
    shops: Any = Shop.objects.filter(pk__in=worst[:MOST_FINDINGS]).order_by("pk")
    return [
        Finding(
            CheckName.ENRICHMENT_FAILED,
            HealthStatus.WARNING,
            f"Not found: the package numbers of {say_count(failed[shop.pk], 'order')}.",
            shop,
            shop.since,
        )
        for shop in shops.annotate(since=Subquery(oldest.values("finished_at")[:1]))
    ]


def _say_why(shop: Shop) -> str:
    return f"{shop} {shop.state_in_words}. {shop.state_reason}".strip()


def _worst(statuses: Iterable[HealthStatus]) -> HealthStatus:
    return min(statuses, key=WORST_FIRST.index, default=HealthStatus.OK)


CHECKS: Mapping[CheckName, Callable[[Viewer], list[Finding]]] = {
    CheckName.DATABASE: _check_database,
    CheckName.REDIS: _check_redis,
    CheckName.PULSE: _check_pulse,
    CheckName.FAILED_RUNS: _check_runs,
    CheckName.AUTHORISATION: _check_authorisations,
    CheckName.ENRICHMENT_BACKLOG: _check_backlog,
    CheckName.ENRICHMENT_FAILED: _check_package_numbers,
}
