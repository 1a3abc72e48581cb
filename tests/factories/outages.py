"""A database that is really away, or really cannot be written: its own server closes and refuses the connections."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection


@contextmanager
def no_database() -> Iterator[None]:
    """Within the block every connection to the test's database is cut and no new one is accepted."""
    with _altered("ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true"):
        yield


@contextmanager
def read_only_database() -> Iterator[None]:
    """Within the block the test's database can be read but not written, as a standby."""
    with _altered("SET default_transaction_read_only = on", "RESET default_transaction_read_only"):
        yield


def cut_connections() -> None:
    """End every connection to the test's database, as a server that restarts."""
    with _server() as server:
        _cut(server)


@contextmanager
def _altered(change: str, back: str) -> Iterator[None]:
    name = connection.settings_dict["NAME"]
    with _server() as server:
        server.execute(f'ALTER DATABASE "{name}" {change}'.encode())
        _cut(server)
        try:
            yield
        finally:
            server.execute(f'ALTER DATABASE "{name}" {back}'.encode())
            _cut(server)
            connection.close()


def _cut(server: "psycopg.Connection[tuple[object, ...]]") -> None:
    name = connection.settings_dict["NAME"]
    server.execute("SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = %s", [name])


def _server() -> "psycopg.Connection[tuple[object, ...]]":
    """Connect to the server beside the test's database."""
    facts = connection.settings_dict
    login = {"user": facts["USER"], "password": facts["PASSWORD"]}
    return psycopg.connect(host=facts["HOST"], port=facts["PORT"] or None, dbname="postgres", autocommit=True, **login)
