"""One run from its first process to its table: set up, storm, healing, comparison."""

import argparse
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command
from rich.console import Console
from rich.table import Table

from backoffice.common import clock
from backoffice.management.demo.compare import Comparison
from shops.choices import ShopState
from shops.connections import Postponed
from shops.marketplaces.records import Window
from shops.models import MarketplaceApp, Shop
from shops.services import list_sandbox_shops
from syncjobs.models import EnrichmentTask, FailedRecord
from syncjobs.services import start_backfill
from syncjobs.streams import STREAMS
from tests.chaos import aftermath, packages
from tests.chaos.crew import WORKERS, Crew
from tests.chaos.marketplace import FAULT_RATES, Marketplace, open_marketplace
from tests.chaos.schedule import DATABASE, KILL, REDIS, WAYS, Blow, plan_blows
from tests.chaos.servers import Servers
from tests.chaos.storm import NothingInHand, Storm
from tests.migrating import without_building_models_anew

# Of the seconds that the whole run may take. The rest is for setting up, healing and comparing.
SHARE_FOR_THE_STORM = 0.55
FEWEST_BLOWS_FOR_LONG_ABSENCES = 20
CALLS_A_MINUTE = 60_000  # never reached: it makes every call pass the limiter, and so Redis
LEAST_FAULT_SHARE = 0.05


