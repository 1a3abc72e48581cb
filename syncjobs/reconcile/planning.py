"""Writes down which windows are to be compared: one open report at most for each shop, resource and window."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from itertools import islice

from django.conf import settings
from django.db import transaction

from backoffice.common import clock
from shops.marketplaces.records import Window
from shops.marketplaces.registry import find_capability
from shops.models import Shop
from shops.queries import list_syncable_shops
from syncjobs.models import UNFINISHED_REPORTS, GapReport, GapReportState, Trigger
from syncjobs.queries import find_zone
from syncjobs.reconcile.days import list_days, list_recent_days
from syncjobs.services import NotSyncable, refuse_unsyncable, say_not_offered
from syncjobs.streams import get_stream

RESOURCE = "orders"
SHOPS_AT_ONCE = 500
# A night's reports are not planned a second time by another beat, or by one whose clock was set back.
SAME_NIGHT = timedelta(hours=12)

# Which windows are compared of a shop in this zone.
ChooseDays = Callable[[tzinfo], list[Window]]


def choose_recent_days(count: int) -> ChooseDays:
    """Choose the last whole days of each shop."""
    now = clock.now()
    return lambda zone: list_recent_days(zone, now, count)


def choose_days(first: date, last: date) -> ChooseDays:
    """Choose the days from first to last; today up to the moments that the marketplace shows completely."""
    latest = clock.now() - timedelta(seconds=settings.SYNC_END_GUARD_SECONDS)
    if first > latest.date() + timedelta(days=2):  # has begun nowhere; the last of all dates has no end
        return lambda zone: []
    last = min(last, latest.date() + timedelta(days=2))
    return lambda zone: list_days(zone, first, last, latest)


def plan_gap_reports(
    shops: Iterable[Shop], days: ChooseDays, *, trigger: str, fetch_missing: bool, resource: str = RESOURCE
) -> list[int]:
    """Write a report for each shop and day, all shops' newest days first; return the ids of the open ones.

    One that is open already is taken instead of a second one. If it still waits, it becomes whoever's asks more.
    """
    rows = iter(shops)
    report_ids: list[int] = []
    while some := list(islice(rows, SHOPS_AT_ONCE)):
        windows = [(shop.pk, window) for shop, window in _in_turn(some, days)]
        report_ids += _write(windows, resource, trigger, fetch_missing=fetch_missing)
    return report_ids


def _in_turn(shops: list[Shop], days: ChooseDays) -> Iterator[tuple[Shop, Window]]:
    """Walk through the days of all shops, the first day of each, then the second: none waits for all of another."""
    windows = {shop: days(find_zone(shop.timezone)) for shop in shops}
    for number in range(max(map(len, windows.values()), default=0)):
        for shop, its_days in windows.items():
            if number < len(its_days):
                yield shop, its_days[number]


def _write(windows: list[tuple[int, Window]], resource: str, trigger: str, *, fetch_missing: bool) -> list[int]:
    now = clock.now()
    shop_ids = {shop_id for shop_id, _ in windows}
    wanted = [(shop_id, window.start, window.end) for shop_id, window in windows]
    if trigger == Trigger.BEAT:
        wanted = _without_same_night(wanted, shop_ids, resource, now)
    new = [
        GapReport(
            shop_id=shop_id, resource=resource, window_start=start, window_end=end, trigger=trigger,
            fetch_missing=fetch_missing, due_at=now, created_at=now,
        )
        for shop_id, start, end in wanted
    ]  # fmt: skip
    with transaction.atomic():
        # The constraint decides: of two who plan the same at once, one writes.
        GapReport.objects.bulk_create(new, ignore_conflicts=True, batch_size=1_000)
        unfinished = GapReport.objects.filter(shop_id__in=shop_ids, resource=resource, state__in=UNFINISHED_REPORTS)
        known = unfinished.values_list("pk", "shop_id", "window_start", "window_end")
        ids = [pk for pk, *what in known.order_by("pk") if tuple(what) in set(wanted)]
        if trigger != Trigger.BEAT:
            waiting = GapReport.objects.filter(pk__in=ids, state=GapReportState.DUE)
            waiting.filter(trigger=Trigger.BEAT).update(trigger=trigger, due_at=now)
            if fetch_missing:
                waiting.filter(fetch_missing=False).update(fetch_missing=True)
    return ids


def _without_same_night(
    wanted: list[tuple[int, datetime, datetime]], shop_ids: set[int], resource: str, now: datetime
) -> list[tuple[int, datetime, datetime]]:
    tonight = GapReport.objects.filter(
        shop_id__in=shop_ids, resource=resource, trigger=Trigger.BEAT, created_at__gt=now - SAME_NIGHT
    )
    planned = set(tonight.values_list("shop_id", "window_start", "window_end"))
    return [one for one in wanted if one not in planned]


def plan_nightly_reports() -> list[int]:
    """Write the reports of the last days of every shop on the schedule: of orders, which nothing else would heal."""
    days = choose_recent_days(settings.SYNC_GAP_REPORT_DAYS)
    shops = list_syncable_shops().iterator(chunk_size=SHOPS_AT_ONCE)
    return plan_gap_reports(shops, days, trigger=Trigger.BEAT, fetch_missing=settings.SYNC_GAP_REPORT_FETCH)


def request_reports(
    shop: Shop, days: ChooseDays, *, trigger: str, fetch_missing: bool, resource: str = RESOURCE
) -> list[int]:
    """Write the reports that somebody asked for; raises NotSyncable where the shop cannot be read or compared."""
    get_stream(resource)
    refuse_unsyncable(shop, resource, undone="compared")
    if reason := find_reason_against(shop, resource):
        raise NotSyncable(reason)
    return plan_gap_reports([shop], days, trigger=trigger, fetch_missing=fetch_missing, resource=resource)


def find_reason_against(shop: Shop, resource: str) -> str:
    """Say why a resource of this shop cannot be compared by days; empty where it can."""
    if reason := say_not_offered(shop, resource):
        return reason
    capability = find_capability(shop.marketplace, resource)
    if capability is None or capability.is_windowed:
        return ""
    return (
        f"{shop.get_marketplace_display()} does not say when {resource} changed, so no day of them can be compared. "
        "Every sync reads all of them again."
    )


def request_fetch(report: GapReport, *, trigger: str) -> int:
    """Compare a report's window once more and fetch what is missing; return the id of the new report.

    Raises NotSyncable where the shop cannot be read. The old report stays as it is.
    """
    shop = Shop.objects.get(pk=report.shop_id)
    window = Window(report.window_start, report.window_end)
    return request_reports(shop, lambda zone: [window], trigger=trigger, fetch_missing=True, resource=report.resource)[
        0
    ]
