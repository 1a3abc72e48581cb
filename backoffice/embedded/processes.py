"""Starts, finds and ends server processes, and keeps two of them from the same files.

Each server inherits the lock on its data: the lock is free exactly when the server and all its children are gone,
however they ended. Process ids alone cannot say that, because the system gives them to others.
"""

import fcntl
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from backoffice.embedded.errors import EmbeddedError
from backoffice.embedded.places import ServerUser

POLL_SECONDS = 0.02
LONGEST_LOG_BYTES = 20_000_000
# Longer than a start may take (server.LONGEST_START_SECONDS), so that a waiting process does not give up before it.
LONGEST_WAIT_SECONDS = 700


@dataclass(frozen=True, slots=True)
class Process:
    """A running process and how it was called."""

    pid: int
    command: str


def try_lock(path: Path, *, create: bool = True) -> int | None:
    """Take the lock and return its file descriptor, or None if a living process has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | (os.O_CREAT if create else 0), 0o600)
    if not os.geteuid():
        folder = path.parent.stat()  # in a user's clone root leaves no files that this user cannot use
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    # The folder may have been removed meanwhile: a lock on a file that nobody else can open protects nothing.
    with suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
    os.close(descriptor)
    return None


def is_locked(path: Path) -> bool:
    """Whether a living process has the lock."""
    try:
        descriptor = try_lock(path, create=False)
    except FileNotFoundError:
        return False
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait for the lock and keep it for the block; it ends with the process that has it."""
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while (descriptor := try_lock(path)) is None:
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"Another process has been starting or stopping the embedded servers for {LONGEST_WAIT_SECONDS} "
                f"seconds (it has the lock {path}). End it, then start again."
            )
        time.sleep(POLL_SECONDS)
    try:
        yield
    finally:
        os.close(descriptor)


def server_environment() -> dict[str, str]:
    """Return the environment without what would change a server: locales, which may not be installed, PGDATA etc."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("LANG", "LC_", "PG"))}


def run(command: Sequence[str], *, user: ServerUser, lock: int, log: Path) -> int:
    """Run a command to its end as the server user, holding the lock; returns its exit code."""
    if log.exists() and log.stat().st_size > LONGEST_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        if not user.is_me:
            os.fchown(output.fileno(), user.uid, user.gid)
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",  # the current folder may be closed to the server user
                env=server_environment(),
                pass_fds=(lock,),
                start_new_session=True,  # Ctrl-C in the terminal is not meant for the servers
                user=None if user.is_me else user.uid,
                group=None if user.is_me else user.gid,
                extra_groups=None if user.is_me else [],
                umask=0o077,
                check=False,
            )
        except PermissionError as error:
            raise EmbeddedError(
                f"The embedded servers cannot be run as the user {user.name}: {error}. "
                f"Give DATABASE_URL and REDIS_URL of running servers, or run as an ordinary user."
            ) from error
    return done.returncode


def spawn(command: Sequence[str], *, user: ServerUser, lock: int, log: Path) -> None:
    """Start a server that outlives this process; the shell between them makes it nobody's child here, so no zombies."""
    run(["/bin/sh", "-c", '"$@" &', "sh", *command], user=user, lock=lock, log=log)


def find_processes(mark: str, name: str) -> list[Process]:
    """Find living processes of this program (or with a title that begins so) with the mark in their command line."""
    pattern = re.compile(rf"(^|/){re.escape(name)}[-a-z]*[: ].*{re.escape(mark)}", re.DOTALL)
    return [Process(pid, command) for pid, command in _all_commands() if mark in command and pattern.search(command)]


def send(processes: Sequence[Process], number: signal.Signals) -> None:
    """Send a signal to each; one that has just gone is what was wanted."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)


def _all_commands() -> Iterator[tuple[int, str]]:
    proc = Path("/proc")
    if not (proc / "self" / "cmdline").exists():  # not Linux
        listing = subprocess.run(
            ["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=True
        ).stdout
        for line in listing.splitlines():
            pid, _, command = line.strip().partition(" ")
            yield int(pid), command.strip()
        return
    for entry in proc.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                yield int(entry.name), command.strip()
