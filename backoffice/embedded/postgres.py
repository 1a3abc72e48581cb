"""The embedded PostgreSQL: how it is made, called, asked and stopped."""

import shutil
import signal
from contextlib import suppress
from pathlib import Path

import psycopg

from backoffice.embedded.binaries import find_postgres
from backoffice.embedded.errors import EmbeddedError, log_tail
from backoffice.embedded.places import POSTGRES_PORT, POSTGRES_SOCKET, is_private, make_private
from backoffice.embedded.processes import Process, run, send
from backoffice.embedded.server import Health, Server

DATABASE = "backoffice"
SUPERUSER = "postgres"
CONNECT_SECONDS = 5
# The installed locales differ from machine to machine; the built-in one sorts the same everywhere.
INITDB_OPTIONS = (
    f"--username={SUPERUSER}",
    "--auth-local=trust",  # the socket lies in a private folder
    "--auth-host=reject",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--encoding=UTF8",
    "--no-instructions",
)
# fsync and synchronous_commit keep their default (on): what was committed is there after a crash.
SERVER_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "dynamic_shared_memory_type": "mmap",  # a container's /dev/shm may be too small, a logout may empty it
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "lc_messages": "C",
}
# libpq tells why a connection was refused only in words; the server speaks English (lc_messages).
NOT_READY_WORDS = ("starting up", "not yet accepting connections", "in recovery mode", "shutting down")
FULL_WORDS = ("too many clients", "remaining connection slots")


class Postgres(Server):
    """PostgreSQL 18 on a Unix socket."""

    name = "postgres"
    title = "Embedded PostgreSQL"
    process_name = "postgres"

    @property
    def address(self) -> str:
        """The socket."""
        return str(self.places.sockets / POSTGRES_SOCKET)

    def connect(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        """Open a connection, each statement its own transaction."""
        return psycopg.connect(
            host=str(self.places.sockets),
            port=POSTGRES_PORT,
            user=SUPERUSER,
            dbname=database,
            connect_timeout=CONNECT_SECONDS,
            autocommit=True,
        )

    def health(self) -> Health:
        """Connect to the product's database."""
        if not is_private(self.places.sockets, self.places.user):
            return Health.SILENT
        try:
            self.connect(DATABASE).close()
        except psycopg.OperationalError as error:
            return _health_in(str(error))
        return Health.ANSWERS

    def prepare(self, lock: int) -> None:
        """Make the cluster if there is none, and clear what a killed server has left."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise(lock)
        # Each names a process id that the system may have given to somebody else since; the lock says it is not ours.
        socket = self.places.sockets / POSTGRES_SOCKET
        for leftover in (self.data / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
            leftover.unlink(missing_ok=True)

    def _initialise(self, lock: int) -> None:
        """Run initdb beside the final place and rename: a folder with the final name is always whole."""
        fresh = self.places.home / "postgres.new"
        if fresh.exists():
            shutil.rmtree(fresh)
        make_private(fresh, self.places.user)
        initdb = find_postgres(self.places) / "initdb"
        command = [str(initdb), f"--pgdata={fresh}", *INITDB_OPTIONS]
        if run(command, user=self.places.user, lock=lock, log=self.log):
            raise EmbeddedError(
                f"PostgreSQL's data folder {self.data} could not be made, so there is no database. initdb says:\n"
                f"{log_tail(self.log)}\nCorrect that (is the disk full?) and start again."
            )
        if self.data.is_dir() and not any(self.data.iterdir()):
            self.data.rmdir()
        fresh.rename(self.data)

    def command(self) -> list[str]:
        """`postgres` with all settings, so that a new version of this file needs no edit in old data folders."""
        options = SERVER_OPTIONS | {
            "unix_socket_directories": _quoted(self.places.sockets),
            "port": str(POSTGRES_PORT),
            "cluster_name": self.places.mark,
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return [str(find_postgres(self.places) / "postgres"), "-D", str(self.data), *settings]

    def is_main(self, process: Process) -> bool:
        """Children carry a title instead of the options."""
        return " -D " in process.command

    def finish(self) -> None:
        """Create the product's database; what fails here is tried again until the start's patience ends."""
        # A starter that was killed while it asked for the same thing may still get it: both cannot.
        already_there = (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation)
        with suppress(psycopg.OperationalError, *already_there), self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")

    def ask_to_stop(self) -> None:
        """Ask for a fast shutdown: sessions are ended, everything is written."""
        send([process for process in self.processes() if self.is_main(process)], signal.SIGINT)


def _health_in(message: str) -> Health:
    if f'database "{DATABASE}" does not exist' in message:
        return Health.UNFINISHED
    if any(words in message for words in NOT_READY_WORDS):
        return Health.STARTING
    if any(words in message for words in FULL_WORDS):
        return Health.ANSWERS
    return Health.SILENT


def _quoted(folder: Path) -> str:
    """Quote for a setting that is a list: a comma or a space in the path would end the item."""
    escaped = str(folder).replace('"', '""')
    return f'"{escaped}"'
