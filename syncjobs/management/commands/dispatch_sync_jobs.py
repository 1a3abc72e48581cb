"""Starts the incremental runs of all shops that are due and wakes the workers."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from backoffice.common.commands import PlainCommand
from backoffice.common.plurals import say_count
from shops.choices import Marketplace, ShopState
from shops.models import Shop
from syncjobs.services import Started, dispatch
from syncjobs.tasks import wake_workers

NAMES_AT_MOST = 5


class Command(PlainCommand):
    help = (
        "Start an incremental run for every shop that is due (active, with a credential, none under way) and wake the "
        "workers. The shop that was synced longest ago comes first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--priority", action="store_true", help="ahead of the schedule's own work (lane and queue high)"
        )
        parser.add_argument(
            "--batch-size", type=int, default=5, help="shops of a batch; they begin SYNC_DISPATCH_SPACING_SECONDS apart"
        )
        parser.add_argument("--delay", type=float, default=0, help="seconds from one batch to the next")
        parser.add_argument(
            "--marketplace", choices=Marketplace.values, default="", help="only this marketplace's shops"
        )

    def run(self, options: dict[str, Any]) -> None:
        if options["batch_size"] < 1:
            raise CommandError(f"--batch-size {options['batch_size']} makes no batch; give 1 or more shops.")
        if not 0 <= options["delay"] <= 86_400:
            raise CommandError(f"--delay {options['delay']:g} makes no sense; give 0 to 86,400 seconds.")
        started = dispatch(
            is_priority=options["priority"],
            batch_size=options["batch_size"],
            delay_seconds=options["delay"],
            marketplace=options["marketplace"],
        )
        self.stdout.write(_sum_up(started))
        for line in _say_left_out(started, options["marketplace"]):
            self.stdout.write(line)
        wake_workers()


def _sum_up(started: Started) -> str:
    if not started.run_ids and not started.under_way_count:
        return "No shop is due: none is active with a credential, or all is read."
    said = [f"Started {say_count(len(started.run_ids), 'run')}."]
    if started.postponed_count:
        said.append(f"{started.postponed_count} of them wait until their shop's last run is long enough ago.")
    if started.under_way_count:
        said.append(f"{say_count(started.under_way_count, 'shop')} had one under way already.")
    return " ".join(said)


def _say_left_out(started: Started, marketplace: str) -> list[str]:
    lines = []
    for state, count in sorted(started.left_out.items()):
        label = "no credential" if state == "no_credential" else ShopState(state).label.lower()
        names = ""
        if state == ShopState.NEEDS_REAUTHORISATION:
            shops = Shop.objects.filter(state=state).order_by("name")
            found = (shops.filter(marketplace=marketplace) if marketplace else shops)[:NAMES_AT_MOST]
            more = f" and {count - NAMES_AT_MOST} more" if count > NAMES_AT_MOST else ""
            names = f": {', '.join(map(str, found))}{more}. Connect them again"
        lines.append(f"Left out, {label}: {say_count(count, 'shop')}{names}.")
    return lines
