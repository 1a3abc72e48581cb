"""Pulls one resource of shops: here with progress and a summary, or in the background. The sync_ commands are this."""

import sys
from typing import Any, ClassVar

from django.core.management.base import CommandError, CommandParser
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from backoffice.common import clock
from backoffice.common.commands import PlainCommand, make_console, make_table
from backoffice.common.plurals import say_count
from backoffice.common.stopping import is_stopping, stop_on_signals
from orders.choices import OrderStatus
from shops.choices import Marketplace, ShopState
from shops.marketplaces.records import Resource
from shops.marketplaces.registry import list_offering
from shops.models import Shop
from shops.queries import get_shop, list_syncable_shops
from syncjobs import leases
from syncjobs.engine.planner import FULL, INCREMENTAL, WINDOW, Selection
from syncjobs.engine.worker import work_on_run
from syncjobs.models import UNFINISHED_CHUNKS, Chunk, ChunkState, Run, RunState, Trigger
from syncjobs.queries.forecast import Forecast, forecast_calls
from syncjobs.services import list_windows, plan_rules, say_not_offered, start_run
from syncjobs.streams import get_stream
from syncjobs.tasks import wake_workers

POLL_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 120  # what is due later than that is left to the workers
READ = (RunState.DONE, RunState.BUFFERED)


