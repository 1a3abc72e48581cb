"""Deletes what is older than it is to be kept, or shows what would go."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from backoffice.common.commands import PlainCommand, make_console, make_table
from backoffice.common.stopping import is_stopping, stop_on_signals
from syncjobs.services import count_old_rows, prune
from syncjobs.services.retention import COUNTED_AT_MOST


class Command(PlainCommand):
    help = (
        "Delete history that is older than the settings RETENTION_... say. Open work and newest payloads always stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="show what would go; delete nothing")
        parser.add_argument(
            "--recent",
            action="store_true",
            help="of payloads only what became old in the last days, as each night",
        )
        parser.add_argument("--seconds", type=int, default=86_400, help="stop after so long; the next one goes on")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")

    def run(self, options: dict[str, Any]) -> None:
        if options["seconds"] < 0:
            raise CommandError(f"--seconds {options['seconds']} makes no sense; give 0 or more.")
        old = count_old_rows()
        if options["dry_run"]:
            self._show({name: count for name, (_, count) in old.items()}, old, "Would go", options)
            return
        with stop_on_signals():
            pruned = prune(seconds=options["seconds"], is_thorough=not options["recent"])
            was_stopped = is_stopping()
        self._show(pruned.counts, old, "Deleted", options)
        if not pruned.is_finished:
            raise CommandError(
                "Stopped before the end. What is left goes with the next one.", returncode=130 if was_stopped else 1
            )

    def _show(
        self, counts: dict[str, int], old: dict[str, tuple[int, int]], title: str, options: dict[str, Any]
    ) -> None:
        if options["json"]:
            self.stdout.write(json.dumps({name: counts.get(name, 0) for name in old}))
            return
        table = make_table("What", "Kept for", title)
        for name, (days, _) in old.items():
            count = counts.get(name, 0)
            shown = f"{count:,}" if count <= COUNTED_AT_MOST or title == "Deleted" else f"{COUNTED_AT_MOST:,}+"
            table.add_row(name.replace("_", " "), f"{days} days" if days else "ever", shown if days else "–")
        make_console(self.stdout).print(table)
