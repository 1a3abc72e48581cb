"""Reads years of history: here with progress, together with all workers, or in the background."""

from datetime import date
from typing import Any

import orjson
from django.core.management.base import CommandError, CommandParser
from kombu.exceptions import OperationalError as BrokerError

from backoffice.common import clock
from backoffice.common.commands import PlainCommand, make_console, read_day
from backoffice.common.plurals import say_count
from backoffice.common.stopping import is_stopping, stop_on_signals
from shops.choices import Marketplace, ShopState
from shops.models import Shop
from shops.queries import get_shop, list_syncable_shops
from syncjobs import services
from syncjobs.management.backfill_display import ProgressDisplay, show_summary
from syncjobs.management.backfill_work import BackfillWork
from syncjobs.models import Backfill, BackfillState
from syncjobs.queries import summarise_backfill
from syncjobs.services import StartedBackfill
from syncjobs.streams import STREAMS
from syncjobs.tasks import wake_workers

CHANGES = {
    "stop": services.stop_backfill,
    "continue": services.continue_backfill,
    "retry_failed": services.retry_failed_days,
}

DONE = {
    "stop": "is stopped: {runs} of shops",
    "continue": "goes on: {runs} of shops",
    "retry_failed": "goes on: failed chunks that are due again: {count}",
}


