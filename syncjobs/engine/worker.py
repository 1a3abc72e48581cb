"""Works off a run: claims one due chunk after another until none is left for this worker."""

from collections.abc import Callable

from backoffice.common import clock
from backoffice.common.stopping import is_stopping
from syncjobs import leases
from syncjobs.engine.closing import close_if_ended
from syncjobs.engine.runner import work_on_chunk
from syncjobs.models import Chunk


def work_on_run(run_id: int, *, seconds: float, on_chunk: Callable[[Chunk], None] = lambda chunk: None) -> bool:
    """Work on due chunks for about so many seconds; return whether some are still due. Closes the run at its end."""
    owner = leases.new_owner()
    until = clock.monotonic_seconds() + seconds
    while not is_stopping():
        chunk = leases.claim_next_chunk(run_id, owner)
        if chunk is None:
            close_if_ended(run_id)
            return False
        work_on_chunk(chunk, owner)
        on_chunk(chunk)
        if clock.monotonic_seconds() > until:
            break
    close_if_ended(run_id)
    return leases.has_due_chunks(run_id)
