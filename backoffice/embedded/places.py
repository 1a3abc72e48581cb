"""Says where the embedded servers keep data, sockets, locks and logs: computed from VAR_DIR, nothing is asked.

As an ordinary user everything lies under `VAR_DIR/embedded`, and sockets in a private folder in /tmp where their path
would be too long for the operating system.

As root the servers run as an unprivileged system user, because PostgreSQL refuses root. That user must be able to walk
down to its data. Where it cannot (a clone in /root, mode 0700) the data lies in `/var/lib/backoffice-<hash of VAR_DIR>`
and `VAR_DIR/embedded` is a link to it: opening somebody's folders to all is not ours to do.
"""

import errno
import hashlib
import os
import pwd
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from backoffice.embedded.errors import EmbeddedError

# Longest socket path that every system takes is 103 bytes (macOS; Linux: 107).
LONGEST_SOCKET_PATH = 100
# Not tempfile.gettempdir(): TMPDIR may differ between two processes, an address may not.
SHORT_SOCKETS_ROOT = Path("/tmp")  # noqa: S108
ASIDE_ROOT = Path("/var/lib")
SYSTEM_USERS = ("postgres", "_postgres", "nobody")
POSTGRES_PORT = 5432  # only a part of the socket's name; TCP is off
POSTGRES_SOCKET = f".s.PGSQL.{POSTGRES_PORT}"
VALKEY_SOCKET = "valkey.sock"


@dataclass(frozen=True, slots=True)
class ServerUser:
    """The user who owns data and sockets and runs the servers."""

    name: str
    uid: int
    gid: int

    @property
    def is_me(self) -> bool:
        """Whether the servers run as the current user."""
        return self.uid == os.geteuid()


@dataclass(frozen=True, slots=True)
class Places:
    """Every path of one VAR_DIR's servers."""

    var_dir: Path
    home: Path
    sockets: Path
    user: ServerUser
    mark: str
    """A word in the command line of each server process, by which they are found again."""

    @property
    def log_dir(self) -> Path:
        """Where the servers' output goes."""
        return self.var_dir / "log"

    @property
    def link(self) -> Path:
        """`VAR_DIR/embedded`: the home itself or, where the home lies aside, a link to it."""
        return self.var_dir / "embedded"

    @property
    def has_left_data(self) -> bool:
        """Whether the home lies aside and the VAR_DIR that it was made for has been removed since."""
        return self.home != self.link and self.home.is_dir() and not self.link.is_symlink()


def find_places(var_dir: Path) -> Places:
    """Compute the places for this VAR_DIR; touches nothing."""
    var_dir = Path(os.path.realpath(var_dir))
    user = _server_user(var_dir)
    key = hashlib.sha256(f"{var_dir}|{user.uid}".encode()).hexdigest()[:10]
    home = _home(var_dir, user, ASIDE_ROOT / f"backoffice-{key}")
    sockets = home / "run"
    if len(os.fsencode(sockets / POSTGRES_SOCKET)) > LONGEST_SOCKET_PATH:
        sockets = SHORT_SOCKETS_ROOT / f"backoffice-{user.uid}-{key}"
    # The host name keeps processes of a container, seen from its host, from being taken for ours.
    mark = hashlib.sha256(f"{home}|{user.uid}|{os.uname().nodename}".encode()).hexdigest()[:10]
    return Places(var_dir, home, sockets, user, f"backoffice-{mark}")


def is_private(folder: Path, user: ServerUser) -> bool:
    """Whether the folder is a real one that belongs to the server user and that nobody else can write to."""
    try:
        facts = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == user.uid and not facts.st_mode & 0o022


def is_reachable(path: Path, user: ServerUser) -> bool:
    """Whether the user may walk down to this path, as far as it exists."""
    return all(_may_pass(folder, user) for folder in (path, *path.parents))


