"""What became of a case in a sweep, and how one that could not be handled is put off."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import structlog

from aftersales.models import Case
from aftersales.services.asking import NotAllowed, Unacceptable
from aftersales.states import MOVES, Action
from backoffice.common import clock

log = structlog.get_logger(__name__)

FIRST_DELAY = timedelta(minutes=10)  # shorter than the hour between two sweeps; doubled with each failure
LONGEST_DELAY = timedelta(days=1)
ERROR_LENGTH = 500  # characters
MOST_FAILURES = 30_000  # what the column holds


class Outcome(StrEnum):
    """What became of a case; the run counts each kind in a column of its own."""

    APPROVED = "approved"
    CANCELLED = "cancelled"
    RECEIVED = "received"
    ESCALATED = "escalated"
    ALERTED = "alerted"
    SKIPPED = "skipped"
    FAILED = "failed"


OUTCOMES: Mapping[Action, Outcome] = {
    Action.APPROVE: Outcome.APPROVED,
    Action.TIMEOUT_APPROVE: Outcome.APPROVED,
    Action.TIMEOUT_CANCEL: Outcome.CANCELLED,
    Action.TIMEOUT_RECEIVE: Outcome.RECEIVED,
    Action.TIMEOUT_ESCALATE: Outcome.ESCALATED,
    Action.TIMEOUT_ALERT: Outcome.ALERTED,
}


@dataclass(frozen=True, slots=True)
class Handled:
    """One case as it was found, and what became of it; `text` says why where it is not plain."""

    case: Case
    outcome: Outcome
    text: str = ""


def skip(case: Case, why: str) -> Handled:
    """Leave a case as it is."""
    return Handled(case, Outcome.SKIPPED, why)


def put_off(case: Case, error: str) -> Handled:
    """Note that a case could not be handled and pass it over for a while, longer each time.

    One that somebody has moved meanwhile has not failed: there is nothing left to do.
    """
    failed_count = min(case.sweep_failed_count + 1, MOST_FAILURES)
    if not _hold_back(case, compute_delay(failed_count), error, sweep_failed_count=failed_count):
        return skip(case, "moved meanwhile")
    log.warning("case_not_handled", case=case.pk, number=case.number, failed_count=failed_count, error=error)
    return Handled(case, Outcome.FAILED, error)


def wait_for(case: Case, delay: timedelta, why: str) -> Handled:
    """Pass a case over for a while without an error."""
    _hold_back(case, delay, "")
    return skip(case, why)


def name_error(error: Exception) -> str:
    """Name an error that nobody foresaw, in a line."""
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def name_refusal(action: Action, refusal: NotAllowed | Unacceptable) -> str:
    """Say what a rule refused, and why."""
    return f"“{MOVES[action].title}” was refused: {refusal.why}"


def compute_delay(failed_count: int) -> timedelta:
    """Return for how long a case is passed over after so many failures."""
    doublings: int = 2 ** min(failed_count - 1, 10)
    return min(FIRST_DELAY * doublings, LONGEST_DELAY)


def _hold_back(case: Case, delay: timedelta, error: str, **counts: int) -> bool:
    """Only as long as the case stands as it was found: the state itself is not written here."""
    rows = Case.objects.filter(pk=case.pk, state=case.state, timed_out_at=None, due_at=case.due_at)
    said = error.replace("\x00", "")[:ERROR_LENGTH]
    return bool(rows.update(sweep_not_before=clock.now() + delay, sweep_error=said, **counts))