class Command(PlainCommand):
    help = (
        "Read years of history in chunks of days. Works here and wakes the workers; Ctrl-C stops this process alone, "
        "and the same command goes on. Exit code 1 if any day failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--shop", help="this shop: our id, or marketplace:external_id")
        what.add_argument("--marketplace", choices=Marketplace.values, help="all active shops of this marketplace")
        what.add_argument("--all", action="store_true", help="all active shops")
        what.add_argument("--status", type=int, metavar="ID", help="how far this backfill is")
        what.add_argument("--stop", type=int, metavar="ID", help="read no further days; those in work are finished")
        what.add_argument("--continue", type=int, metavar="ID", help="go on with a stopped backfill")
        what.add_argument("--retry-failed", type=int, metavar="ID", help="read the failed days again, and only those")
        parser.add_argument("--from", type=read_day, metavar="DAY", help="first day, like 2024-01-31")
        parser.add_argument("--to", type=read_day, metavar="DAY", help="last day, included; up to now unless given")
        parser.add_argument("--chunk-days", type=int, default=1, help="days in one chunk (1)")
        parser.add_argument("--resources", nargs="+", choices=list(STREAMS), default=list(STREAMS), help="all")
        parser.add_argument("--background", action="store_true", help="leave it to the workers")
        parser.add_argument("--json", action="store_true", help="the summary for programs, and no progress")

    def run(self, options: dict[str, Any]) -> None:
        self.options = options
        if options["status"] is not None:
            self._summarise(self._get(options["status"]))
            return
        change = next((name for name in CHANGES if options[name] is not None), None)
        backfill = self._change(change) if change else self._start()
        if change == "stop":
            return
        self._wake(backfill)
        if options["background"]:
            self._tell(f"Backfill {backfill.pk} is queued for the workers. See how far it is: --status {backfill.pk}")
            if options["json"]:
                self._summarise(backfill)
            return
        self._work_here(backfill)

    def _change(self, name: str) -> Backfill:
        backfill = self._get(self.options[name])
        count = CHANGES[name](backfill, f"Asked for by the command: {name.replace('_', ' ')}.")
        self._tell(f"Backfill {backfill.pk} {DONE[name].format(count=f'{count:,}', runs=say_count(count, 'run'))}.")
        return backfill

    def _get(self, backfill_id: int) -> Backfill:
        services.close_ended_backfills()
        backfill = Backfill.objects.filter(pk=backfill_id).first() if 0 < backfill_id < 2**63 else None
        if backfill is None:
            known = ", ".join(map(str, Backfill.objects.order_by("-pk").values_list("pk", flat=True)[:10]))
            raise CommandError(f"There is no backfill {backfill_id}. The newest: {known or 'none yet'}.")
        return backfill

    def _start(self) -> Backfill:
        """Write a backfill, or find the one that the same command began."""
        asked = {"chunk_days": self.options["chunk_days"], "resources": self.options["resources"]}
        if self.options["from"] is None:
            raise CommandError("From which day on? Give --from, like --from 2024-01-31.")
        window = services.plan_backfill_window(self.options["from"], self.options["to"] or _latest_day())
        shops = self._find_shops()
        same = services.find_same_backfill(window, **asked)
        started = self._take_up(same, shops) if same else services.start_backfill(shops, window, **asked)
        backfill = started.backfill
        span = f"{backfill.window_start:%Y-%m-%d %H:%M} to {backfill.window_end:%Y-%m-%d %H:%M} UTC"
        if started.opened_count:
            self._tell(f"Backfill {backfill.pk}: {span}, {say_count(started.opened_count, 'run')} of shops opened.")
        if started.lacking_in_words:
            self._tell(started.lacking_in_words)
        if same is None and started.known_in_words:
            self._tell(started.known_in_words)
        if started.opened_count and started.needs_backup:
            self._tell("More than 30 days are written: is there a fresh backup of the database?")
        return backfill

    def _take_up(self, backfill: Backfill, shops: Any) -> StartedBackfill:
        started = services.add_shops(backfill, shops)
        if backfill.state == BackfillState.STOPPED:
            services.continue_backfill(backfill, "Taken up again by the command.")
        self._tell(f"Backfill {backfill.pk} was begun before and goes on.")
        return started

    def _find_shops(self) -> Any:
        if not self.options["shop"]:
            shops = list_syncable_shops(self.options["marketplace"] or "")
            if not shops.exists():
                raise CommandError("There is no active shop to read. Connect one with connect_shop.")
            return shops.iterator(chunk_size=500)
        shop: Shop = get_shop(self.options["shop"])
        if shop.state != ShopState.ACTIVE:
            raise CommandError(f"{shop} {shop.state_in_words}. {shop.state_reason}")
        return [shop]

    def _wake(self, backfill: Backfill) -> None:
        try:
            wake_workers(backfill.runs.values_list("pk", flat=True))
        except BrokerError:
            self.stderr.write("The broker (Redis) does not answer; workers will see the work when it is back.")

    def _work_here(self, backfill: Backfill) -> None:
        work = BackfillWork(backfill)
        with stop_on_signals(), ProgressDisplay(backfill, self.stdout, is_silent=self.options["json"]) as display:
            work.work_until_ended(display.renew)
            stopped = is_stopping()
        backfill.refresh_from_db()
        self._summarise(backfill, is_stopped_here=stopped)

    def _summarise(self, backfill: Backfill, *, is_stopped_here: bool = False) -> None:
        summary = summarise_backfill(backfill)
        if self.options["json"]:
            self.stdout.write(orjson.dumps(summary, option=orjson.OPT_INDENT_2).decode())
        else:
            show_summary(summary, make_console(self.stdout))
        days = summary["days"]
        if is_stopped_here:
            raise CommandError(
                f"Stopped here. What was read is stored. Give the same command to go on, or --continue {backfill.pk}; "
                f"workers go on by themselves unless you give --stop {backfill.pk}.",
                returncode=130,
            )
        if days["failed"]:
            raise CommandError(
                f"{days['failed']} of {say_count(days['total'], 'day')} failed. Read them again: "
                f"--retry-failed {backfill.pk}"
            )
        if days["waiting"] and self.options["status"] is None and not self.options["background"]:
            unread = say_count(days["waiting"], "day is", "days are")
            raise CommandError(f"{unread} not read: the backfill was stopped, or shops are not active any more.")

    def _tell(self, sentence: str) -> None:
        """Say something to people; programs read standard output."""
        (self.stderr if self.options["json"] else self.stdout).write(sentence)


def _latest_day() -> date:
    """Return tomorrow's date in UTC: nowhere has a later day begun, and the window ends at now anyway."""
    return date.fromordinal(clock.now().date().toordinal() + 1)
