"""The demo's sync: start it through the workers, show how far it is, compare it with the truth."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandError, OutputWrapper
from django.db import DatabaseError, connection
from django.db.models import Sum
from kombu.exceptions import OperationalError as BrokerError
from rich.table import Table

from backoffice.common import clock
from backoffice.common.commands import make_console
from backoffice.management.demo.compare import Comparison, compare_shop, fetch_truth
from backoffice.management.demo.world import Control
from orders.models import Order
from shops.models import Shop
from shops.services import list_sandbox_shops
from syncjobs.leases import reap_lost_chunks
from syncjobs.models import Chunk, Run, RunKind, RunState, Trigger
from syncjobs.services import start_run
from syncjobs.tasks import wake_workers

SECONDS_AT_MOST = 3_600
POLL_SECONDS = 0.25
SECONDS_BETWEEN_LINES = 5  # where the output is a log
WAKE_AGAIN_SECONDS = 10  # a wake-up can be lost with its worker; the rows are the jobs


class DemoSync:
    """Syncs all sandbox shops through the workers."""

    def __init__(self, control: Control, out: OutputWrapper, keep_alive: Callable[[], None]) -> None:
        self.control = control
        self.keep_alive = keep_alive
        self.out = out
        self.began = clock.now()
        self.shown_at = clock.monotonic_seconds()
        self.shops = list(list_sandbox_shops().order_by("pk"))

    def catch_up(self) -> None:
        """Read everything that is there now."""
        self._sync_until(self.control.now())
        orders = Order.objects.filter(shop__in=self.shops).count()
        self.out.write(f"Synced: {orders} orders of {len(self.shops)} shops are here.")

    def sync_and_compare(self) -> bool:
        """Read everything, freeze the world, read the rest, compare; return whether all is equal."""
        started = clock.monotonic_seconds()
        self._sync_until(self.control.now())
        seconds, fetched = clock.monotonic_seconds() - started, self._sums()["fetched"]
        frozen = self.control.set_clock(mode="frozen")
        self._sync_until(frozen)
        self.out.write("Comparing every order and every line with the truth ...")
        results = {marketplace: Comparison() for marketplace in sorted({shop.marketplace for shop in self.shops})}
        for shop in self.shops:
            compare_shop(shop, fetch_truth(self.control.url, shop, frozen), results[shop.marketplace])
        self._print(results, seconds, fetched)
        return all(result.is_equal for result in results.values())

    def _sync_until(self, world_now: int) -> None:
        """Run incremental syncs until each shop has one that was planned after this moment and reaches beyond the goal.

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
                behind = self._list_behind(goal, since)
                if not behind:
                    return
                self._push(behind, woken_at)
                self._show_progress()
            except (DatabaseError, BrokerError):  # a server was killed and is being brought back
                connection.close()
            clock.sleep(POLL_SECONDS)
        raise CommandError(f"Not synced within {SECONDS_AT_MOST} s: {self._last_trouble()}")

    def _push(self, shops: list[Shop], woken_at: dict[int, float]) -> None:
        """See that each shop has an open run, and wake workers for it now and then."""
        for shop in shops:
            run = start_run(shop, kind=RunKind.INCREMENTAL, trigger=Trigger.COMMAND)
            if run and clock.monotonic_seconds() - woken_at.get(run.pk, float("-inf")) > WAKE_AGAIN_SECONDS:
                woken_at[run.pk] = clock.monotonic_seconds()
                reap_lost_chunks()
                wake_workers([run.pk])

    def _list_behind(self, goal: datetime, since: datetime) -> list[Shop]:
        """List the shops without such a run; windows are half-open, so one that ends at the goal is not enough."""
        runs = Run.objects.filter(
            kind=RunKind.INCREMENTAL, state=RunState.DONE, created_at__gte=since, window_end__gt=goal
        )
        reached = set(runs.values_list("shop_id", flat=True))
        return [shop for shop in self.shops if shop.pk not in reached]

    def _show_progress(self) -> None:
        interval = POLL_SECONDS if self.out.isatty() else SECONDS_BETWEEN_LINES
        if clock.monotonic_seconds() - self.shown_at >= interval:
            self.shown_at = clock.monotonic_seconds()
            self.out.write(f"  {self._sums()['fetched']} orders read", ending="\r" if self.out.isatty() else "\n")
            self.out.flush()

    def _sums(self) -> dict[str, Any]:
        chunks = Chunk.objects.filter(run__shop__in=self.shops, run__created_at__gte=self.began)
        sums = chunks.aggregate(fetched=Sum("fetched_count"), calls=Sum("call_count"))
        return {name: value or 0 for name, value in sums.items()}

    def _last_trouble(self) -> str:
        run = Run.objects.filter(shop__in=self.shops, state=RunState.FAILED).order_by("-pk").first()
        return run.reason if run else "no run has failed; see the worker's log"

    def _print(self, results: dict[str, Comparison], seconds: float, fetched: int) -> None:
        table = Table(title="What the marketplace has against what is here")
        for column in (
            "Marketplace",
            "There",
            "Here",
            "Missing",
            "Extra",
            "Different",
            "Seconds",
            "Orders/s",
            "Calls",
            "Least possible",
        ):
            table.add_column(column, justify="left" if column == "Marketplace" else "right")
        calls = self.control.calls()
        for marketplace, result in results.items():
            numbers = (result.there, result.here, result.missing, result.extra, result.different)
            totals = calls[marketplace]["total"]
            made = sum(totals[kind] for kind in ("ok", "refused", "throttled", "faulted"))
            table.add_row(
                marketplace, *map(str, numbers), f"{seconds:.1f}", f"{fetched / max(seconds, 0.001):,.0f}",
                str(made), str(totals["least_possible"]),
            )  # fmt: skip
        make_console(self.out).print(table)
        for result in results.values():
            for example in result.examples:
                self.out.write(f"  {example}")
