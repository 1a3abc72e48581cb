"""Beat sends a heartbeat every minute and a worker carries it out; each stamps the same row.

Two stamps tell a dead beat (nothing is sent) from dead workers (sent, but not carried out). Both stand in the database:
pages and the health address read them without asking Celery.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import signals
from django.db import DatabaseError, connection

from backoffice.common import clock
from syncjobs.models import Heartbeat

TASK = "syncjobs.tasks.heartbeat"
NAME = "schedule"
SILENT_AFTER = timedelta(minutes=5)  # of one a minute: a restart of beat or of the workers takes less

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Silence:
    """Who is silent and for how long, in words, and since when; None for ever."""

    in_words: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Pulse:
    """When beat and the workers last gave a sign of life; None where they never did."""

    sent_at: datetime | None = None
    executed_at: datetime | None = None

    def list_silences(self, now: datetime) -> list[Silence]:
        """List who has been silent for too long; an installation that never ran beat says so too."""
        stamps = (("beat", self.sent_at), ("workers", self.executed_at))
        return [Silence(_say(name, at, now), at) for name, at in stamps if at is None or now - at > SILENT_AFTER]

    def list_silent(self, now: datetime) -> list[str]:
        """Name who has been silent for too long, in words."""
        return [silence.in_words for silence in self.list_silences(now)]


def _say(name: str, at: datetime | None, now: datetime) -> str:
    if at is None:
        return f"{name} never gave a sign of life"
    return f"{name} silent for {(now - at) // timedelta(minutes=1)} minutes"


def read_pulse() -> Pulse:
    """Read both stamps."""
    row = Heartbeat.objects.filter(name=NAME).first()
    return Pulse(row.sent_at, row.executed_at) if row else Pulse()


def stamp_executed() -> None:
    """Note that a worker carried out a heartbeat."""
    _stamp(executed_at=clock.now())


def _stamp(**stamps: datetime) -> None:
    Heartbeat.objects.update_or_create(name=NAME, defaults=stamps)


def watch_beat() -> None:
    """Stamp what beat sends. Connected in beat's own process only: a heartbeat sent by hand says nothing about beat."""
    signals.beat_init.connect(_begin, weak=False)


def _begin(**_: Any) -> None:
    signals.before_task_publish.connect(_note_sent, sender=TASK, weak=False)


def _note_sent(**_: Any) -> None:
    try:
        _stamp(sent_at=clock.now())
    except DatabaseError as error:  # beat must go on sending; the silence is what is noticed
        log.warning("heartbeat_not_stamped", error=str(error))
        connection.close()
