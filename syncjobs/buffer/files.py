"""Batches in files: one file for each, in the folder that says where it stands. Knows no database and no Django.

Every move is one atomic rename, so that a crash leaves a file in exactly one folder. The name says when, whose and,
behind the first dot, how often it was tried; so a file whose inside is damaged still says which window to read again.
The first line holds the facts and a checksum of everything else; each further line is one payload as it came.
"""

import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from backoffice.common.payloads import dump_payload

FORMAT_VERSION = 1
CHECKSUM_BYTES = 16
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700  # payloads hold names and addresses of buyers
UNFINISHED_SUFFIX = ".part"
UNFINISHED_KEPT_SECONDS = 3_600  # no batch takes that long to write; its writer is dead, and its window is read again

_NAME = re.compile(
    r"(?P<name>(?P<at>\d{8}T\d{6}\.\d{6}Z)-shop(?P<shop>\d+)-chunk(?P<chunk>\d+)-\d+-[0-9a-f]{12})\.(?P<tries>\d+)\.jsonl"
)
_MOMENT = "%Y%m%dT%H%M%S.%fZ"


class Folder(StrEnum):
    """Where a file may lie."""

    WAITING = "waiting"
    REPLAYING = "replaying"
    FAILED = "failed"
    DAMAGED = "damaged"


class NoRoomLeft(Exception):
    """A batch cannot be kept: the folder holds as much as it may, the disk is nearly full, or refuses to write."""


class DamagedFile(Exception):
    """What stands in a file is not what was written into it."""


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """What a batch is and where it comes from. Times in UTC; `mapping` names what makes records of the payloads."""

    marketplace: str
    mapping: str
    shop_id: int
    resource: str
    run_id: int | None
    chunk_id: int | None
    window_start: datetime
    window_end: datetime
    source: str
    buffered_at: datetime
    record_count: int
    error: str
    version: int = FORMAT_VERSION


@dataclass(frozen=True, slots=True)
class BatchFile:
    """One file where it lies now. `name` stays the same for good and is unique over hosts and processes."""

    path: Path
    name: str
    buffered_at: datetime
    shop_id: int
    chunk_id: int | None
    try_count: int

    @property
    def folder(self) -> Folder:
        """Where it lies."""
        return Folder(self.path.parent.name)

    @property
    def size_bytes(self) -> int:
        """How much room it takes; 0 where it has just been moved."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0


class BatchStore:
    """The folders below one root on this host."""

    def __init__(self, root: Path, *, most_bytes: int = 0, least_free_bytes: int = 0) -> None:
        """Name the root; `most_bytes` limits what all files take together, `least_free_bytes` must stay on the disk."""
        self.root = root
        self.most_bytes = most_bytes
        self.least_free_bytes = least_free_bytes

    def put(self, facts: BatchFacts, payloads: Sequence[Any]) -> BatchFile:
        """Write one batch so that it survives a crash of the machine; raises NoRoomLeft."""
        content = _write_lines(facts, payloads)
        name = (
            f"{facts.buffered_at.strftime(_MOMENT)}-shop{facts.shop_id}-chunk{facts.chunk_id or 0}"
            f"-{os.getpid()}-{secrets.token_hex(6)}"
        )
        target = self._folder(Folder.WAITING) / f"{name}.0.jsonl"
        unfinished = target.with_suffix(UNFINISHED_SUFFIX)
        try:
            self._make_folders()
            self._check_room(len(content))
            try:
                _write_through(unfinished, content)
                unfinished.rename(target)
            except OSError:
                unfinished.unlink(missing_ok=True)
                raise
            _sync_folder(target.parent)
        except OSError as error:
            raise NoRoomLeft(f"{self.root} cannot be written: {error.strerror}.") from error
        return BatchFile(target, name, facts.buffered_at, facts.shop_id, facts.chunk_id, 0)

    def read(self, file: BatchFile) -> tuple[BatchFacts, list[Any]]:
        """Return what was put; raises DamagedFile where a single bit is not as it was written."""
        first, _, body = file.path.read_bytes().partition(b"\n")
        try:
            head = json.loads(first)
            facts = head["facts"]
            if head["checksum"] != _checksum(facts, body):
                raise DamagedFile("The checksum is not the one that was written: some of the file has changed.")
            payloads = [json.loads(line) for line in body.splitlines()]
            batch = _read_facts(facts)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DamagedFile(f"The file cannot be read: {type(error).__name__}: {error}") from error
        if len(payloads) != batch.record_count or batch.shop_id != file.shop_id:
            raise DamagedFile("The file's name or count belongs to another batch.")
        return batch, payloads

    def move(self, file: BatchFile, folder: Folder, *, try_count: int | None = None) -> BatchFile:
        """Move a file and note its tries, in one step; raises FileNotFoundError where it is gone."""
        tries = file.try_count if try_count is None else try_count
        target = self._folder(folder) / f"{file.name}.{tries}.jsonl"
        self._make_folders()
        file.path.rename(target)
        _sync_folder(target.parent)
        return replace(file, path=target, try_count=tries)

    def remove(self, file: BatchFile) -> None:
        """Delete a file whose batch is stored."""
        file.path.unlink(missing_ok=True)

    def list_files(self, *folders: Folder) -> list[BatchFile]:
        """List the files of these folders, or of all, in the order in which they were written."""
        found = [file for folder in folders or Folder for path in self._paths(folder) if (file := _parse(path))]
        return sorted(found, key=lambda file: file.name)

    def measure(self) -> dict[Folder, tuple[int, int]]:
        """Return how many files each folder holds and how many bytes they take."""
        sizes = {folder: [file.size_bytes for file in self.list_files(folder)] for folder in Folder}
        return {folder: (len(found), sum(found)) for folder, found in sizes.items()}

    def drop_unfinished(self, now_seconds: float) -> None:
        """Delete what writers that died left unfinished; nobody was told that it was kept."""
        for path in self._paths(Folder.WAITING):
            with suppress(FileNotFoundError):  # its writer, who lives, has renamed it just now
                if path.suffix == UNFINISHED_SUFFIX and path.stat().st_mtime < now_seconds - UNFINISHED_KEPT_SECONDS:
                    path.unlink()

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Hold this host's right to replay; False where another process has it. A dead process has given it back."""
        self._make_folders()
        with (self.root / "replay.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def _folder(self, folder: Folder) -> Path:
        return self.root / folder.value

    def _paths(self, folder: Folder) -> list[Path]:
        try:
            return list(self._folder(folder).iterdir())
        except FileNotFoundError:
            return []

    def _make_folders(self) -> None:
        self.root.parent.mkdir(parents=True, exist_ok=True)
        for path in (self.root, *map(self._folder, Folder)):
            if not path.is_dir():
                path.mkdir(exist_ok=True)
                path.chmod(PRIVATE_FOLDER)  # whatever the umask

    def _check_room(self, more_bytes: int) -> None:
        used = sum(size for _, size in self.measure().values())
        if self.most_bytes and used + more_bytes > self.most_bytes:
            raise NoRoomLeft(f"{self.root} holds {used:,} bytes of at most {self.most_bytes:,} (SYNC_BUFFER_MAX_MB).")
        free = shutil.disk_usage(self.root).free
        if free - more_bytes < self.least_free_bytes:
            raise NoRoomLeft(
                f"The disk of {self.root} has {free:,} bytes left; {self.least_free_bytes:,} must stay free "
                "(SYNC_BUFFER_MIN_FREE_MB)."
            )


def name_mapping(marketplace: str, resource: str) -> str:
    """Name what makes records of payloads."""
    return f"{marketplace}.{resource}"


def _parse(path: Path) -> BatchFile | None:
    """Read a file's name; None for what is no batch of ours."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    at = datetime.strptime(match["at"], _MOMENT).replace(tzinfo=UTC)
    return BatchFile(path, match["name"], at, int(match["shop"]), int(match["chunk"]) or None, int(match["tries"]))


def _write_lines(facts: BatchFacts, payloads: Sequence[Any]) -> bytes:
    body = b"\n".join(dump_payload(payload) for payload in payloads)
    plain = json.loads(orjson.dumps(asdict(facts)))  # times as text
    head = {"checksum": _checksum(plain, body), "facts": plain}
    return orjson.dumps(head) + b"\n" + body


def _read_facts(plain: dict[str, Any]) -> BatchFacts:
    if plain["version"] != FORMAT_VERSION:
        raise DamagedFile(f"The file has format {plain['version']}; this release reads format {FORMAT_VERSION}.")
    times = {name: datetime.fromisoformat(plain[name]) for name in ("window_start", "window_end", "buffered_at")}
    return BatchFacts(**{**plain, **times})


def _checksum(facts: dict[str, Any], body: bytes) -> str:
    sorted_facts = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)
    return blake2b(sorted_facts + b"\n" + body, digest_size=CHECKSUM_BYTES).hexdigest()


def _write_through(path: Path, content: bytes) -> None:
    """Write a new file down to the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a crash of the machine."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
