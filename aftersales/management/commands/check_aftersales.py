"""Says for monitoring systems how the after-sales cases are doing."""

import sys
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import orjson
from django.core.management.base import CommandParser

from aftersales.queries.check import DayFigures, Figures, Level, judge, list_days, load_figures
from backoffice.common.commands import PlainCommand, make_console, make_table
from backoffice.common.plurals import say_count

EXIT_CODES = {Level.OK: 0, Level.WARNING: 1, Level.CRITICAL: 2}


class Command(PlainCommand):
    help = (
        "Say in one line how the after-sales cases are doing: OK, WARNING or CRITICAL, with figures. Exit code 0, 1 or "
        "2. With -v 2 also the last seven days."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print everything as JSON")

    def run(self, options: dict[str, Any]) -> None:
        figures = load_figures()
        level, problems = judge(figures)
        if options["json"]:
            self._print_json(figures, level, problems)
        else:
            wrong = f" {'; '.join(problems)}." if problems else ""
            self.stdout.write(f"{level} -{wrong} {_describe(figures)}")  # the level is a word by itself
            if options["verbosity"] > 1:
                self._show_days(list_days())
        if EXIT_CODES[level]:
            sys.exit(EXIT_CODES[level])

    def _print_json(self, figures: Figures, level: Level, problems: list[str]) -> None:
        days = [{**asdict(one), "rate": round(one.rate, 1)} for one in list_days()]
        facts = asdict(figures)
        facts |= {f"{name}_seconds": facts.pop(name) for name in ("since_last_sweep", "mean_handling")}
        told = {
            "level": level, "problems": problems, **facts, "error_count": figures.error_count,
            "success_rate": round(figures.success_rate, 1), "days": days,
        }  # fmt: skip
        self.stdout.write(orjson.dumps(told, option=orjson.OPT_INDENT_2, default=_as_seconds).decode())

    def _show_days(self, days: list[DayFigures]) -> None:
        table = make_table("Made on", "Total", "Ended", "Rate")
        for one in days:
            table.add_row(one.day.isoformat(), f"{one.total:,}", f"{one.ended:,}", f"{one.rate:.1f} %")
        make_console(self.stdout).print(table)


def _describe(figures: Figures) -> str:
    since = figures.since_last_sweep
    parts = [
        f"{figures.overdue_count:,} overdue",
        say_count(figures.error_count, "error"),
        f"{figures.countdown_without_deadline_count:,} without deadline",
        f"{figures.stale_count:,} waiting too long",
        f"swept in 24 h: {figures.swept_count:,} ({figures.success_rate:.1f} % handled)",
        f"last sweep: {_say(since)} ago" if since is not None else "last sweep: none",
        f"mean handling time: {_say(figures.mean_handling)}",
    ]
    if figures.killed_sweep_count:
        parts.append(f"{say_count(figures.killed_sweep_count, 'sweep')} did not end")
    return ", ".join(parts)


def _say(duration: timedelta | None) -> str:
    if duration is None:
        return "none"
    seconds = duration.total_seconds()
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3_600:.1f} h"


def _as_seconds(value: object) -> float:
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError
