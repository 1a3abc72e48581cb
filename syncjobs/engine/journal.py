"""Notes what happens on a run's way, so that a person can read later why it took its time or failed."""

from backoffice.common import clock
from syncjobs.models import Chunk, EventLevel, RunEvent

EVENTS_AT_MOST = 300  # of one run; what comes after says nothing new


def note_event(chunk: Chunk, level: EventLevel, text: str) -> None:
    """Add an event to a chunk's run."""
    if text and RunEvent.objects.filter(run_id=chunk.run_id).count() < EVENTS_AT_MOST:
        RunEvent.objects.create(
            run_id=chunk.run_id, chunk_number=chunk.number, at=clock.now(), level=level, text=text[:2_000]
        )
