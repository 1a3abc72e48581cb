"""Asks for the package numbers of orders that came without, until it is stopped."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from backoffice.common.commands import PlainCommand
from backoffice.common.plurals import say_count
from backoffice.common.stopping import is_stopping, stop_on_signals
from syncjobs.enrichment import EnrichmentWorker, Progress


class Command(PlainCommand):
    help = (
        "Ask for the package numbers of orders that came without, batch after batch. Several can run side by side, on "
        "any host; the schedule does the same work where none runs. Ctrl-C or SIGTERM ends it after the call in hand."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end where nothing is due, instead of waiting for more")
        parser.add_argument("--max-tasks", type=int, default=None, help="end after about so many orders")

    def run(self, options: dict[str, Any]) -> None:
        if options["max_tasks"] is not None and options["max_tasks"] < 1:
            raise CommandError(f"--max-tasks {options['max_tasks']} leaves nothing to do; give 1 or more.")
        if not options["once"]:
            self.stdout.write(
                f"Waiting for orders without package number; looks every {settings.ENRICHMENT_POLL_SECONDS} s. "
                "Ctrl-C ends it."
            )
        with stop_on_signals():
            worker = EnrichmentWorker(on_batch=self._show)
            done = worker.work(most_tasks=options["max_tasks"], waits=not options["once"])
            was_stopped = is_stopping()
        if not done.count:
            self.stdout.write("Stopped; no order was due." if was_stopped else "No order is due for a package number.")
            return
        self.stdout.write(f"{'Stopped' if was_stopped else 'Done'}: {self._say(done)}.")

    def _show(self, done: Progress) -> None:
        self.stdout.write(f"  {self._say(done)}")
        self.stdout.flush()

    def _say(self, done: Progress) -> str:
        said = [f"package numbers found for {done.completed:,} of {say_count(done.count, 'order')}"]
        if done.waiting:
            said.append(say_count(done.waiting, "waits for another try", "wait for another try"))
        if done.failed:
            said.append(f"{done.failed:,} failed")
        return ", ".join(said)