class Drill:
    """Holds the parts of a run together."""

    def __init__(self, arguments: argparse.Namespace, *, lag_seconds: int) -> None:
        self.arguments = arguments
        self.lag_seconds = lag_seconds
        self.folder = Path(settings.VAR_DIR) / "chaos-logs"
        self.servers = Servers(settings.VAR_DIR)
        self.crew = Crew(self.folder)
        self.began_at = clock.monotonic_seconds()
        self.problems: list[str] = []
        self.facts: dict[str, object] = {}
        self.tally: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.calls = 0

    def run(self) -> int:
        """Run; whatever happens, nothing is left running."""
        try:
            self._run()
        except (aftermath.NotHealed, NothingInHand) as trouble:
            self.problems.append(str(trouble))
        finally:
            self.crew.end_all()
            self.facts["workers that outlived their parent to the end"] = self.crew.end_orphans()
            self.servers.stop()
        self._print()
        return 1 if self.problems else 0

    def _run(self) -> None:
        self.crew.end_leftovers()
        for log in self.folder.glob("*.log"):
            log.unlink()
        marketplace, storm = self._set_up()
        self._say("Ready; the storm begins.")
        marketplace.misbehave()
        blows = self._plan()
        try:
            storm.rage(blows, self._storm_seconds)
            while not all(marketplace.count_faults()[kind] for kind in FAULT_RATES) and self._seconds_left() > 0:
                storm.pass_time(1)  # a short run may have met few pages so far
        finally:
            self._take_facts(marketplace, storm, blows)
        self._say("The storm is over; healing.")
        self._authorise_again(marketplace)
        aftermath.call_the_roll(storm, self._seconds_left())
        self._say("Every process works again.")
        frozen = aftermath.heal(storm, marketplace, self._seconds_left())
        packages.wait_for_packages(storm, marketplace, frozen, self._seconds_left())
        self.facts["orders asked for their packages"] = EnrichmentTask.objects.count()
        self._say("All is read; comparing.")
        unclean = self.crew.dismiss()
        self.problems += [f"worker {name} did not end cleanly: {why}" for name, why in unclean.items()]
        self._judge(aftermath.compare(storm, marketplace, frozen), storm)

    def _set_up(self) -> tuple[Marketplace, Storm]:
        arguments = self.arguments
        self.servers.start_empty()
        with without_building_models_anew():
            call_command("migrate", verbosity=0)
        marketplace = open_marketplace(
            self.crew, seed=arguments.seed, orders=arguments.orders, shops=arguments.shops, days=arguments.days,
            lag=self.lag_seconds,
        )  # fmt: skip
        _connect(marketplace)
        MarketplaceApp.objects.update(shop_calls_per_minute=CALLS_A_MINUTE)
        self.crew.environment = self.servers.environment()
        for name in WORKERS:
            self.crew.start_worker(name)
        shops = list(list_sandbox_shops().order_by("pk"))
        resources = [resource for resource in STREAMS if resource not in arguments.without]
        storm = Storm(self.servers, self.crew, shops, resources, arguments.seed, self._say)
        marketplace.hurry(self._storm_seconds)
        window = Window(clock.now() - timedelta(days=arguments.days + 1), clock.now())
        start_backfill(shops, window, resources=resources)
        return marketplace, storm

    def _authorise_again(self, marketplace: Marketplace) -> None:
        """Connect shops anew, as a person must whose worker was killed while a refresh token was on its way.

        Shopee's are good once: whether it took the call nobody can know, so the shop is taken off the schedule.
        """
        dead = Shop.objects.filter(state=ShopState.NEEDS_REAUTHORISATION)
        if count := dead.count():
            self.tally["shops a person authorised again"] += count
            _connect(marketplace)
            self._say(f"  a person authorised {count} shop(s) again; {dead.count()} left")

    def _plan(self) -> list[Blow]:
        asked = self.arguments
        count = asked.kills + asked.database_restarts + asked.redis_restarts
        return plan_blows(
            asked.seed, kills=asked.kills, database_restarts=asked.database_restarts,
            redis_restarts=asked.redis_restarts, is_long=count >= FEWEST_BLOWS_FOR_LONG_ABSENCES,
        )  # fmt: skip

    def _take_facts(self, marketplace: Marketplace, storm: Storm, blows: list[Blow]) -> None:
        self.tally, self.calls = storm.tally, marketplace.count_calls()
        self.faults = struck = marketplace.behave()
        if struck.total() < LEAST_FAULT_SHARE * self.calls:
            self.problems.append(f"Only {struck.total()} faults struck {self.calls} calls; 5 % are promised.")
        self.problems += [f"No fault {kind} struck." for kind in FAULT_RATES if not struck[kind]]

    def _judge(self, results: dict[str, Comparison], storm: Storm) -> None:
        for kind, result in results.items():
            self.facts |= {f"{kind} there": result.there, f"{kind} here": result.here}
            self.problems += [] if result.is_equal else result.examples
        self.facts |= {
            "missing": sum(result.missing for result in results.values()),
            "extra": sum(result.extra for result in results.values()),
            "different": sum(result.different for result in results.values()),
            "tries of chunks that were lost": aftermath.count_lost_tries(),
            "batches that were kept in files and stored later": aftermath.count_replayed(),
            "records that could not be read": FailedRecord.objects.count(),
        }
        self.problems += aftermath.find_faults(storm.shops)

    def _print(self) -> None:
        table = Table("What", "How often", title="Survived" if not self.problems else "NOT survived")
        for name, value in self._rows():
            table.add_row(name, str(value))
        Console(width=100).print(table)
        for problem in self.problems:
            print(f"  {problem}")
        print(f"Logs: {self.folder}\nAgain: {self._command()}")

    def _rows(self) -> list[tuple[str, object]]:
        tally, faults, calls = self.tally, self.faults, self.calls
        rows: list[tuple[str, object]] = []
        for target, title in ((KILL, "kills -9"), (DATABASE, "database restarts"), (REDIS, "Redis restarts")):
            ways = {way: tally[f"{target}: {way}"] for way in WAYS[target]}
            rows.append((title, f"{sum(ways.values())} ({', '.join(f'{way} {n}' for way, n in ways.items())})"))
        rows += [(name, count) for name, count in sorted(tally.items()) if count and not name.startswith(tuple(WAYS))]
        rows.append(("faults struck", f"{faults.total()} in {calls} calls ({faults.total() / max(calls, 1):.1%})"))
        rows += [(f"  {kind}", count) for kind, count in sorted(faults.items())]
        return [*rows, *self.facts.items(), ("seconds", f"{self._seconds():.0f}"), ("seed", self.arguments.seed)]

    def _command(self) -> str:
        options = [
            f"--{name.replace('_', '-')} {' '.join(value) if isinstance(value, list) else value}"
            for name, value in vars(self.arguments).items()
            if value
        ]
        return f'make chaos ARGS="{" ".join(options)}"'

    @property
    def _storm_seconds(self) -> float:
        return float(self.arguments.seconds_of_storm or self.arguments.seconds_at_most * SHARE_FOR_THE_STORM)

    def _seconds(self) -> float:
        return clock.monotonic_seconds() - self.began_at

    def _seconds_left(self) -> float:
        return float(self.arguments.seconds_at_most) - self._seconds()

    def _say(self, text: str) -> None:
        print(f"{self._seconds():4.0f} s  {text}", flush=True)


def _connect(marketplace: Marketplace) -> None:
    """Connect the shops; where the workers have used up their calls for a moment, do as the command says and wait."""
    while True:
        try:
            with Path("/dev/null").open("w", encoding="utf-8") as nowhere:
                call_command("connect_sandbox", control=marketplace.url, stdout=nowhere)
            return
        except CommandError as error:
            if not isinstance(error.__cause__, Postponed):
                raise
            time.sleep(error.__cause__.seconds)
