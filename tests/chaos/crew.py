"""The workers: real Celery processes, killed with -9 and started again as a supervisor would."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backoffice.management.demo.children import Children
from syncjobs.models import Chunk, ChunkState

# As in Procfile, but that the one in the middle was started without names, so that it serves every queue, first ones
# first; and one of the three forks no pool.
WORKERS: Mapping[str, tuple[str, ...]] = {
    "fast": ("--pool", "solo", "--queues", "high,sweeps,webhooks"),
    "pool": ("--concurrency", "2"),
    "heavy": ("--concurrency", "2", "--queues", "export,backfill"),
}
SECONDS_TO_END = 30  # as much as supervisors commonly give


@dataclass(frozen=True)
class Holder:
    """A process that holds chunks at this moment, and the worker that it belongs to."""

    worker: str
    pid: int


class Crew(Children):
    """Starts the workers, kills them, and knows which of them holds what."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.environment: dict[str, str] = {}
        self._groups_left: list[int] = []

    def start_worker(self, name: str) -> None:
        """Start a worker."""
        celery = [sys.executable, "-m", "celery", "-A", "backoffice.celery", "worker"]
        options = ["--hostname", f"{name}@chaos", "--loglevel", "INFO", *WORKERS[name]]
        self.start(name, [*celery, *options], **self.environment)

    def start_again(self) -> list[str]:
        """Start the workers that are dead; return their names."""
        dead = [name for name in self.ended() if name in WORKERS]
        for name in dead:
            self.start_worker(name)
        return dead

    def list_holders(self) -> list[Holder]:
        """List the processes that hold a chunk now."""
        owners = Chunk.objects.filter(state=ChunkState.RUNNING).values_list("lease_owner", flat=True)
        pids = sorted({int(owner.split(":")[-2]) for owner in owners})
        groups = {self._running[name].pid: name for name in WORKERS}
        return [Holder(groups[group], pid) for pid in pids if (group := _group_of(pid)) in groups]

    def list_processes(self) -> dict[int, str]:
        """Name the worker of every process that can take a chunk: of a pool its children, else the worker itself."""
        listed = subprocess.run(["ps", "-axo", "pid=,pgid="], capture_output=True, text=True, check=True).stdout
        processes: dict[int, str] = {}
        for name in WORKERS:
            parent = self._running[name].pid
            members = [int(pid) for pid, group in map(str.split, listed.splitlines()) if int(group) == parent]
            children = [pid for pid in members if pid != parent]
            processes |= dict.fromkeys(children or members, name)
        return processes

    def kill(self, name: str, way: str, pid: int | None = None) -> None:
        """Kill -9: the process that holds a chunk, the worker's parent, or all of it."""
        parent = self._running[name]
        if way == "pool" and pid is not None and pid != parent.pid:
            os.kill(pid, signal.SIGKILL)
            return
        if way == "everything":
            os.killpg(parent.pid, signal.SIGKILL)
        else:
            parent.kill()
        parent.wait()
        self._groups_left.append(parent.pid)

    def end_orphans(self) -> int:
        """End what outlived its killed parent; return of how many workers something was left."""
        left = 0
        for group in self._groups_left:
            try:
                os.killpg(group, signal.SIGKILL)
                left += 1
            except (ProcessLookupError, PermissionError):
                continue
        self._groups_left.clear()
        return left

    def dismiss(self) -> dict[str, str]:
        """End the workers as a release does; return what is to be said of those that did not end cleanly."""
        names = [name for name in WORKERS if name in self._running]
        for name in names:
            self._running[name].terminate()
        unclean = {}
        for name in names:
            try:
                if code := self._running[name].wait(SECONDS_TO_END):
                    unclean[name] = f"exit code {code}"
            except subprocess.TimeoutExpired:
                self._running[name].send_signal(signal.SIGUSR1)  # Celery logs where each of its threads stands
                unclean[name] = f"not ended after {SECONDS_TO_END} s; its log says where it stands"
        return unclean


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0
