"""Decides what becomes of a chunk that could not be read to its end: tried again, when, or left to a person."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeGuard

from backoffice.common.errors import BackofficeError, NotPossible
from backoffice.common.outages import is_outage
from shops.connections import Postponed
from shops.marketplaces.errors import Action, MarketplaceError
from syncjobs.models import ChunkState, EventLevel

LARGEST_JITTER = 0.5  # of the wait, on top of it
DATABASE_AWAY_SECONDS = 10


class Stopping(Exception):
    """The process was asked to end; the chunk goes back as due."""


class SetAside(Exception):
    """The chunk has had its share of a worker's time; it goes on later where it stopped."""


class NoRoom(BackofficeError):
    """The database cannot be written, and there is no room left to keep batches in files."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a chunk. `state` is due or failed; `wait_seconds` says when it is due."""

    state: ChunkState
    text: str = ""
    wait_seconds: float = 0
    counts_as_try: bool = True
    is_unexpected: bool = False
    level: EventLevel = EventLevel.WARNING


def decide_outcome(
    error: Exception,
    *,
    attempt: int,
    unexpected: int,
    most_attempts: int,
    most_unexpected: int,
    retry_after_seconds: float = 30,
    never_again: Collection[str] = (),
    jitter: float = 0.0,
) -> Outcome:
    """Decide what follows an error on try number `attempt`, after so many unexpected ones before.

    What is nobody's fault (a stop, a limit, a database that is away) costs no try. What can never succeed fails at
    once, and so do the errors whose class is named in `never_again`. Everything else is tried again with growing waits
    until the tries are used up; `jitter`, from 0 to 1, draws the waits of chunks apart that failed together.
    """
    if isinstance(error, Stopping | SetAside | Postponed | NoRoom) or is_outage(error):
        return _decide_without_fault(error)
    wait_seconds = retry_after_seconds * 2 ** (attempt - 1) * (1 + LARGEST_JITTER * jitter)
    is_last = attempt >= most_attempts or any(cls.__name__ in never_again for cls in type(error).__mro__)
    if isinstance(error, MarketplaceError):
        is_final = is_last or error.action in (Action.GIVE_UP, Action.REAUTHORISE)
        return _due_or_failed(f"{error} {error.advice}".strip(), is_final, wait_seconds)
    if isinstance(error, BackofficeError):
        return _due_or_failed(str(error), is_last or isinstance(error, NotPossible), wait_seconds)
    is_final = is_last or unexpected + 1 >= most_unexpected
    text = f"{type(error).__name__}: {_first_line(error)}"
    return _due_or_failed(text, is_final, wait_seconds, is_unexpected=True)


def is_credential_dead(error: Exception, outcome: Outcome) -> TypeGuard[MarketplaceError]:
    """Whether the shop's authorisation has ended.

    A token that is refused try after try, although it can be renewed, is as dead as one that cannot.
    """
    if not isinstance(error, MarketplaceError):
        return False
    is_refused_for_good = error.action == Action.REFRESH_TOKEN and outcome.state == ChunkState.FAILED
    return error.action == Action.REAUTHORISE or is_refused_for_good


def _decide_without_fault(error: Exception) -> Outcome:
    """A stop, a limit, or a database that is away: the work is as good as before, and waits."""
    if isinstance(error, Postponed):
        return Outcome(ChunkState.DUE, error.reason, error.seconds, counts_as_try=False, level=EventLevel.INFO)
    if isinstance(error, Stopping | SetAside):
        return Outcome(ChunkState.DUE, counts_as_try=False, level=EventLevel.INFO)
    text = str(error) if isinstance(error, NoRoom) else f"The database could not be written: {_first_line(error)}"
    return Outcome(ChunkState.DUE, text, DATABASE_AWAY_SECONDS, counts_as_try=False)


def _due_or_failed(text: str, is_final: bool, wait_seconds: float, *, is_unexpected: bool = False) -> Outcome:
    if is_final:
        return Outcome(ChunkState.FAILED, text, is_unexpected=is_unexpected, level=EventLevel.ERROR)
    return Outcome(ChunkState.DUE, text, wait_seconds, is_unexpected=is_unexpected)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
