"""Reads what must be known of shops before their runs are planned: of hundreds in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Min, QuerySet

from backoffice.common import clock
from shops.marketplaces.contract import ANY_LENGTH
from shops.marketplaces.records import Window
from shops.marketplaces.registry import find_capability
from shops.models import Shop
from syncjobs.engine.planner import INCREMENTAL, WINDOW, Known, PlanRules, Reading, Selection, plan_window
from syncjobs.models import UNENDED_RUNS, Run, RunState, Watermark
from syncjobs.queries import find_zone
from syncjobs.streams import get_stream


def plan_rules(resource: str, marketplace: str) -> PlanRules:
    """Return the planner's rules for a resource of a marketplace: from the settings, and what its lists take."""
    stream, capability = get_stream(resource), find_capability(marketplace, resource)
    chunk = stream.get_chunk()
    if capability is not None:
        chunk = min(chunk, capability.longest_window) if capability.is_windowed else ANY_LENGTH
    return PlanRules(
        overlap=timedelta(seconds=settings.SYNC_OVERLAP_SECONDS),
        end_guard=timedelta(seconds=settings.SYNC_END_GUARD_SECONDS),
        chunk=chunk,
        first_depth=stream.get_depth(""),
        full_depth=stream.get_depth(marketplace),
    )


def list_windows(shops: Sequence[Shop], selection: Selection) -> dict[int, Window | None]:
    """Return the window that a run of each shop would read now; None where there is nothing new."""
    now, facts = clock.now(), read_facts(shops, selection)
    return {
        shop.pk: plan_window(selection, facts[shop.pk], now, plan_rules(selection.resource, shop.marketplace))
        for shop in shops
    }


def find_open_run(shop: Shop, selection: Selection) -> Run | None:
    """Find the run that reads the same and has not ended."""
    runs = Run.objects.filter(shop=shop, resource=selection.resource, identity=selection.identity)
    return runs.filter(state__in=UNENDED_RUNS).first()


def read_facts(
    shops: Sequence[Shop], selection: Selection, *, period: timedelta | None = None, slot_prefix: str = ""
) -> dict[int, Known]:
    """Return what is known of each shop. The shops come with their apps."""
    ids = [shop.pk for shop in shops]
    runs = Run.objects.filter(shop_id__in=ids, resource=selection.resource)
    watermarks = _read_watermarks(ids, selection)
    first_ends = _read_first_ends(runs.exclude(shop_id__in=watermarks), selection)
    unended = runs.filter(identity=selection.identity, state__in=UNENDED_RUNS)
    open_runs = dict(unended.values_list("shop_id", "pk"))
    finished = _read_last_ends(runs, max((shop.app.sync_spacing_seconds for shop in shops), default=0))
    readings = _read_readings(runs, selection, period, slot_prefix) if period else {}
    return {
        shop.pk: Known(
            watermark=watermarks.get(shop.pk),
            first_end=first_ends.get(shop.pk),
            zone=find_zone(shop.timezone),
            open_run_id=open_runs.get(shop.pk),
            last_finished_at=finished.get(shop.pk),
            spacing=timedelta(seconds=shop.app.sync_spacing_seconds),
            readings=readings.get(shop.pk, ()),
        )
        for shop in shops
    }


def _read_watermarks(ids: Collection[int], selection: Selection) -> dict[int, datetime]:
    if selection.kind != INCREMENTAL:
        return {}
    marks = Watermark.objects.filter(shop_id__in=ids, resource=selection.resource)
    return dict(marks.values_list("shop_id", "position_at"))


def _read_first_ends(runs: QuerySet[Run], selection: Selection) -> dict[int, datetime]:
    """Read the end of the first window that the incremental stream tried to read, without success so far."""
    if selection.kind != INCREMENTAL:
        return {}
    tried = runs.filter(identity=INCREMENTAL).exclude(state=RunState.SKIPPED)
    return dict(tried.order_by().values_list("shop_id").annotate(Min("window_end")))


def _read_last_ends(runs: QuerySet[Run], spacing_seconds: int) -> dict[int, datetime]:
    """Read when each shop's last run ended, if that is recent enough to matter."""
    if not spacing_seconds:
        return {}
    since = clock.now() - timedelta(seconds=spacing_seconds)
    ended = runs.filter(finished_at__gt=since, started_at__isnull=False)
    return dict(ended.order_by().values_list("shop_id").annotate(Max("finished_at")))


def _read_readings(
    runs: QuerySet[Run], selection: Selection, period: timedelta, slot_prefix: str
) -> Mapping[int, Sequence[Reading]]:
    """Read the runs that may have read a window already; the planner decides whether they did."""
    readings: dict[int, list[Reading]] = defaultdict(list)
    if selection.kind != WINDOW:
        return readings
    done = runs.filter(
        state=RunState.DONE,
        status_filter__in={"", selection.status_filter},
        finished_at__gt=clock.now() - period,
        started_at__isnull=False,
    )
    columns = ("shop_id", "pk", "window_start", "window_end", "status_filter", "finished_at", "slot_key")
    if not selection.is_day:
        done = done.filter(window_start__lte=clock.now() - timedelta(hours=selection.hours))
    for shop_id, run_id, start, end, status, finished_at, slot_key in done.values_list(*columns):
        is_own = bool(slot_prefix) and (slot_key or "").startswith(slot_prefix)
        readings[shop_id].append(Reading(run_id, Window(start, end), status, finished_at, is_own))
    return readings
