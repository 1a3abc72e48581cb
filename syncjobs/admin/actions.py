"""What people may do with a button to what is synced; workers are woken after the commit."""

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from backoffice.common.errors import NotPossible
from backoffice.common.history import note_change
from backoffice.common.lists.actions import RowAction, register_action
from backoffice.common.plurals import say_count
from backoffice.common.wake_ups import wake_after_commit
from shops.choices import ShopState
from shops.models import Shop
from syncjobs import services
from syncjobs.models import BatchFileState, BufferedBatch, FailedRecord, FailedRecordState, Run, RunKind, RunState
from syncjobs.services.buffered import ask_for_replay
from syncjobs.tasks import wake_replay, wake_workers


def sync_now(shop: Shop, person: AbstractUser) -> str:
    """Read what changed since the watermark."""
    return _start(shop, person, RunKind.INCREMENTAL)


def sync_fully(shop: Shop, person: AbstractUser) -> str:
    """Read the full depth again."""
    return _start(shop, person, RunKind.FULL)


def _start(shop: Shop, person: AbstractUser, kind: RunKind) -> str:
    with transaction.atomic():
        run, is_new = services.request_run(shop, kind=kind)
        wake_after_commit(lambda: wake_workers([run.pk]))
        if not is_new:
            return f"Run {run.pk} is under way already; no second one was started."
        note_change(person, run, f"Started by {person.get_username()}.")
        return f"Started run {run.pk}."


def cancel(run: Run, person: AbstractUser) -> str:
    """End an open run; what workers hold at the moment is still stored."""
    if not services.cancel_run(run, f"Cancelled by {person.get_username()}."):
        run.refresh_from_db(fields=["state"])
        raise NotPossible(f"Run {run.pk} has ended already: {run.get_state_display().lower()}.")
    note_change(person, run, "Cancelled.")
    return f"Run {run.pk} is cancelled. Chunks that a worker holds at the moment are still stored."


def retry(run: Run, person: AbstractUser) -> str:
    """Make the failed chunks of a failed run due again."""
    with transaction.atomic():
        chunks = services.retry_run(run, f"Retried by {person.get_username()}.")
        note_change(person, run, "Retried.")
        wake_after_commit(lambda: wake_workers([run.pk]))
    return f"Run {run.pk} is open again, with {say_count(chunks, 'chunk')} to read."


def retry_record(record: FailedRecord, person: AbstractUser) -> str:
    """Map a kept payload again and store it."""
    number = services.retry_record(record, person.get_username())
    note_change(person, record, f"Stored as order {number}.")
    return f"Stored as order {number}."


def discard_record(record: FailedRecord, person: AbstractUser) -> str:
    """Leave a failed record as it is."""
    services.discard_record(record, person.get_username())
    note_change(person, record, "Discarded.")
    return "Discarded. If the marketplace sends the same again, it is kept again."


def replay_batch(batch: BufferedBatch, person: AbstractUser) -> str:
    """Try to store a buffered batch now, with fresh tries."""
    with transaction.atomic():
        ask_for_replay(batch)
        note_change(person, batch, "Replay asked for.")
        wake_after_commit(wake_replay)
    return "Its host stores it now; this page shows in a moment what became of it."


def _is_open(record: FailedRecord) -> bool:
    return record.state == FailedRecordState.OPEN


def _is_active(shop: Shop) -> bool:
    return shop.state == ShopState.ACTIVE


def register() -> None:
    """Add the actions, in the order in which the buttons stand."""
    start, change = "syncjobs.add_run", "syncjobs.change_run"
    for action in (
        RowAction("syncjobs.sync_now", Shop, "Sync now", "sync", start, sync_now, is_offered=_is_active),
        RowAction("syncjobs.sync_fully", Shop, "Full sync", "history", start, sync_fully, is_offered=_is_active),
        RowAction(
            "syncjobs.retry_run", Run, "Retry failed chunks", "replay", change, retry,
            is_offered=lambda run: run.state == RunState.FAILED,
        ),
        RowAction(
            "syncjobs.cancel_run", Run, "Cancel", "cancel", change, cancel,
            is_offered=lambda run: run.state == RunState.OPEN, is_dangerous=True,
        ),
        RowAction(
            "syncjobs.retry_record", FailedRecord, "Retry", "replay", "syncjobs.change_failedrecord", retry_record,
            is_offered=_is_open,
        ),
        RowAction(
            "syncjobs.discard_record", FailedRecord, "Discard", "delete", "syncjobs.delete_failedrecord",
            discard_record, is_offered=_is_open, is_dangerous=True,
        ),
        RowAction(
            "syncjobs.replay_batch", BufferedBatch, "Replay now", "replay", "syncjobs.change_bufferedbatch",
            replay_batch, is_offered=lambda batch: batch.state in (BatchFileState.WAITING, BatchFileState.FAILED),
        ),
    ):  # fmt: skip
        register_action(action)
