"""Strikes blow after blow while work is in hand, and does meanwhile what the schedule would do, only faster."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from celery import current_app
from django.db import InterfaceError, OperationalError, connection
from django.db.models import Count
from kombu.exceptions import OperationalError as BrokerError

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from backoffice.periodic_tasks import ENTRIES, Entry
from shops.marketplaces.records import Window
from shops.marketplaces.registry import find_capability
from shops.models import Shop
from syncjobs.models import Chunk, ChunkState, RunKind, Trigger
from syncjobs.queries import may_go_on
from syncjobs.services import start_backfill, start_run
from syncjobs.tasks import LANES_OF_QUEUE, wake_workers
from tests.chaos.crew import WORKERS, Crew, Holder
from tests.chaos.schedule import KILL, Blow
from tests.chaos.servers import Servers

# The schedule at a faster pace: what comes every minute comes every two seconds, the incremental sync of orders every
# ten, with each turn that of one other resource, and with each third of its turns one of the windows read again.
SECONDS_BETWEEN_SWEEPS = 2.0
SECONDS_BETWEEN_SYNCS = 10.0
SWEEPS = [entry for entry in ENTRIES if (entry.minute, entry.hour) == ("*", "*")]
ORDERS, *OTHERS = [entry for entry in ENTRIES if entry.task == "syncjobs.tasks.sync_incremental"]
WINDOWS = [entry for entry in ENTRIES if entry.task == "syncjobs.tasks.sync_window"]
POLL_SECONDS = 0.1
CHUNKS_AT_LEAST = 4  # in each queue: with fewer something is read once more, so that no blow falls on workers that rest
SECONDS_WITHOUT_WORK = 60


class NothingInHand(Exception):
    """No worker took up work, so that a blow would test nothing."""


class Storm:
    """The blows of one run, and the schedule around them."""

    def __init__(
        self,
        servers: Servers,
        crew: Crew,
        shops: Sequence[Shop],
        resources: Sequence[str],
        seed: int,
        say: Callable[[str], None],
    ) -> None:
        self.servers = servers
        self.crew = crew
        self.shops = list(shops)
        self.streams = [(s, r) for s in shops for r in resources if find_capability(s.marketplace, r)]
        self._others = [entry for entry in OTHERS if entry.arguments["resource"] in resources]
        self.say = say
        self.tally: Counter[str] = Counter()
        self.last_blow_at = 0.0
        self._filler = random.Random(f"{seed}/filler")
        self._swept_at = self._synced_at = float("-inf")
        self._turn = 0

    def rage(self, blows: Sequence[Blow], seconds: float) -> None:
        """Strike all blows, spread over about so many seconds; each only while some worker holds a chunk."""
        pause = max(0.2, (seconds - sum(blow.down_seconds for blow in blows)) / max(len(blows), 1))
        for number, blow in enumerate(blows, start=1):
            self.pass_time(pause)
            holders = self.wait_for_work()
            self._strike(blow, holders)
            self.last_blow_at = clock.monotonic_seconds()
            self.say(f"  {number}/{len(blows)} {blow.target}: {blow.way}, {len(holders)} chunk holder(s)")

    def pass_time(self, seconds: float) -> None:
        """Let the product work for a while."""
        until = clock.monotonic_seconds() + seconds
        while clock.monotonic_seconds() < until:
            self.pulse()
            clock.sleep(POLL_SECONDS)

    def wait_for_work(self) -> list[Holder]:
        """Wait until some worker holds a chunk; return who does."""
        until = clock.monotonic_seconds() + SECONDS_WITHOUT_WORK
        while clock.monotonic_seconds() < until:
            self.pulse()
            holders = self.look(self.crew.list_holders)
            if holders:
                return holders
            clock.sleep(POLL_SECONDS)
        raise NothingInHand(f"No worker has held a chunk for {SECONDS_WITHOUT_WORK} seconds.")

    def pulse(self, *, fill: bool = True, sync: bool = True) -> None:
        """Do once what supervisor, schedule and people do all the time; who no longer fills reads all that is new."""
        self.tally["workers started again"] += len(self.crew.start_again())
        now = clock.monotonic_seconds()
        if now - self._swept_at > SECONDS_BETWEEN_SWEEPS:
            self._swept_at = now
            self._guard(self._send_sweeps)
        if sync and now - self._synced_at > SECONDS_BETWEEN_SYNCS:
            self._synced_at = now
            self._guard(self._sync if fill else self._sync_all)
        if fill:
            self._guard(self._fill)

    def look(self, ask: Callable[[], list[Holder]]) -> list[Holder]:
        """Ask the database; nothing where it does not answer at the moment."""
        try:
            return ask()
        except (OperationalError, InterfaceError):
            connection.close()
            return []

    def _strike(self, blow: Blow, holders: Sequence[Holder]) -> None:
        self.tally[f"{blow.target}: {blow.way}"] += 1
        if blow.target == KILL:
            victim = holders[int(blow.choice * len(holders))]
            self.crew.kill(victim.worker, blow.way, victim.pid)
            return
        with self.servers.down(blow.target, blow.way):
            if blow.kills_meanwhile:
                clock.sleep(blow.down_seconds / 2)
                self.crew.kill(sorted(WORKERS)[int(blow.choice * len(WORKERS))], "everything")
                self.tally["more kills while a server was away"] += 1
                self.tally["workers started again"] += len(self.crew.start_again())
                clock.sleep(blow.down_seconds / 2)
            else:
                clock.sleep(blow.down_seconds)

    def _send_sweeps(self) -> None:
        self._send(SWEEPS)

    def _sync(self) -> None:
        self._turn += 1
        self._send([ORDERS, self._others[self._turn % len(self._others)]])
        if self._turn % 3 == 0:
            self._send([WINDOWS[self._turn // 3 % len(WINDOWS)]])

    def _sync_all(self) -> None:
        self._send([ORDERS, *self._others])

    def _send(self, entries: Sequence[Entry]) -> None:
        """Send tasks as beat does, but from nowhere in the schedule: each is a turn of its own."""
        for entry in entries:
            current_app.send_task(entry.task, kwargs=dict(entry.arguments), queue=entry.queue)

    def _fill(self) -> None:
        """Let some shop be read once more where a queue has little left; not its parcels, which cost most calls."""
        counts = dict(
            Chunk.objects.filter(may_go_on("run__"), state__in=(ChunkState.DUE, ChunkState.RUNNING))
            .order_by()
            .values_list("run__lane")
            .annotate(Count("pk"))
        )
        for queue, lanes in LANES_OF_QUEUE.items():
            if sum(counts.get(lane, 0) for lane in lanes) < CHUNKS_AT_LEAST:
                self._start(queue, *self._filler.choice([one for one in self.streams if one[1] != "shipments"]))
                wake_workers()

    def _start(self, queue: str, shop: Shop, resource: str) -> None:
        if queue == "high":
            hours = self._filler.randrange(1, 200)
            start_run(shop, kind=RunKind.WINDOW, resource=resource, hours=hours, trigger=Trigger.COMMAND)
        elif queue == "default":
            start_run(shop, kind=RunKind.FULL, resource=resource, trigger=Trigger.BEAT)
        else:
            days = timedelta(days=self._filler.randrange(3, 8))
            start_backfill([shop], Window(clock.now() - days, clock.now()), resources=[resource])

    def _guard(self, do: Callable[[], None]) -> None:
        """Beat and people also meet servers that are away; they try again later."""
        try:
            do()
        except NotPossible:  # the same was begun in this very second
            return
        except (OperationalError, InterfaceError, BrokerError, OSError) as error:
            connection.close()
            self.tally[f"beats missed ({type(error).__name__})"] += 1
