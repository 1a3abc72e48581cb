"""Handles the after-sales cases whose time has run out."""

import sys
from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from aftersales.models import SweepRun
from aftersales.timeouts import Handled, Outcome, Planned, list_planned, sweep
from aftersales.timeouts.finding import select_due
from aftersales.timeouts.sweeping import BATCH_SIZE, MAX_SECONDS
from backoffice.common import clock
from backoffice.common.commands import PlainCommand, make_console, make_table
from backoffice.common.plurals import say_count
from backoffice.common.stopping import is_stopping, stop_on_signals
from shops.queries import get_shop

BATCH_AT_MOST = 1_000  # locks are held no longer than a batch takes
DIGITS_AT_MOST = 9  # of a number: longer ones overflow clocks and queries
SHOWN_AT_MOST = 1_000  # rows of a table that somebody reads
WORDS = {
    Outcome.APPROVED: "approved",
    Outcome.CANCELLED: "closed",
    Outcome.RECEIVED: "taken as received",
    Outcome.ESCALATED: "escalated",
    Outcome.ALERTED: "alerted",
    Outcome.SKIPPED: "skipped",
    Outcome.FAILED: "failed",
}


def read_count(text: str) -> int:
    """Read a number of one or more, as large as anybody means it."""
    if not (text.isascii() and text.isdecimal() and len(text) <= DIGITS_AT_MOST) or int(text) < 1:
        raise ArgumentTypeError(f"{text[:50]!r} is no number between 1 and {10**DIGITS_AT_MOST - 1:,}")
    return int(text)


class Command(PlainCommand):
    help = (
        "Handle the after-sales cases whose time has run out, as the settings of their shops say. It may run any "
        "number of times, also at once. Exit code 1 if a case could not be handled; it is tried again later."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "-b", "--batch-size", type=read_count, default=BATCH_SIZE, help=f"cases in one transaction ({BATCH_SIZE})"
        )
        parser.add_argument("--limit", type=read_count, default=None, help="at most so many cases")
        parser.add_argument("--shop", default="", help="only this shop: our id, or marketplace:external_id; else all")
        parser.add_argument(
            "-d", "--dry-run", action="store_true", help="show what would happen; write nothing, call nobody"
        )
        parser.add_argument(
            "--max-seconds", type=read_count, default=MAX_SECONDS, help=f"then what is left waits ({MAX_SECONDS})"
        )

    def run(self, options: dict[str, Any]) -> None:
        if options["batch_size"] > BATCH_AT_MOST:
            raise CommandError(
                f"--batch-size {options['batch_size']} would lock too much; give {BATCH_AT_MOST} or less."
            )
        self.shop_id = get_shop(options["shop"]).pk if options["shop"] else None
        self.limit = options["limit"]
        self.console = make_console(self.stdout)
        if options["dry_run"]:
            self._show_planned(list_planned(shop_id=self.shop_id, limit=self.limit))
            return
        started = clock.monotonic_seconds()
        with stop_on_signals(), self._show_progress(options["verbosity"] > 1) as show:
            run = sweep(
                batch_size=options["batch_size"], limit=self.limit, shop_id=self.shop_id,
                max_seconds=options["max_seconds"], on_batch=show,
            )  # fmt: skip
            stopped = is_stopping()
        self._summarise(run, clock.monotonic_seconds() - started)
        if stopped:
            raise CommandError("Stopped. What is left waits for the next sweep.", returncode=130)
        if run.failed_count:
            raise CommandError(f"{say_count(run.failed_count, 'case')} could not be handled and will be tried again.")

    @contextmanager
    def _show_progress(self, is_wordy: bool) -> Iterator[Callable[[Sequence[Handled]], None]]:
        """Show a bar to who looks; with -v 2 a line for each case, and failed ones in any case."""
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("cases"), TimeElapsedColumn())
        is_seen = sys.stdout.isatty()
        total = select_due(clock.now(), shop_id=self.shop_id)[: self.limit].count() if is_seen else 0
        with Progress(*columns, console=self.console, disable=not is_seen) as progress:
            bar = progress.add_task("", total=total)

            def show(batch: Sequence[Handled]) -> None:
                progress.advance(bar, len(batch))
                for one in batch:
                    if is_wordy or one.outcome == Outcome.FAILED:
                        progress.console.print(_describe(one), soft_wrap=True)

            yield show

    def _summarise(self, run: SweepRun, seconds: float) -> None:
        counts = {word: getattr(run, f"{outcome}_count") for outcome, word in WORDS.items()}
        said = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
        self.stdout.write(
            f"Sweep {run.pk}: {say_count(run.examined_count, 'case')} in {seconds:.1f} s{': ' if said else ''}{said}."
        )
        if run.message:
            self.stdout.write(run.message)

    def _show_planned(self, planned: Iterator[Planned]) -> None:
        table = make_table(
            "Case", "Shop", "State", "Overdue since (UTC)", "Deadline", "Would", "Why",
            title="Dry run: nothing is written",
        )  # fmt: skip
        counts: Counter[str] = Counter()
        for one in planned:
            counts[one.outcome] += 1
            if counts.total() <= SHOWN_AT_MOST:
                case = one.case
                table.add_row(
                    case.number, case.shop.name, case.get_state_display(), f"{case.due_at:%Y-%m-%d %H:%M}", one.rule,
                    one.outcome, one.why,
                )  # fmt: skip
        if not counts:
            self.stdout.write("Dry run: no case is due.")
            return
        self.console.print(table)
        hidden = counts.total() - SHOWN_AT_MOST
        if hidden > 0:
            self.stdout.write(f"The table shows the first {SHOWN_AT_MOST:,} and leaves out {hidden:,}.")
        said = "; ".join(f"{outcome}: {count:,}" for outcome, count in counts.most_common())
        self.stdout.write(f"{say_count(counts.total(), 'case is', 'cases are')} due. {said}.")


def _describe(one: Handled) -> str:
    text = f": {one.text}" if one.text else ""
    return f"{one.case.number} (id {one.case.pk}), {one.case.get_state_display()}: {WORDS[one.outcome]}{text}"
