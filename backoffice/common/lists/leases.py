"""Who works on a batch or an export: claim, heartbeat, end. The only place where the state of one changes.

A claim is one conditional update: two workers cannot both win. A worker that dies stops its heartbeat, and after
LEASE_SECONDS the job may be claimed again.
"""

import os
import secrets
import socket
from datetime import timedelta
from typing import TypeVar

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from backoffice.common.lists.models import Job, JobState

LEASE_SECONDS = 180  # closing an XLSX file of a million rows takes about a minute, and no heart beats meanwhile
TRIES = 3

JobT = TypeVar("JobT", bound=Job)


class LeaseLost(Exception):
    """The job was handed to somebody else, cancelled or deleted; whoever holds this exception must stop."""


def new_owner() -> str:
    """Return a token for one piece of work: host, process number and a random part."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"


def claim(model: type[JobT], job_id: int, owner: str) -> JobT | None:
    """Claim a job that is due or whose worker is gone; None where there is nothing to claim."""
    now = clock.now()
    claimed = _free(model).filter(pk=job_id)
    if not claimed.update(
        state=JobState.RUNNING,
        lease_owner=owner,
        lease_expires_at=now + timedelta(seconds=LEASE_SECONDS),
        attempt_count=F("attempt_count") + 1,
        started_at=Coalesce("started_at", now),
    ):
        return None
    return model._default_manager.select_related("user").get(pk=job_id)


def keep(job: Job, owner: str, **changes: object) -> None:
    """Heartbeat: extend the lease and note what changed; raises LeaseLost if the job is not ours any more."""
    expires_at = clock.now() + timedelta(seconds=LEASE_SECONDS)
    if not _held(job, owner).update(lease_expires_at=expires_at, **changes):
        raise LeaseLost(f"{job} is no longer held by {owner}")


def give_back(job: Job, owner: str, *, reason: str = "", counts_as_try: bool = False) -> None:
    """Return a job as due, so that another worker goes on."""
    tries = {} if counts_as_try else {"attempt_count": 0}
    _leave(job, owner, state=JobState.DUE, reason=reason, **tries)


def end(job: Job, owner: str, state: JobState, **changes: object) -> None:
    """Close a job that we hold."""
    _leave(job, owner, state=state, finished_at=clock.now(), **changes)


def cancel(job: Job, reason: str) -> None:
    """End a job that somebody may be working on; what they have done by then stays done."""
    unfinished = type(job)._default_manager.filter(pk=job.pk, state__in=[JobState.DUE, JobState.RUNNING])
    now = clock.now()
    if not unfinished.update(state=JobState.CANCELLED, finished_at=now, reason=reason, lease_owner=""):
        raise NotPossible("It has ended already, so there is nothing to cancel.")


def list_free_ids(model: type[Job]) -> list[int]:
    """List the jobs that wait for a worker: never started, given back, or their worker is gone."""
    return list(_free(model).order_by("pk").values_list("pk", flat=True))


def _free(model: type[JobT]) -> QuerySet[JobT]:
    is_abandoned = Q(state=JobState.RUNNING, lease_expires_at__lt=clock.now())
    return model._default_manager.filter(Q(state=JobState.DUE) | is_abandoned)


def _held(job: Job, owner: str) -> QuerySet[Job]:
    return type(job)._default_manager.filter(pk=job.pk, state=JobState.RUNNING, lease_owner=owner)


def _leave(job: Job, owner: str, **changes: object) -> None:
    if not _held(job, owner).update(lease_owner="", lease_expires_at=None, **changes):
        raise LeaseLost(f"{job} is no longer held by {owner}")
