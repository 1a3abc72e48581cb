"""Who works on a row: take, heartbeat, leave. Chunks, gap reports, bulk actions and exports are all held this way.

The row is the job. Taking one is one conditional update, so that two workers cannot both win. A worker that dies stops
its heartbeat; when the lease has run out, or its process is known to be dead, the row is free for the next one.
"""

import os
import secrets
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import models
from django.db.models import F, Q, QuerySet

from backoffice.common import clock

DUE = "due"
RUNNING = "running"


class LeaseLost(Exception):
    """The row was handed to somebody else or ended; whoever holds this exception must stop writing for it."""


class LeasedModel(models.Model):
    """A row that one worker at a time works on. Each model brings a `state` of its own, with `due` and `running`."""

    attempt_count = models.PositiveSmallIntegerField("tries", default=0)
    lease_owner = models.CharField(max_length=120, blank=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    heartbeat_at = models.DateTimeField("last sign of life", null=True, blank=True, editable=False)

    class Meta:
        abstract = True


def new_owner() -> str:
    """Return a token for one worker: where it runs, its process number and a random part."""
    return f"{_here()}:{os.getpid()}:{secrets.token_hex(8)}"


def take(rows: QuerySet[Any], owner: str, seconds: float, **changes: Any) -> bool:
    """Take the row that the queryset names, if it still fits; the try counts. `rows` says what may be taken."""
    now = clock.now()
    return bool(
        rows.update(
            state=RUNNING,
            lease_owner=owner,
            lease_expires_at=now + timedelta(seconds=seconds),
            heartbeat_at=now,
            attempt_count=F("attempt_count") + 1,
            **changes,
        )
    )


def keep(row: models.Model, owner: str, seconds: float, **changes: Any) -> None:
    """Heartbeat: extend the lease and note what changed; raises LeaseLost if the row is not ours any more."""
    now = clock.now()
    if not _held(row, owner).update(lease_expires_at=now + timedelta(seconds=seconds), heartbeat_at=now, **changes):
        raise LeaseLost(f"{row} is no longer held by {owner}")


def leave(row: models.Model, owner: str, *, state: str, **changes: Any) -> None:
    """Give a row back as due, or end it; raises LeaseLost if it is not ours any more."""
    if not _held(row, owner).update(state=state, lease_owner="", lease_expires_at=None, **changes):
        raise LeaseLost(f"{row} is no longer held by {owner}")


def is_free() -> Q:
    """Return the condition of rows that wait for a worker: due, or left behind by one whose lease ran out."""
    return Q(state=DUE) | Q(state=RUNNING, lease_expires_at__lt=clock.now())


def list_lost(rows: QuerySet[Any]) -> list[tuple[int, str]]:
    """List (id, owner) of the rows whose worker is gone: lease run out, or its process on this host is dead."""
    running = rows.filter(state=RUNNING)
    lost = set(running.filter(lease_expires_at__lt=clock.now()).values_list("pk", "lease_owner"))
    here = running.filter(lease_owner__startswith=f"{_here()}:").values_list("pk", "lease_owner")
    return sorted(lost | {(pk, owner) for pk, owner in here if is_gone(owner)})


def is_gone(owner: str) -> bool:
    """Whether the worker that made this token is known to be dead: only its own host can know."""
    place, _, rest = owner.rpartition(":")[0].rpartition(":")
    if place != _here() or not rest.isdecimal():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _held(row: models.Model, owner: str) -> QuerySet[Any]:
    return type(row)._default_manager.filter(pk=row.pk, state=RUNNING, lease_owner=owner)


def _here() -> str:
    """Name where this process's number means something: machines and containers may share a host name."""
    try:
        return f"{socket.gethostname()}/{_name_machine()}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return socket.gethostname()


def _name_machine() -> str:
    """Return what no other running machine has: the kernel draws it when it starts."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
