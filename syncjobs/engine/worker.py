"""Works off due chunks: claims one after another until none is left for this worker, and closes runs that ended."""

from collections.abc import Callable, Collection

from backoffice.common import clock
from backoffice.common.stopping import is_stopping
from syncjobs import leases
from syncjobs.engine.closing import close_if_ended
from syncjobs.engine.runner import work_on_chunk
from syncjobs.models import Chunk


def work_on_run(run_id: int, *, seconds: float, on_chunk: Callable[[Chunk], None] = lambda chunk: None) -> bool:
    """Work on a run's due chunks for about so many seconds; return whether some are still due. Closes it at its end."""
    _work(lambda owner: leases.claim_next_chunk(owner, run_id=run_id), seconds, on_chunk)
    close_if_ended(run_id)
    return leases.has_due_chunks(run_id=run_id)


def work_on_lanes(
    lanes: Collection[int], *, seconds: float, on_chunk: Callable[[Chunk], None] = lambda chunk: None
) -> int:
    """Work on due chunks of these lanes for about so many seconds, fairly over the runs; return how many it were."""
    return _work(lambda owner: leases.claim_next_chunk(owner, lanes=lanes), seconds, on_chunk)


def _work(claim: Callable[[str], Chunk | None], seconds: float, on_chunk: Callable[[Chunk], None]) -> int:
    owner = leases.new_owner()
    until = clock.monotonic_seconds() + seconds
    count = 0
    while not is_stopping():
        chunk = claim(owner)
        if chunk is None:
            break
        count += 1
        work_on_chunk(chunk, owner)
        close_if_ended(chunk.run_id)
        on_chunk(chunk)
        if clock.monotonic_seconds() > until:
            break
    return count
