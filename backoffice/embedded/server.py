"""Starts and stops one embedded server so that a kill -9 of anything at any moment does no harm.

Alive means: it answers. Gone means: its lock is free. What lies on the disk (sockets, pid files, half-made folders)
proves neither, and is cleaned by whoever has the lock.
"""

import os
import signal
import sys
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from backoffice.embedded.errors import EmbeddedError, log_tail
from backoffice.embedded.places import Places
from backoffice.embedded.processes import POLL_SECONDS, Process, find_processes, is_locked, send, spawn, try_lock

START_SECONDS = 60
# A server that reads its log after a crash says so and gets more time than a silent one.
LONGEST_START_SECONDS = 600
LOOK_FOR_ORPHANS_SECONDS = 0.5
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
SAY_SO_SECONDS = 5


class Health(Enum):
    """What a server said when asked."""

    ANSWERS = "answers"
    STARTING = "is starting"
    UNFINISHED = "answers, but its database is not made yet"
    SILENT = "does not answer"


@dataclass(slots=True)
class _Attempts:
    """When the server may be launched again, and when to stop trying."""

    begun_at: float
    patience_ends_at: float
    next_launch_at: float = 0.0
    next_look_at: float = 0.0
    count: int = 0
    has_complained: bool = False


class Server(ABC):
    """One kind of embedded server at the places of one VAR_DIR."""

    name: str
    title: str
    process_name: str

    def __init__(self, places: Places) -> None:
        self.places = places

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.places.log_dir / f"{self.name}.log"

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.places.home / self.name

    @property
    def lock(self) -> Path:
        """The file that a living server keeps locked."""
        return self.places.home / f"{self.name}.lock"

    @property
    @abstractmethod
    def address(self) -> str:
        """Where it listens."""

    @abstractmethod
    def health(self) -> Health:
        """Ask it."""

    @abstractmethod
    def prepare(self, lock: int) -> None:
        """Make the data folder and remove leftovers; runs while nobody else can use the data."""

    @abstractmethod
    def command(self) -> list[str]:
        """How it is called."""

    @abstractmethod
    def is_main(self, process: Process) -> bool:
        """Whether this is the server itself and not one of its children."""

    @abstractmethod
    def ask_to_stop(self) -> None:
        """Ask for a clean end that leaves nothing to recover."""

    def finish(self) -> None:  # noqa: B027 - most servers have nothing to complete
        """Complete a server that answers but is not ready for use."""

    def processes(self) -> list[Process]:
        """Its living processes."""
        return find_processes(self.places.mark, self.process_name)


def start(server: Server) -> bool:
    """Start the server unless it answers, and wait until it does; the caller has the start lock. False: was alive."""
    now = time.monotonic()
    attempts = _Attempts(begun_at=now, patience_ends_at=now + START_SECONDS)
    while (health := server.health()) is not Health.ANSWERS:
        now = time.monotonic()
        if health is Health.UNFINISHED:
            server.finish()
        elif health is Health.STARTING:
            attempts.patience_ends_at = min(now + START_SECONDS, attempts.begun_at + LONGEST_START_SECONDS)
        else:
            _try_once(server, attempts, now)
        if now > attempts.patience_ends_at:
            raise EmbeddedError(_not_started(server, attempts))
        time.sleep(POLL_SECONDS)
    return attempts.count > 0


def stop(server: Server) -> bool:
    """Stop the server, politely first, until it is gone; the caller has the start lock. False: was not alive."""
    if not is_locked(server.lock):
        _end_ghosts(server)
        return False
    server.ask_to_stop()
    if _wait_until_gone(server, 30):
        return True
    send([process for process in server.processes() if server.is_main(process)], signal.SIGQUIT)
    if _wait_until_gone(server, 5):
        return True
    send(server.processes(), signal.SIGKILL)
    if _wait_until_gone(server, 10):
        return True
    pids = ", ".join(str(process.pid) for process in server.processes()) or "not to be found"
    raise EmbeddedError(
        f"{server.title} does not stop: its data is still in use after a kill (process ids: {pids}; lock "
        f"{server.lock}). Is it running in another container or under another user? Stop it there.\n"
        f"The end of {server.log}:\n{log_tail(server.log)}"
    )


def _try_once(server: Server, attempts: _Attempts, now: float) -> None:
    """Launch a silent server if nothing of it lives, or end what a dead one has left behind."""
    if now >= attempts.next_launch_at and (lock := try_lock(server.lock)) is not None:
        try:
            _end_ghosts(server)
            server.prepare(lock)
            spawn(server.command(), user=server.places.user, lock=lock, log=server.log)
        finally:
            os.close(lock)
        attempts.next_launch_at = now + min(FIRST_PAUSE_SECONDS * 2**attempts.count, LONGEST_PAUSE_SECONDS)
        attempts.count += 1
    elif now >= attempts.next_look_at:
        attempts.next_look_at = now + LOOK_FOR_ORPHANS_SECONDS
        _end_orphans(server)
    if not attempts.has_complained and now - attempts.begun_at > SAY_SO_SECONDS:
        attempts.has_complained = True
        print(  # noqa: T201
            f"{server.title} does not answer yet; trying for {START_SECONDS} seconds. Its log: {server.log}",
            file=sys.stderr,
        )


def _end_orphans(server: Server) -> None:
    """Children whose server was killed may work on for long and keep its lock and memory; nobody can use them."""
    processes = server.processes()
    if not any(server.is_main(process) for process in processes):
        send(processes, signal.SIGKILL)


def _end_ghosts(server: Server) -> None:
    """With the lock free, processes of this server serve files that were removed while it ran: end them."""
    send(server.processes(), signal.SIGKILL)


def _wait_until_gone(server: Server, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_locked(server.lock):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _not_started(server: Server, attempts: _Attempts) -> str:
    if attempts.count:
        what = f"was started {attempts.count} times in {START_SECONDS} seconds and never answered"
    else:
        what = f"runs (its data is in use) but has not answered for {START_SECONDS} seconds"
    return (
        f"{server.title} {what} at {server.address}. Nothing can be stored until it does.\n"
        f"The end of {server.log}:\n{log_tail(server.log)}\n"
        f"Correct what it says there, or run `python manage.py embedded stop` and start again, "
        f"or give DATABASE_URL and REDIS_URL of other servers."
    )
