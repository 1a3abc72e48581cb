"""What the page of a backfill shows: numbers, calendar, problems and shops, of the shops that the viewer may see."""

from datetime import timedelta
from typing import Any

from django.urls import reverse

from backoffice.common import clock
from backoffice.common.admin import show_progress
from backoffice.common.admin.times import describe_span, show_distance, show_moment
from backoffice.common.ids import read_id
from shops.choices import ShopState
from shops.models import Shop
from syncjobs.admin.calendar import LEGEND, lay_out
from syncjobs.models import Backfill, BackfillState, Chunk
from syncjobs.queries import (
    AppOutlook,
    BackfillProgress,
    Day,
    day_of,
    list_days,
    list_lines_of_shops,
    list_problem_days,
    read_backfill_progress,
    read_outlook,
)
from syncjobs.queries.summary import count_days, name_count

PROBLEM_BADGES = {"failed": ("danger", "Failed"), "buffered": ("warning", "In files")}
MOST_SHOPS = 50
MOST_PROBLEMS = 50
MOST_APPS = 3


def build_panel(row: Backfill, viewer: Any, shop: Shop | None) -> dict[str, Any]:
    """Return what the template needs; the calendar is that of one shop where one is given."""
    progress = read_backfill_progress(row, viewer)
    problems = list_problem_days(row, MOST_PROBLEMS, viewer)
    shops, shop_count = list_lines_of_shops(row, MOST_SHOPS, viewer)
    may_see_runs = viewer.has_perm("syncjobs.view_run")
    days = list_days(row, viewer, shop.pk if shop else None)
    return {
        "progress": progress,
        "bar": bar_of(row, progress.chunks["failed"]),
        "facts": _list_facts(row, progress),
        "months": lay_out(days, _address_of if may_see_runs else lambda day: ""),
        "legend": LEGEND,
        "shop": shop,
        "problems": [_line_of_problem(chunk) for chunk in problems],
        "hidden_problem_count": sum(progress.chunks[state] for state in PROBLEM_BADGES) - len(problems),
        "shop_lines": [_line_of_shop(line) for line in shops],
        "hidden_shop_count": shop_count - len(shops),
        "resources": [(name, _count_in_words(counts)) for name, counts in sorted(progress.resources.items())],
        "may_see_runs": may_see_runs,
    }


def bar_of(backfill: Backfill, failed_count: int) -> str:
    """Return the colour of the bar."""
    if failed_count:
        return "failed"
    return "done" if backfill.state == BackfillState.ENDED else ""


def find_shop(viewer: Any, asked: str) -> Shop | None:
    """Return the shop whose days alone are asked for, where the viewer may see it."""
    pk = read_id(asked)
    return None if pk is None else Shop.objects.visible_to(viewer).filter(pk=pk).first()


def _address_of(day: Day) -> str:
    return reverse("admin:syncjobs_run_change", args=[day.run_id])


def _list_facts(row: Backfill, progress: BackfillProgress) -> list[tuple[str, str]]:
    days, sums = count_days(progress), progress.sums
    facts = [
        ("Days" if name == "total" else name_count(name).capitalize(), f"{count:,}") for name, count in days.items()
    ]
    for name, label in (("fetched", "Read"), ("inserted", "New"), ("updated", "Updated"), ("call", "Calls")):
        facts.append((label, f"{sums[f'{name}_count']:,}"))
    if row.state == BackfillState.ENDED:
        return [*facts, ("Duration", describe_span((row.finished_at or clock.now()) - row.created_at))]
    left = progress.seconds_left
    return [
        *facts,
        ("Speed", f"{progress.orders_a_second:,.0f} a second"),
        ("Chunks a minute", f"{progress.chunks_a_minute:,.0f}"),
        ("Time left", "–" if left is None else f"about {describe_span(timedelta(seconds=left))}"),
        *(fact for one in read_outlook(progress.apps)[:MOST_APPS] for fact in _list_facts_of_app(one)),
    ]


def _list_facts_of_app(outlook: AppOutlook) -> list[tuple[str, str]]:
    """Say what the app's quota allows. A limit whose use is not known is shown as such."""
    now = clock.now()
    facts = [(f"Calls to make, {outlook.app.name}", f"{outlook.calls_left:,} or more")]
    for limit in outlook.limits:
        used = "unknown" if limit.used is None else f"{limit.used:,}"
        facts.append((f"Quota used, {limit.name}", f"{used} of {limit.calls:,}"))
    done_by = show_moment(outlook.done_by) if outlook.done_by > now else "now"
    return [*facts, ("At this quota done by", done_by)]


def _count_in_words(counts: Any) -> list[tuple[str, str]]:
    return [(name_count(name).capitalize(), f"{count:,}") for name, count in counts.items()]


def _line_of_problem(chunk: Chunk) -> dict[str, Any]:
    return {
        "day": day_of(chunk.window_start, chunk.run.shop).isoformat(),
        "shop": chunk.run.shop.name,
        "resource": chunk.run.resource,
        "state": PROBLEM_BADGES[chunk.state],
        "at": show_distance(chunk.finished_at) if chunk.finished_at else "",
        "reason": chunk.error,
        "run": chunk.run_id,
    }


def _line_of_shop(line: dict[str, Any]) -> dict[str, Any]:
    failed = line["failed_count"]
    is_resting = line["run__shop__state"] != ShopState.ACTIVE and line["ended_count"] < line["chunk_count"]
    bar = "failed" if failed else "done" if line["ended_count"] == line["chunk_count"] else ""
    return {
        "shop_id": line["run__shop_id"],
        "name": line["run__shop__name"],
        "note": "not active: its days wait" if is_resting else "",
        "run": line["run_id"],
        "resource": line["run__resource"],
        "progress": show_progress(line["ended_count"], line["chunk_count"], bar),
        "counts": [
            ("Failed", failed), ("Buffered", line["buffered_count"]), ("Read", f"{line['order_count']:,}"),
            ("New", f"{line['new_count']:,}"),
        ],
    }  # fmt: skip
