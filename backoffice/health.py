"""Whether this process lives, and whether what it needs answers. Open without login, says nothing else."""

import structlog
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from redis import RedisError

from backoffice.common.redis import client

log = structlog.get_logger(__name__)


def alive(_: HttpRequest) -> HttpResponse:
    """Answer as long as the process can."""
    return HttpResponse("alive\n", content_type="text/plain")


def ready(_: HttpRequest) -> HttpResponse:
    """Answer 200 when the database and Redis answer, else 503 naming which does not."""
    silent = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("database_silent", error=str(error))
        silent.append("database")
    try:
        client().ping()
    except RedisError as error:
        log.warning("redis_silent", error=str(error))
        silent.append("redis")
    text = f"not ready: {', '.join(silent)}\n" if silent else "ready\n"
    return HttpResponse(text, content_type="text/plain", status=503 if silent else 200)
