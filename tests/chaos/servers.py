"""The suite's own PostgreSQL and Valkey: made anew, stopped, killed, and started again."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from backoffice import embedded
from backoffice.embedded.places import find_places
from backoffice.embedded.postgres import DATABASE, SUPERUSER, Postgres
from backoffice.embedded.processes import locked, send
from backoffice.embedded.server import Server
from backoffice.embedded.server import start as start_server
from backoffice.embedded.server import stop as stop_server
from backoffice.embedded.valkey import Valkey
from tests.chaos.schedule import DATABASE as DATABASE_BLOW

SIGNALS = {"crash": signal.SIGQUIT, "kill": signal.SIGKILL, "empty": signal.SIGKILL}


class Servers:
    """Both servers of this VAR_DIR."""

    def __init__(self, var_dir: Path) -> None:
        self._places = find_places(var_dir)
        self.postgres = Postgres(self._places)
        self.valkey = Valkey(self._places)

    def start_empty(self) -> None:
        """Start both with nothing in them: what an earlier run left must not count in this one."""
        embedded.start(settings.VAR_DIR)
        connection.close()
        with self.postgres.connect("postgres") as maintenance:
            maintenance.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            maintenance.execute(f"CREATE DATABASE {DATABASE}")
        self._stop(self.valkey)
        self._forget()
        self._start(self.valkey)
        shutil.rmtree(settings.SYNC_BUFFER_DIR, ignore_errors=True)

    def stop(self) -> None:
        """Stop both."""
        embedded.stop(settings.VAR_DIR)

    @contextmanager
    def down(self, target: str, way: str) -> Iterator[None]:
        """Keep a server away for the block."""
        server = self.postgres if target == DATABASE_BLOW else self.valkey
        if way == "stop":
            self._stop(server)
        else:
            send([process for process in server.processes() if server.is_main(process)], SIGNALS[way])
        if way == "empty":
            self._stop(server)  # only waits until it is gone
            self._forget()
        try:
            yield
        finally:
            self._start(server)
            connection.close()

    def environment(self) -> dict[str, str]:
        """Name the servers as production does, so that no child starts one that is meant to be away."""
        sockets = quote(str(self._places.sockets), safe="")
        return {
            "DATABASE_URL": f"postgresql://{SUPERUSER}@{sockets}/{DATABASE}",
            "REDIS_URL": embedded.redis_url(settings.VAR_DIR),
            "CELERY_BROKER_URL": embedded.broker_url(settings.VAR_DIR),
        }

    def _forget(self) -> None:
        shutil.rmtree(self.valkey.data / "appendonlydir", ignore_errors=True)

    def _stop(self, server: Server) -> None:
        with locked(self._places.home / "start.lock"):
            stop_server(server)

    def _start(self, server: Server) -> None:
        with locked(self._places.home / "start.lock"):
            start_server(server)


def is_alive(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
