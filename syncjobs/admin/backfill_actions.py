"""What people may do with a button to a backfill: stop it, continue it, read its failed days again."""

from collections.abc import Callable

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from backoffice.common.errors import NotPossible
from backoffice.common.history import note_change
from backoffice.common.lists.actions import RowAction, register_action
from backoffice.common.plurals import say_count
from backoffice.common.wake_ups import wake_after_commit
from syncjobs import services
from syncjobs.models import Backfill, BackfillState, Chunk, ChunkState
from syncjobs.queries import count_runs
from syncjobs.tasks import wake_workers


def stop(backfill: Backfill, person: AbstractUser) -> str:
    """Let no further day be read."""
    count = _change(services.stop_backfill, backfill, person, "Stopped")
    return f"Stopped: {say_count(count, 'run')}. Days that a worker reads at the moment are finished."


def go_on(backfill: Backfill, person: AbstractUser) -> str:
    """Let the days be read again."""
    count = _change(services.continue_backfill, backfill, person, "Continued")
    return f"Backfill {backfill.pk} goes on, with {say_count(count, 'run')}."


def retry_failed(backfill: Backfill, person: AbstractUser) -> str:
    """Make the failed days due again."""
    count = _change(services.retry_failed_days, backfill, person, "Failed days retried")
    return f"{say_count(count, 'failed chunk is', 'failed chunks are')} due again. What was read stays."


def _change(change: Callable[[Backfill, str], int], backfill: Backfill, person: AbstractUser, what: str) -> int:
    """Change a backfill of which the person may see every shop, note it, and wake workers after the commit."""
    if count_runs(backfill, person) < count_runs(backfill):
        raise NotPossible("It also reads shops that you were not granted; somebody who sees all of them can do this.")
    with transaction.atomic():
        count = change(backfill, f"{what} by {person.get_username()}.")
        note_change(person, backfill, f"{what}.")
        wake_for(backfill)
    return count


def wake_for(backfill: Backfill) -> None:
    """Wake workers for what is due of a backfill; if the broker is away, the sweep does within a minute."""
    wake_after_commit(lambda: wake_workers(backfill.runs.values_list("pk", flat=True)))


def _has_failed_days(backfill: Backfill) -> bool:
    return Chunk.objects.filter(run__backfill=backfill, state=ChunkState.FAILED).exists()


def register() -> None:
    """Add the actions, in the order in which the buttons stand."""
    change = "syncjobs.change_backfill"
    for action in (
        RowAction(
            "syncjobs.stop_backfill", Backfill, "Stop", "pause", change, stop,
            is_offered=lambda backfill: backfill.state == BackfillState.OPEN,
        ),
        RowAction(
            "syncjobs.continue_backfill", Backfill, "Continue", "play_arrow", change, go_on,
            is_offered=lambda backfill: backfill.state == BackfillState.STOPPED,
        ),
        RowAction(
            "syncjobs.retry_backfill", Backfill, "Retry failed days", "replay", change, retry_failed,
            is_offered=_has_failed_days,
        ),
    ):  # fmt: skip
        register_action(action)
