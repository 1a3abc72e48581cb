"""Stores the batches that wait in the files of this host, and takes a person's word that one is to be tried again."""

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from syncjobs.buffer.replay import Pass, replay_waiting
from syncjobs.engine.closing import close_if_ended
from syncjobs.models import BatchFileState, BufferedBatch


def replay_buffer(
    *, shop_id: int | None = None, limit: int | None = None, seconds: float | None = None, failed_too: bool = False
) -> Pass:
    """Store what waits in files on this host; a run of which this was the last part is done, its watermark moves."""
    return replay_waiting(close_if_ended, shop_id=shop_id, limit=limit, seconds=seconds, failed_too=failed_too)


def ask_for_replay(batch: BufferedBatch) -> None:
    """Let a batch be tried again with fresh tries, by the host that has its file; raises NotPossible."""
    asked = BufferedBatch.objects.filter(pk=batch.pk, state__in=(BatchFileState.FAILED, BatchFileState.WAITING))
    if not asked.update(state=BatchFileState.WAITING, try_count=0, changed_at=clock.now()):
        batch.refresh_from_db(fields=["state"])
        raise NotPossible(f"It cannot be replayed: {batch.get_state_display().lower()}.")