def make_home(places: Places) -> None:
    """Create VAR_DIR, the home, the log and socket folders; only what is created here gets a mode."""
    mode = None if places.user.is_me else 0o755  # root's umask may close a folder to the server user
    for folder in (*reversed(places.var_dir.parents), places.var_dir, places.log_dir):
        _make_folder(folder, mode)
    if places.home != places.link and not places.link.is_symlink():
        places.link.symlink_to(places.home)
    _make_folder(places.home, mode)
    if places.home.stat().st_uid not in (places.user.uid, os.geteuid()):
        raise PermissionError(errno.EPERM, "", str(places.home))
    if not is_reachable(places.home, places.user):
        raise EmbeddedError(
            f"{places.home} holds the embedded servers' data, but the user {places.user.name}, who runs them for root, "
            f"may no longer walk down to it. Open the closed folder above it again, or give another VAR_DIR."
        )
    make_private(places.sockets, places.user)


def remove_short_sockets(places: Places) -> None:
    """Remove the socket folder if it lies apart from the data and is empty."""
    if places.home not in places.sockets.parents:
        with suppress(OSError):
            places.sockets.rmdir()


def put_away_left_data(places: Places) -> None:
    """Put data aside whose VAR_DIR was removed, as data inside it would be gone too; the newest is kept as `.old`."""
    kept = places.home.with_name(f"{places.home.name}.old")
    shutil.rmtree(kept, ignore_errors=True)
    places.home.rename(kept)


@contextmanager
def explain_refusal(places: Places) -> Iterator[None]:
    """Turn a refusal by the file system into a sentence."""
    try:
        yield
    except PermissionError as error:
        raise EmbeddedError(
            f"The embedded servers cannot use VAR_DIR={places.var_dir} as {_my_name()}: {error.filename} belongs to "
            f"another user. Run as that user, give another VAR_DIR, or remove the folder if its data is not needed."
        ) from error
    except OSError as error:
        raise EmbeddedError(
            f"The embedded servers cannot use VAR_DIR={places.var_dir}: {error}. Correct that or give another VAR_DIR."
        ) from error


def make_private(folder: Path, user: ServerUser) -> None:
    """Create a folder for the server user alone, and refuse one that somebody else has put there."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        facts = folder.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid not in (user.uid, os.geteuid()):
            raise EmbeddedError(
                f"{folder} must be a folder of the user {user.name}, but somebody else made it. "
                f"Look at it, remove it, then start again."
            ) from None
    if not user.is_me:
        os.chown(folder, user.uid, user.gid, follow_symlinks=False)
    folder.chmod(0o700)


def _make_folder(folder: Path, mode: int | None) -> None:
    """Create one folder; an existing one keeps its mode. The mode is set apart, because umask takes bits away."""
    try:
        folder.mkdir()
    except FileExistsError:
        return
    except OSError:
        if not folder.is_dir():
            raise
        return
    if mode is not None:
        folder.chmod(mode)


def _server_user(var_dir: Path) -> ServerUser:
    """Choose the current user; for root the owner of the data, or else an unprivileged user that the system has."""
    uid = os.geteuid()
    if uid:
        return _user_by_id(uid)
    try:
        owner = (var_dir / "embedded" / "postgres").stat().st_uid
    except OSError:
        owner = 0
    if owner:
        return _user_by_id(owner)
    for name in SYSTEM_USERS:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return ServerUser(name, entry.pw_uid, entry.pw_gid)
    return ServerUser("nobody", 65534, 65534)


def _user_by_id(uid: int) -> ServerUser:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return ServerUser(str(uid), uid, os.getegid())
    return ServerUser(entry.pw_name, uid, os.getegid() if uid == os.geteuid() else entry.pw_gid)


def _home(var_dir: Path, user: ServerUser, aside: Path) -> Path:
    """Where data is, it stays: only a new home depends on who can walk where."""
    inside = var_dir / "embedded"
    if user.is_me:
        return inside
    if inside.is_symlink():
        return aside
    if inside.is_dir() or is_reachable(var_dir, user):
        return inside
    return aside


def _may_pass(folder: Path, user: ServerUser) -> bool:
    try:
        facts = folder.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    if facts.st_uid == user.uid:
        return bool(facts.st_mode & stat.S_IXUSR)
    if facts.st_gid == user.gid:
        return bool(facts.st_mode & stat.S_IXGRP)
    return bool(facts.st_mode & stat.S_IXOTH)


def _my_name() -> str:
    return _user_by_id(os.geteuid()).name