class SyncCommand(PlainCommand):
    """Pulls what changed of one resource in the last hours; the exit code is 1 if any shop failed."""

    resource: ClassVar[Resource]

    def add_arguments(self, parser: CommandParser) -> None:
        """Take which shops, which window, and whether to work here."""
        parser.add_argument(
            "--marketplace", choices=Marketplace.values, default="", help="only this marketplace's shops"
        )
        parser.add_argument("--shop", default="", help="only this shop: our id, or marketplace:external_id")
        if self.resource is Resource.ORDERS:
            parser.add_argument("--status", default="", choices=OrderStatus.values, help="only orders in this status")
        parser.add_argument("--hours", type=int, default=24, help="how far back, by time of change")
        parser.add_argument("--full", action="store_true", help="the full depth, as the nightly full sync reads it")
        parser.add_argument(
            "--incremental", action="store_true", help="from the shop's watermark, as the schedule does"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="show shops, windows, estimated calls and quotas; change nothing"
        )
        parser.add_argument("--force", action="store_true", help="also shops that are paused or need re-authorisation")
        parser.add_argument("--background", action="store_true", help="queue for the workers instead of running here")

    def run(self, options: dict[str, Any]) -> None:
        """Start the runs, work on them here or leave them to the workers, and sum them up."""
        options = {"status": "", **options}
        self._refuse_nonsense(options)
        self.options = options
        kind = FULL if options["full"] else INCREMENTAL if options["incremental"] else WINDOW
        self.selection = Selection(
            kind=kind, resource=self.resource, hours=options["hours"], status_filter=options["status"]
        )
        self.console = make_console(self.stdout)
        self.waiting: dict[int, str] = {}  # what a run waits for that is not waited for here
        self.stranded: set[int] = set()
        shops = self._find_shops()
        if options["dry_run"]:
            self._show_plan(shops)
            return
        runs = [run for shop in shops if (run := self._start(shop))]
        if options["background"]:
            wake_workers(run.pk for run in runs)
            queued = ", ".join(f"run {run.pk} ({run.shop.name})" for run in runs)
            self.stdout.write(f"Queued for the workers: {queued or 'nothing new'}.")
            return
        with stop_on_signals():
            self._work_here(runs)
            stopped = is_stopping()
        self._summarise([run.pk for run in runs], stopped)

    def _refuse_nonsense(self, options: dict[str, Any]) -> None:
        if not 1 <= options["hours"] <= 24 * 3660:
            raise CommandError(f"--hours {options['hours']} makes no window; give 1 to {24 * 3660:,} hours.")
        if options["full"] and options["incremental"]:
            raise CommandError("--full and --incremental exclude each other.")
        if options["incremental"] and options["status"]:
            raise CommandError("--incremental reads every status, else it would pass orders by. Leave out --status.")

    def _find_shops(self) -> list[Shop]:
        force = self.options["force"]
        if not self.options["shop"]:
            offering = list_offering(self.resource)
            listed = list_syncable_shops(self.options["marketplace"], force=force)
            shops = list(listed.filter(marketplace__in=offering))
            if not shops:
                raise CommandError("There is no shop to sync. Connect one with connect_shop, or see --force.")
            return shops
        shop = get_shop(self.options["shop"])
        if reason := say_not_offered(shop, self.resource):
            raise CommandError(reason)
        if shop.state != ShopState.ACTIVE and not force:
            raise CommandError(f"{shop} {shop.state_in_words}. {shop.state_reason} Use --force to try anyway.")
        return [shop]

    def _start(self, shop: Shop) -> Run | None:
        return start_run(
            shop,
            kind=self.selection.kind,
            resource=self.resource,
            trigger=Trigger.COMMAND,
            hours=self.selection.hours,
            status_filter=self.selection.status_filter,
            is_forced=self.options["force"],
        )

    def _show_plan(self, shops: list[Shop]) -> None:
        forecast = forecast_calls(
            shops,
            self.resource,
            list_windows(shops, self.selection),
            {shop.pk: plan_rules(self.resource, shop.marketplace).chunk for shop in shops},
            get_stream(self.resource).count_stored,
        )
        table = make_table(
            "Shop", "From (UTC)", "To (UTC)", "Chunks", "Estimated calls", title="Dry run: nothing is read or written"
        )
        for shop in shops:
            window, expected = forecast.windows[shop.pk], forecast.shops[shop.pk]
            moments = (window.start, window.end) if window else ()
            span = [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in moments] or ["–", "–"]
            calls = f"{expected.call_count} or more" if window else "0"
            table.add_row(str(shop), *span, str(expected.chunk_count), calls)
        self.console.print(table)
        self._show_quotas(forecast)

    def _show_quotas(self, forecast: Forecast) -> None:
        for app in forecast.apps:
            self.stdout.write(
                f"{app.name}: {app.call_count:,} calls or more; left of its quota now: {app.describe_left()}."
            )

    def _work_here(self, runs: list[Run]) -> None:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("chunks"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console, disable=not sys.stdout.isatty()) as progress:
            for run in runs:
                self._follow(run, progress)

    def _follow(self, run: Run, progress: Progress) -> None:
        """Work on a run, together with whoever else does, until it has ended or is better left to others."""
        total, shown, said = run.chunks.count(), -1, ""
        bar = progress.add_task(run.shop.name, total=total)
        while not is_stopping() and _is_open(run):
            worked: list[Chunk] = []
            work_on_run(run.pk, seconds=0, on_chunk=worked.append)
            ended = run.chunks.exclude(state__in=UNFINISHED_CHUNKS).count()
            progress.update(bar, completed=ended)
            if progress.disable and ended != shown:
                self.stdout.write(f"{run.shop.name}: {ended} of {say_count(total, 'chunk')}")
                shown = ended
            if worked or not _is_open(run):
                continue
            if self._is_left_to_others(run):
                return
            said = self._say_what_it_waits_for(run, said)
            leases.reap_lost_chunks()  # there may be neither beat nor worker to do so
            clock.sleep(POLL_SECONDS)

    def _say_what_it_waits_for(self, run: Run, said: str) -> str:
        """Say once, unless it was `said` already, why nothing happens for a while."""
        late = run.chunks.filter(state=ChunkState.DUE, due_at__gt=clock.now()).exclude(error="").order_by("due_at")
        chunk = late.first()
        if chunk is None:
            return said
        reason = f"{run.shop.name}: waits until {chunk.due_at:%H:%M:%S} UTC to try again. {chunk.error}"
        if reason != said:
            self.console.print(reason, soft_wrap=True, highlight=False)
        return reason

    def _is_left_to_others(self, run: Run) -> bool:
        """Whether waiting here makes no sense; notes what the run waits for."""
        shop = Shop.objects.get(pk=run.shop_id)
        if shop.state != ShopState.ACTIVE and not run.is_forced:
            self.stranded.add(run.pk)
            self.waiting[run.pk] = (
                f"The shop {shop.state_in_words} since it began. {shop.state_reason} "
                "What is left goes on when the shop is active again, or with --force."
            )
            return True
        chunks = run.chunks.filter(state__in=UNFINISHED_CHUNKS)
        first = chunks.order_by("due_at").first()
        if first is None or chunks.filter(state=ChunkState.RUNNING).exists():
            return False
        if (first.due_at - clock.now()).total_seconds() <= LONGEST_WAIT_SECONDS:
            return False
        reason = first.error or run.reason
        self.waiting[run.pk] = f"Postponed until {first.due_at:%Y-%m-%d %H:%M:%S} UTC; workers go on then. {reason}"
        return True

    def _summarise(self, run_ids: list[int], stopped: bool) -> None:
        runs = list(Run.objects.select_related("shop").filter(pk__in=run_ids).order_by("pk"))
        table = make_table(
            "Run", "Shop", "Result", "Read", "New", "Updated", "Unchanged", "Invalid", "Unreadable", "Calls", "Seconds"
        )
        for run in runs:
            seconds = (run.finished_at - run.created_at).total_seconds() if run.finished_at else 0
            numbers = (
                run.fetched_count, run.inserted_count, run.updated_count, run.unchanged_count, run.invalid_count,
                run.unreadable_count, run.call_count,
            )  # fmt: skip
            table.add_row(str(run.pk), run.shop.name, run.get_state_display(), *map(str, numbers), f"{seconds:.1f}")
        self.console.print(table if runs else "Nothing new since the last sync.")
        if stopped:
            raise CommandError(
                "Stopped. What was read is stored; the rest is due and goes on with the next worker.", returncode=130
            )
        for run in runs:
            if run.state != RunState.DONE:
                self.stderr.write(f"{run.shop}: {self.waiting.get(run.pk) or run.reason}")
        failed = [run for run in runs if run.pk in self.stranded or not self._is_fine(run)]
        if failed:
            raise CommandError(f"{len(failed)} of {say_count(len(runs), 'shop')} failed.")

    def _is_fine(self, run: Run) -> bool:
        return run.state in READ or run.pk in self.waiting


def _is_open(run: Run) -> bool:
    return Run.objects.filter(pk=run.pk, state=RunState.OPEN).exists()
