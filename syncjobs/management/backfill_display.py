"""How a backfill looks in a terminal: a bar that moves, or lines where nobody looks; and the summary at its end."""

from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from backoffice.common import clock
from backoffice.common.admin.times import describe_span
from backoffice.common.commands import make_console, make_table
from backoffice.common.plurals import say_count
from syncjobs.models import Backfill
from syncjobs.queries import read_backfill_progress, read_outlook
from syncjobs.queries.summary import name_count

SECONDS_BETWEEN_LOOKS = 1  # a look counts all chunks
SECONDS_BETWEEN_LINES = 10
PROBLEM_DAYS_SHOWN = 20


class ProgressDisplay:
    """Shows how far a backfill is, as often as it is told to look, but not more often than makes sense."""

    def __init__(self, backfill: Backfill, out: OutputWrapper, *, is_silent: bool) -> None:
        self.backfill = backfill
        self.out = out
        self.is_silent = is_silent
        self.has_bar = out.isatty() and not is_silent
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("chunks, {task.description}"), TimeElapsedColumn())
        self.progress = Progress(*columns, console=make_console(out), disable=not self.has_bar)
        self.bar = self.progress.add_task("", total=None)
        self.look_at = clock.monotonic_seconds()

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()

    def renew(self) -> None:
        """Look, if the last look is long enough ago."""
        now = clock.monotonic_seconds()
        if self.is_silent or now < self.look_at:
            return
        self.look_at = now + (SECONDS_BETWEEN_LOOKS if self.has_bar else SECONDS_BETWEEN_LINES)
        far = read_backfill_progress(self.backfill)
        words = [f"{say_count(far.sums['fetched_count'], 'row')} read", f"{far.orders_a_second:,.0f} a second"]
        if far.seconds_left:
            words.append(f"about {describe_span(timedelta(seconds=far.seconds_left))} left")
        outlook = read_outlook(far.apps)
        if outlook and outlook[0].done_by > clock.now():
            words.append(f"at this quota done by {outlook[0].done_by:%Y-%m-%d %H:%M} UTC")
        if self.has_bar:
            self.progress.update(self.bar, completed=far.ended, total=far.total, description=", ".join(words))
        else:
            self.out.write(f"{far.ended} of {say_count(far.total, 'chunk')}, {', '.join(words)}")


def show_summary(summary: dict[str, Any], console: Console) -> None:
    """Print the tables of a summary."""
    window = f"{summary['window_start']:%Y-%m-%d %H:%M} to {summary['window_end']:%Y-%m-%d %H:%M} UTC"
    title = f"Backfill {summary['id']}: {summary['state']}, {window}"
    console.print(_table(title, summary["days"], "days"))
    console.print(_table("", summary["chunks"], "chunks"))
    counts = summary["counts"]
    if counts:
        names = list(next(iter(counts.values())))
        table = make_table("Counts", *counts)  # a line for each count: side by side they are wider than a terminal
        for name in names:
            table.add_row(name_count(name), *(f"{values[name]:,}" for values in counts.values()))
        console.print(table)
    _show_problems(summary["problem_days"], console)


def _table(title: str, values: dict[str, int], of_what: str) -> Table:
    table = make_table(of_what.capitalize(), *map(name_count, values), title=title or None)
    table.add_row("", *(f"{value:,}" for value in values.values()))
    return table


def _show_problems(problems: list[dict[str, Any]], console: Console) -> None:
    if not problems:
        return
    table = make_table("Day", "Shop", "Resource", "State", "At (UTC)", "Reason", title="Problem days")
    for one in problems[:PROBLEM_DAYS_SHOWN]:
        at = f"{one['at']:%Y-%m-%d %H:%M:%S}" if one["at"] else ""
        table.add_row(one["day"], one["shop_name"], one["resource"], one["state"], at, one["reason"])
    console.print(table)
    if len(problems) > PROBLEM_DAYS_SHOWN:
        console.print(f"... and {len(problems) - PROBLEM_DAYS_SHOWN} more: --json lists up to a thousand.")
