"""Runs one action on many rows, with a result for each: what may be done is asked for each row when its turn comes."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import structlog
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, F, IntegerField, QuerySet, Value, When

from backoffice.common import clock
from backoffice.common.errors import BackofficeError, NotPossible
from backoffice.common.lists import leases
from backoffice.common.lists.actions import RowAction, get_action
from backoffice.common.lists.models import Batch, BatchItem, ItemState, JobState
from backoffice.common.locks import try_advisory_lock
from backoffice.common.stopping import is_stopping

BATCH_MAX_ROWS = 10_000  # as far as lists count; whoever wants more has not yet said what they look for
NAME_LENGTH = 200  # characters
READ_AT_ONCE = 1_000  # rows

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row, in words for whoever asked for it."""

    is_done: bool
    text: str


def start_batch(*, action: RowAction, rows: Collection[int] | QuerySet[Any], person: Any, text: str = "") -> Batch:
    """Write down what is to be done to which rows: those of them that the person may see."""
    if not person.has_perm(action.permission):
        raise PermissionDenied
    names = _read_names(action, rows, person)
    if len(names) > BATCH_MAX_ROWS:
        raise NotPossible(
            f"These are more than {BATCH_MAX_ROWS:,} rows, and nothing was done to any of them. Narrow the list with a "
            "filter, and take the rest afterwards."
        )
    if not names:
        raise NotPossible("None of these rows is there any more, so there is nothing to do. Load the list again.")
    with transaction.atomic():
        batch = Batch.objects.create(user=person, action=action.key, text=text, total_count=len(names))
        items = (BatchItem(batch=batch, row_id=row_id, row_name=name) for row_id, name in names.items())
        BatchItem.objects.bulk_create(items, batch_size=READ_AT_ONCE)
    return batch


def run_batch(batch_id: int, *, seconds: float) -> bool:
    """Do what is left of a batch for so long; True where time ran out first, so that somebody must go on.

    The lease says that somebody is at work. The lock beside it holds for as long as one row may take, so that no row is
    ever done by two at once.
    """
    owner = leases.new_owner()
    with try_advisory_lock("batch", batch_id) as is_alone:
        batch = leases.claim(Batch, batch_id, owner) if is_alone else None
        if batch is None:
            return False
        try:
            return _work(batch, owner, ends_at=clock.monotonic_seconds() + seconds)
        except leases.LeaseLost:
            return False  # cancelled, or deleted


def cancel_batch(batch: Batch, *, person: Any) -> None:
    """Do nothing more; the row that is in hand is finished."""
    leases.cancel(batch, f"Cancelled by {person.get_username()}. What was done by then stays done.")


def run_action(action: RowAction, row_id: int, person_id: int, text: str = "") -> Outcome:
    """Do it to one row, if the person may still do it and see the row."""
    people = get_user_model()._default_manager
    person: Any = people.filter(pk=person_id, is_active=True).first()
    if person is None or not person.has_perm(action.permission):
        return Outcome(False, "Whoever asked for it may not do this any more.")
    visible: Any = action.model._default_manager
    row = visible.visible_to(person).filter(pk=row_id).first()
    if row is None:
        return Outcome(False, "It is gone, or whoever asked for it may not see it any more.")
    try:
        return Outcome(True, action.run(row, person, text) if action.asks_for else action.run(row, person))
    except BackofficeError as refusal:
        return Outcome(False, str(refusal))
    except Exception:  # other rows go on
        log.exception("action_failed", action=action.key, row=row_id)
        return Outcome(False, "Unexpected error; the log says more. Other rows are not touched by it.")


def list_results(batch: Batch) -> QuerySet[BatchItem]:
    """Return the rows of a batch: those that were refused first, then what is done, then what waits."""
    ranks = {ItemState.REFUSED: 0, ItemState.DONE: 1, ItemState.DUE: 2}
    rank = Case(*(When(state=state, then=Value(place)) for state, place in ranks.items()), output_field=IntegerField())
    return BatchItem.objects.filter(batch=batch).order_by(rank, "pk")


def _read_names(action: RowAction, rows: Collection[int] | QuerySet[Any], person: Any) -> dict[int, str]:
    """Return the names by id of the rows that the person may see, at most one more than a batch may have."""
    if isinstance(rows, QuerySet):
        visible: Any = rows
        visible = visible.visible_to(person)
    else:
        everything: Any = action.model._default_manager
        visible = everything.visible_to(person).filter(pk__in=rows)
    found = visible[: BATCH_MAX_ROWS + 1].iterator(chunk_size=READ_AT_ONCE)
    return {row.pk: str(row)[:NAME_LENGTH] for row in found}


def _work(batch: Batch, owner: str, *, ends_at: float) -> bool:
    try:
        action = get_action(batch.action)
    except KeyError:
        reason = f"There is no action “{batch.action}” in this version any more."
        leases.end(batch, owner, JobState.FAILED, reason=reason)
        return False
    if batch.attempt_count > leases.TRIES:
        _refuse_what_kills(batch)
    for item in BatchItem.objects.filter(batch=batch, state=ItemState.DUE).order_by("pk").iterator():
        if is_stopping() or clock.monotonic_seconds() >= ends_at:
            leases.give_back(batch, owner)
            return True
        leases.keep(batch, owner)
        _note(item, run_action(action, item.row_id, batch.user_id, batch.text))
    leases.end(batch, owner, JobState.DONE)
    return False


def _refuse_what_kills(batch: Batch) -> None:
    """Leave out the row at which worker after worker ended without a word, so that the others get their turn."""
    item = BatchItem.objects.filter(batch=batch, state=ItemState.DUE).order_by("pk").first()
    if item is not None:
        reason = f"{leases.TRIES} workers ended without a word while they did this. Part of it may be done."
        _note(item, Outcome(False, reason))


@transaction.atomic
def _note(item: BatchItem, outcome: Outcome) -> None:
    state = ItemState.DONE if outcome.is_done else ItemState.REFUSED
    noted = BatchItem.objects.filter(pk=item.pk, state=ItemState.DUE)
    if noted.update(state=state, result=outcome.text, finished_at=clock.now()):
        Batch.objects.filter(pk=item.batch_id).update(
            done_count=F("done_count") + 1,
            failed_count=F("failed_count") + int(not outcome.is_done),
            attempt_count=1,  # it goes on, so the tries begin anew
        )
