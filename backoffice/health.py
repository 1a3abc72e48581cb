"""Whether this process lives, and whether what it needs answers. Open without login, says nothing else."""

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from redis import RedisError

from backoffice.common import clock
from backoffice.common.redis import client
from syncjobs.monitoring.heartbeats import read_pulse

log = structlog.get_logger(__name__)

DEGRADED = (
    "ready, degraded: redis does not answer. Workers get no messages; what is due waits in the database. Rate limits "
    "are local and conservative: each process keeps to its own part."
)


def alive(_: HttpRequest) -> HttpResponse:
    """Answer as long as the process can."""
    return HttpResponse("alive\n", content_type="text/plain")


def ready(_: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers, else 503. Pages and API work on without Redis, beat or workers: degraded.

    Were it 503, a pause of Redis would take every web server out of service at once.
    """
    try:
        silent = read_pulse().list_silent(clock.now())
    except DatabaseError as error:
        log.warning("database_silent", error=str(error))
        return _say("not ready: the database does not answer", status=503)
    try:
        client().ping()
    except RedisError as error:
        log.warning("redis_silent", error=str(error))
        return _say(DEGRADED)
    if silent:
        return _say(f"ready, degraded: {', '.join(silent)}. What is due waits in the database.")
    return _say("ready")


def _say(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{text}\n", content_type="text/plain", status=status)
