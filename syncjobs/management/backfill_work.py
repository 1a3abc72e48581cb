"""Works on one backfill in this process, beside whatever workers do, until nothing of it can be read any more."""

from collections.abc import Callable

from django.db.models import Exists, F, OuterRef, QuerySet

from backoffice.common import clock
from backoffice.common.stopping import is_stopping
from shops.choices import ShopState
from syncjobs import leases, services
from syncjobs.engine.worker import work_on_run
from syncjobs.models import Backfill, Chunk, ChunkState, Run, RunState

POLL_SECONDS = 0.5
RUNS_A_ROUND = 200


class BackfillWork:
    """Takes one chunk of each shop in turn, so that no shop waits for all the years of another."""

    def __init__(self, backfill: Backfill) -> None:
        self.backfill = backfill

    def work_until_ended(self, on_progress: Callable[[], None]) -> None:
        """Work until all is read, or the backfill or this process is stopped, or no active shop is left."""
        while self._goes_on() and not is_stopping():
            if not self._work_a_round(on_progress):
                leases.reap_lost_chunks()  # there may be neither beat nor worker to do so
                services.close_ended_runs()
                on_progress()
                clock.sleep(POLL_SECONDS)
        services.close_ended_backfills()

    def _goes_on(self) -> bool:
        """Whether something of it is read or can be. Shops that are not active wait, and nobody waits for them."""
        in_work = Chunk.objects.filter(run__backfill=self.backfill, run__state=RunState.OPEN, state=ChunkState.RUNNING)
        return self._list_open_runs().exists() or in_work.exists()

    def _list_open_runs(self) -> QuerySet[Run]:
        return Run.objects.filter(backfill=self.backfill, state=RunState.OPEN, shop__state=ShopState.ACTIVE)

    def _work_a_round(self, on_progress: Callable[[], None]) -> bool:
        """Read one chunk of each run that has one due; return whether there was any."""
        due = Chunk.objects.filter(run=OuterRef("pk"), state=ChunkState.DUE, due_at__lte=clock.now())
        in_turn = self._list_open_runs().filter(Exists(due)).order_by(F("last_claimed_at").asc(nulls_first=True), "pk")
        chunks: list[Chunk] = []
        for run_id in list(in_turn.values_list("pk", flat=True)[:RUNS_A_ROUND]):
            if is_stopping():
                break
            work_on_run(run_id, seconds=0, on_chunk=chunks.append)
            on_progress()
        return bool(chunks)
