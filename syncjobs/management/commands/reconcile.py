"""Compares days of shops with what the marketplaces list, here and now, and fetches what is missing if asked to."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import orjson
from django.core.management.base import CommandError, CommandParser
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from backoffice.common import clock
from backoffice.common.commands import PlainCommand, make_console, make_table, read_day
from backoffice.common.stopping import is_stopping, stop_on_signals
from shops.models import Shop
from shops.queries import get_shop, list_syncable_shops
from syncjobs import reconcile
from syncjobs.models import UNFINISHED_REPORTS, GapReport, GapReportState, Trigger
from syncjobs.queries import day_of
from syncjobs.services.backfills import FIRST_YEAR
from syncjobs.streams import STREAMS

POLL_SECONDS = 0.5
MOST_DAYS = 400
DEFAULT_DAYS = 7


class Command(PlainCommand):
    help = (
        "Compare ids and update times at the marketplace with ours, day by day: found, missing, stale, extra. "
        "Exit code 1 if gaps remain or a day could not be compared."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shop", default="", help="only this shop: our id, or marketplace:external_id; else all")
        parser.add_argument(
            "--from",
            dest="first",
            type=read_day,
            help=f"first day, YYYY-MM-DD, in the shop's zone ({DEFAULT_DAYS} days ago)",
        )
        parser.add_argument(
            "--to", dest="last", type=read_day, help="last day (yesterday); today is compared up to now"
        )
        parser.add_argument(
            "--resource", choices=list(STREAMS), default="orders", help="what is compared; orders unless told otherwise"
        )
        parser.add_argument("--fetch-missing", action="store_true", help="fetch what is missing or stale as well")
        parser.add_argument("--json", action="store_true", help="print the reports as JSON")

    def run(self, options: dict[str, Any]) -> None:
        self.as_json = options["json"]
        shops = [get_shop(options["shop"])] if options["shop"] else list(list_syncable_shops())
        if not shops:
            raise CommandError("There is no shop to compare. Connect one with connect_shop.")
        days = self._choose_days(options["first"], options["last"])
        ids: list[int] = []
        for shop in self._leave_out(shops, options["resource"], is_one=bool(options["shop"])):
            ids += reconcile.request_reports(
                shop,
                days,
                trigger=Trigger.COMMAND,
                fetch_missing=options["fetch_missing"],
                resource=options["resource"],
            )
        if not ids:
            raise CommandError("These days have not begun, so there is nothing to compare.")
        with stop_on_signals():
            self._work_here(ids)
            stopped = is_stopping()
        self._summarise(ids, stopped=stopped)

    def _leave_out(self, shops: list[Shop], resource: str, *, is_one: bool) -> list[Shop]:
        """Of all shops, leave out those of which this cannot be compared, and say why once for each marketplace."""
        reasons = {shop.pk: reconcile.find_reason_against(shop, resource) for shop in shops}
        if is_one or not any(reasons.values()):
            return shops
        for reason in sorted(set(filter(None, reasons.values()))):
            self.stderr.write(f"Left out: {reason}")
        left = [shop for shop in shops if not reasons[shop.pk]]
        if not left:
            raise CommandError("There is no shop of which this could be compared.")
        return left

    def _choose_days(self, first: date | None, last: date | None) -> reconcile.ChooseDays:
        if first is None and last is None:
            return reconcile.choose_recent_days(DEFAULT_DAYS)
        # Yesterday in the zone that is furthest behind: a day that has not ended anywhere is not meant by default.
        if min(first or date.max, last or date.max).year < FIRST_YEAR:
            raise CommandError(f"There is nothing to compare from before {FIRST_YEAR}.")
        last = last or max(first or date.min, (clock.now() - timedelta(days=1)).date())
        first = first or last - timedelta(days=DEFAULT_DAYS - 1)
        if last < first:
            raise CommandError(f"--from {first} lies after --to {last}.")
        if (last - first).days >= MOST_DAYS:
            raise CommandError(f"{(last - first).days + 1} days are too many at once; compare up to {MOST_DAYS}.")
        return reconcile.choose_days(first, last)

    def _work_here(self, ids: list[int]) -> None:
        """Work on the reports until all have ended; workers may have taken some of them."""
        with self._show_progress(len(ids)) as show:
            while not is_stopping() and (left := list(_unfinished(ids))):
                show(len(ids) - len(left))
                if not reconcile.work_on_reports(seconds=0, report_ids=left):
                    reconcile.reap_lost_reports()  # there may be neither beat nor worker to do so
                    clock.sleep(POLL_SECONDS)
            show(len(ids) - len(_unfinished(ids)))

    @contextmanager
    def _show_progress(self, total: int) -> Iterator[Any]:
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("days compared"), TimeElapsedColumn())
        console = make_console(self.stdout)
        with Progress(*columns, console=console, disable=self.as_json or not sys.stdout.isatty()) as progress:
            bar = progress.add_task("", total=total)
            yield lambda count: progress.update(bar, completed=count)

    def _summarise(self, ids: list[int], *, stopped: bool) -> None:
        reports = list(GapReport.objects.filter(pk__in=ids).select_related("shop").order_by("shop_id", "window_start"))
        if self.as_json:
            self.stdout.write(
                orjson.dumps([_as_json(report) for report in reports], option=orjson.OPT_INDENT_2).decode()
            )
        else:
            self._show_table(reports)
        if stopped:
            raise CommandError("Stopped. The days that are left go on with the next worker.", returncode=130)
        for report in reports:
            if report.error:
                self.stderr.write(f"{report.shop.name}, {day_of(report.window_start, report.shop)}: {report.error}")
        failed = sum(report.state == GapReportState.FAILED for report in reports)
        remaining = sum(report.remaining_count for report in reports)
        if failed:
            raise CommandError(f"{failed} of {len(reports)} days could not be compared.")
        if remaining:
            raise CommandError(f"Gaps remain: {remaining} {reports[0].resource} differ.")

    def _show_table(self, reports: list[GapReport]) -> None:
        table = make_table("Shop", "Day", "Result", "Found", "Missing", "Stale", "Extra", "Fetched", "Calls")
        for report in reports:
            numbers = (
                report.found_count, report.missing_count, report.stale_count, report.extra_count, report.fetched_count,
                report.call_count,
            )  # fmt: skip
            result = report.get_state_display().partition(":")[0]
            day = day_of(report.window_start, report.shop).isoformat()
            table.add_row(report.shop.name, day, result, *map(str, numbers))
        make_console(self.stdout).print(table)


def _unfinished(ids: list[int]) -> list[int]:
    return list(GapReport.objects.filter(pk__in=ids, state__in=UNFINISHED_REPORTS).values_list("pk", flat=True))


def _as_json(report: GapReport) -> dict[str, Any]:
    counts = ("found", "missing", "stale", "extra", "fetched")
    return {
        "report": report.pk,
        "shop": report.shop_id,
        "resource": report.resource,
        "day": day_of(report.window_start, report.shop).isoformat(),
        "from": report.window_start,
        "to": report.window_end,
        "state": report.state,
        **{name: getattr(report, f"{name}_count") for name in counts},
        "calls": report.call_count,
        "remaining": report.remaining_count,
        "examples": report.examples,
        "error": report.error,
    }
