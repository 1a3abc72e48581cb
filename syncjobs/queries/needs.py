"""How much each shop needs a person, the worst first; what failed; and the newest runs."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When

from backoffice.common import clock
from backoffice.common.counting import COUNT_LIMIT, count_by_shop, count_up_to
from backoffice.common.models import Viewer
from shops.choices import ShopState, SyncStatus
from shops.models import Shop
from shops.queries import ENDS_IN_A_DAY, ENDS_IN_A_WEEK, add_authorisation_end
from syncjobs.models import FailedRecord, FailedRecordState, Run, RunState, Watermark

# The schedule reads every ten minutes: three that brought nothing are worth a look, two hours are a fault.
LAG_WARNING = timedelta(minutes=30)
LAG_DANGER = timedelta(hours=2)


class Severity:
    """How much a shop needs a person; the worst is shown first."""

    AT_REST = 0  # a person took it off the schedule
    FINE = 1
    WARNING = 2
    DANGER = 3


def list_shops_by_need(viewer: Viewer) -> QuerySet[Any]:
    """List the visible shops, the worst first, each with `position_at`, `token_ends_at` and `severity`."""
    shops = add_need(Shop.objects.visible_to(viewer))
    return shops.order_by("-severity", F("position_at").asc(nulls_first=True), "name", "pk")


def add_need(shops: QuerySet[Any]) -> QuerySet[Any]:
    """Read along how far each shop is read, when its token ends, and how much it needs a person."""
    now = clock.now()
    position = Watermark.objects.filter(shop=OuterRef("pk"), resource="orders").values("position_at")
    shops = add_authorisation_end(shops).annotate(position_at=Subquery(position))
    at_rest = Q(state__in=(ShopState.PAUSED, ShopState.DISCONNECTED))
    danger = (
        ~Q(state=ShopState.ACTIVE)
        | Q(sync_status=SyncStatus.FAILED)
        | Q(token_ends_at__lte=now + ENDS_IN_A_DAY)
        | Q(position_at__lte=now - LAG_DANGER)
    )
    warning = (
        Q(token_ends_at__lte=now + ENDS_IN_A_WEEK) | Q(position_at__lte=now - LAG_WARNING) | Q(position_at__isnull=True)
    )
    severity = Case(
        When(at_rest, then=Value(Severity.AT_REST)),
        When(danger, then=Value(Severity.DANGER)),
        When(warning, then=Value(Severity.WARNING)),
        default=Value(Severity.FINE),
    )
    ranked: QuerySet[Any] = shops.annotate(severity=severity)
    return ranked


def count_shops_by_need(viewer: Viewer) -> dict[str, int]:
    """Count the visible shops: `all_count`, `active_count` and `attention_count`."""
    return list_shops_by_need(viewer).order_by().aggregate(
        all_count=Count("pk"),
        active_count=Count("pk", filter=Q(state=ShopState.ACTIVE)),
        attention_count=Count("pk", filter=Q(severity__gte=Severity.WARNING)),
    )  # fmt: skip


def grade_lag(lag: timedelta | None) -> str:
    """Return the colour of a lag: "success", "warning", "danger", or "" where nothing was read yet."""
    if lag is None:
        return ""
    return "danger" if lag >= LAG_DANGER else "warning" if lag >= LAG_WARNING else "success"


def list_failed_runs_since_success(viewer: Viewer) -> QuerySet[Run]:
    """List the visible failed runs that ended after their shop's last success."""
    runs = Run.objects.visible_to(viewer).filter(state=RunState.FAILED)
    return runs.filter(Q(shop__last_sync_at=None) | Q(finished_at__gt=F("shop__last_sync_at")))


def count_failed_runs_since_success(viewer: Viewer, shop_ids: Iterable[int]) -> Counter[int]:
    """Count by shop the failed runs that ended after the shop's last success."""
    return count_by_shop(list_failed_runs_since_success(viewer).filter(shop_id__in=list(shop_ids)))


def count_failed_records(viewer: Viewer, shop_ids: Iterable[int] | None = None) -> Counter[int]:
    """Count the visible failed records that are open, by shop."""
    records = FailedRecord.objects.visible_to(viewer).filter(state=FailedRecordState.OPEN)
    if shop_ids is not None:
        records = records.filter(shop_id__in=list(shop_ids))
    return count_by_shop(records)


def count_runs_failed_since(viewer: Viewer, since: datetime) -> int:
    """Count the visible runs that failed since then, up to one more than the limit."""
    runs = Run.objects.visible_to(viewer).filter(state=RunState.FAILED, finished_at__gte=since)
    return count_up_to(COUNT_LIMIT, runs)


def list_recent_runs(viewer: Viewer, limit: int, shop: Shop | None = None) -> list[Run]:
    """List the newest visible runs with their shops, of one shop or of all."""
    runs = Run.objects.visible_to(viewer).select_related("shop").order_by("-id")
    return list((runs.filter(shop=shop) if shop else runs)[:limit])
