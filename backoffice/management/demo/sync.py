"""The demo's sync: start it through the workers, show how far it is, compare it with the truth."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from django.core.management import call_command
from django.core.management.base import CommandError, OutputWrapper
from django.db import DatabaseError, connection
from django.db.models import Sum
from kombu.exceptions import OperationalError as BrokerError

from backoffice.common import clock
from backoffice.management.demo.compare import Comparison, compare_shop
from backoffice.management.demo.result import Results, list_wasteful, print_results
from backoffice.management.demo.truths import list_kinds
from backoffice.management.demo.world import Control
from shops.choices import ShopState
from shops.marketplaces.registry import find_capability
from shops.models import Shop
from shops.services import list_sandbox_shops
from syncjobs.leases import reap_lost_chunks
from syncjobs.models import Chunk, Run, RunKind, RunState, Trigger
from syncjobs.services import start_run
from syncjobs.streams import STREAMS
from syncjobs.tasks import wake_workers

SECONDS_AT_MOST = 3_600
POLL_SECONDS = 0.5
SECONDS_BETWEEN_LINES = 5  # where the output is a log
WAKE_AGAIN_SECONDS = 10  # a wake-up can be lost with its worker; the rows are the jobs

# One resource of one shop.
Part = tuple[Shop, str]


class DemoSync:
    """Syncs everything of all sandbox shops through the workers."""

    def __init__(self, control: Control, out: OutputWrapper, keep_alive: Callable[[], None]) -> None:
        self.control = control
        self.keep_alive = keep_alive
        self.out = out
        self.began = clock.now()
        self.shown_at = clock.monotonic_seconds()
        self.shops = list(list_sandbox_shops().order_by("pk"))
        self.parts: list[Part] = [
            (shop, resource)
            for resource in STREAMS
            for shop in self.shops
            if find_capability(shop.marketplace, resource)
        ]

    def catch_up(self) -> None:
        """Read everything that is there now."""
        self._sync_until(self.control.now())
        stored = (
            f"{stream.rows().filter(shop__in=self.shops).count()} {resource}" for resource, stream in STREAMS.items()
        )
        self.out.write(f"Synced: {', '.join(stored)} of {len(self.shops)} shops are here.")

    def sync_and_compare(self, *, with_faults: bool = False) -> bool:
        """Read everything, freeze the world, read the rest, compare; return whether all is equal."""
        started = clock.monotonic_seconds()
        self._sync_until(self.control.now())
        seconds, fetched = clock.monotonic_seconds() - started, sum(self._list_fetched().values())
        frozen = self.control.set_clock(mode="frozen")
        self._sync_until(frozen)
        if with_faults:
            self.control.switch_off_faults()
            self.out.write("Faults switched off. Full syncs as in every night find what lists without a total hid ...")
            self._sync_until(frozen, RunKind.FULL)
        self.out.write("Comparing every record with the truth ...")
        results = self._compare(frozen)
        calls = self.control.calls()
        print_results(self.out, results, calls)
        self.out.write(f"Read {fetched:,} rows in {seconds:.1f} s, {fetched / max(seconds, 0.001):,.0f} a second.")
        for line in () if with_faults else list_wasteful(calls):
            self.out.write(f"  {line}")
        for result in results.values():
            for example in result.examples:
                self.out.write(f"  {example}")
        return all(result.is_equal for result in results.values())

    def _compare(self, as_of: int) -> Results:
        results: Results = {}
        for shop in self.shops:
            for kind in list_kinds(shop.marketplace):
                result = results.setdefault((shop.marketplace, kind), Comparison())
                compare_shop(self.control.url, shop, kind, as_of, result)
        return results

    def _sync_until(self, world_now: int, kind: RunKind = RunKind.INCREMENTAL) -> None:
        """Run syncs until each part has one that was planned after this moment and reaches beyond the goal.

        A run that failed is planned again from its watermark; what it could not read is part of the next one. A run
        that was planned before does not count: the world went on while it was read.
        """
        since = clock.now()
        goal = datetime.fromtimestamp(world_now, UTC)
        give_up_at = clock.monotonic_seconds() + SECONDS_AT_MOST
        woken_at: dict[int, float] = {}
        while clock.monotonic_seconds() < give_up_at:
            try:
                self.keep_alive()
                behind = self._list_behind(goal, since, kind)
                if not behind:
                    return
                self._authorise_again()
                self._push(behind, kind, woken_at)
                self._show_progress()
            except (DatabaseError, BrokerError):  # a server was killed and is being brought back
                connection.close()
            clock.sleep(POLL_SECONDS)
        raise CommandError(f"Not synced within {SECONDS_AT_MOST} s: {self._last_trouble()}")

    def _authorise_again(self) -> None:
        """Do what sellers do where an authorisation is lost: a fault may cut off what a token was exchanged for.

        No sync can heal that where a token of renewal is good once.
        """
        lost = list_sandbox_shops().filter(state=ShopState.NEEDS_REAUTHORISATION)
        for marketplace in sorted(set(lost.values_list("marketplace", flat=True))):
            self.out.write(f"  An authorisation at {marketplace} is lost; its seller lets the app in again.")
            call_command("connect_sandbox", control=self.control.url, marketplace=[marketplace], stdout=self.out)

    def _push(self, parts: Sequence[Part], kind: RunKind, woken_at: dict[int, float]) -> None:
        """See that each part has an open run, and wake workers for it now and then."""
        to_wake = []
        for shop, resource in parts:
            run = start_run(shop, kind=kind, trigger=Trigger.COMMAND, resource=resource)
            if run and clock.monotonic_seconds() - woken_at.get(run.pk, float("-inf")) > WAKE_AGAIN_SECONDS:
                woken_at[run.pk] = clock.monotonic_seconds()
                to_wake.append(run.pk)
        if to_wake:
            reap_lost_chunks()
            wake_workers(to_wake)

    def _list_behind(self, goal: datetime, since: datetime, kind: RunKind) -> list[Part]:
        """List the parts without such a run; windows are half-open, so one that ends at the goal is not enough."""
        runs = Run.objects.filter(kind=kind, state=RunState.DONE, created_at__gte=since, window_end__gt=goal)
        reached = set(runs.values_list("shop_id", "resource"))
        return [(shop, resource) for shop, resource in self.parts if (shop.pk, resource) not in reached]

    def _show_progress(self) -> None:
        interval = POLL_SECONDS if self.out.isatty() else SECONDS_BETWEEN_LINES
        if clock.monotonic_seconds() - self.shown_at >= interval:
            self.shown_at = clock.monotonic_seconds()
            fetched = ", ".join(f"{count} {resource}" for resource, count in self._list_fetched().items())
            self.out.write(f"  read: {fetched or 'nothing yet'}", ending="\r" if self.out.isatty() else "\n")
            self.out.flush()

    def _list_fetched(self) -> dict[str, int]:
        chunks = Chunk.objects.filter(run__shop__in=self.shops, run__created_at__gte=self.began)
        sums = dict(chunks.values_list("run__resource").annotate(Sum("fetched_count")).order_by())
        return {resource: sums[resource] for resource in STREAMS if sums.get(resource)}

    def _last_trouble(self) -> str:
        run = Run.objects.filter(shop__in=self.shops, state=RunState.FAILED).order_by("-pk").first()
        return f"{run.resource}: {run.reason}" if run else "no run has failed; see the worker's log"
