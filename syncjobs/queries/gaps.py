"""What gap reports found: how much is missing here, by shop; the last reports of a shop; shops by days."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet, Sum

from backoffice.common.models import Viewer
from shops.models import Shop
from syncjobs.models import GapReport, GapReportState
from syncjobs.queries.days import day_of

COUNTS = ("missing_count", "stale_count", "extra_count", "fetched_count")
FOUND = F("missing_count") + F("stale_count") + F("extra_count")


@dataclass(frozen=True, slots=True)
class Gaps:
    """What the reports of a shop came to: all that they found, and what the newest of each window left."""

    missing_count: int = 0
    stale_count: int = 0
    extra_count: int = 0
    fetched_count: int = 0
    remaining_count: int = 0


def count_gaps(
    since: datetime, *, viewer: Viewer | None = None, shop_ids: Iterable[int] | None = None
) -> dict[int, Gaps]:
    """Count by shop what the reports that ended since then found; shops without any report are left out.

    Without a viewer those of all shops: checks of the system have none.
    """
    reports = GapReport.objects.all() if viewer is None else GapReport.objects.visible_to(viewer)
    reports = reports.filter(state=GapReportState.DONE, finished_at__gte=since)
    if shop_ids is not None:
        reports = reports.filter(shop_id__in=list(shop_ids))
    remaining = Counter[int]()
    for shop_id, gaps, fetched in _newest(reports).values_list("shop_id", FOUND, "fetched_count"):
        remaining[shop_id] += gaps - fetched
    sums = reports.order_by().values_list("shop_id").annotate(*map(Sum, COUNTS))
    return {row[0]: Gaps(row[1], row[2], row[3], row[4], remaining[row[0]]) for row in sums}


def _newest(reports: QuerySet[GapReport]) -> QuerySet[GapReport]:
    window = ("shop_id", "resource", "window_start")
    return reports.order_by(*window, "-id").distinct(*window)


def list_last_reports(viewer: Viewer, shop: Shop, days: int) -> list[Any]:
    """List the newest report of each of a shop's newest days, the newest day first, each with its `day`."""
    newest = GapReport.objects.visible_to(viewer).filter(shop=shop).order_by("-window_start", "resource", "-id")
    reports: list[Any] = list(newest.distinct("window_start", "resource").defer("examples")[:days])
    for report in reports:
        report.shop = shop
        report.day = day_of(report.window_start, shop)
    return reports
