"""Who works on a bulk action or an export; the only place where the state of one changes. See backoffice.common.leases.

A worker that dies stops its heartbeat, and after LEASE_SECONDS the job may be claimed again.
"""

from typing import TypeVar

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from backoffice.common import clock, leases
from backoffice.common.errors import NotPossible
from backoffice.common.leases import LeaseLost, new_owner
from backoffice.common.lists.models import Job, JobState

__all__ = ["LeaseLost", "cancel", "claim", "end", "give_back", "keep", "list_free_ids", "new_owner"]

LEASE_SECONDS = 180  # closing an XLSX file of a million rows takes about a minute, and no heart beats meanwhile
TRIES = 3

JobT = TypeVar("JobT", bound=Job)


def claim(model: type[JobT], job_id: int, owner: str) -> JobT | None:
    """Claim a job that is due or whose worker is gone; None where there is nothing to claim."""
    free = _free(model).filter(pk=job_id)
    if not leases.take(free, owner, LEASE_SECONDS, started_at=Coalesce("started_at", clock.now())):
        return None
    return model._default_manager.select_related("user").get(pk=job_id)


def keep(job: Job, owner: str, **changes: object) -> None:
    """Heartbeat: extend the lease and note what changed; raises LeaseLost if the job is not ours any more."""
    leases.keep(job, owner, LEASE_SECONDS, **changes)


def give_back(job: Job, owner: str, *, reason: str = "", counts_as_try: bool = False) -> None:
    """Return a job as due, so that another worker goes on."""
    tries = {} if counts_as_try else {"attempt_count": 0}
    leases.leave(job, owner, state=JobState.DUE, reason=reason, **tries)


def end(job: Job, owner: str, state: JobState, **changes: object) -> None:
    """Close a job that we hold."""
    leases.leave(job, owner, state=state, finished_at=clock.now(), **changes)


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
    return model._default_manager.filter(leases.is_free())
