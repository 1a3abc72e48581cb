"""The demo's child processes: each in its own session, each ended by one SIGTERM, none left behind.

Their process numbers stand in a file, so that a demo that was killed is cleared away by the next one.
"""

import json
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backoffice.common import clock

SECONDS_TO_END = 20  # a worker gives back what it holds at its next page
POLL_SECONDS = 0.1


class Children:
    """Starts, watches and ends the processes of one demo."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._record = folder / "children.json"
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def end_leftovers(self) -> list[str]:
        """End what an earlier demo left running because it was killed; return the names."""
        known: dict[str, Any] = _read_json(self._record)
        left = {name: child["pid"] for name, child in known.items() if _started_at(child["pid"]) == child["started"]}
        for pid in left.values():
            _signal_one(pid, signal.SIGTERM)
        until = clock.monotonic_seconds() + SECONDS_TO_END
        while any(_started_at(pid) for pid in left.values()) and clock.monotonic_seconds() < until:
            clock.sleep(POLL_SECONDS)
        for pid in left.values():
            _signal_group(pid, signal.SIGKILL)
        self._record.unlink(missing_ok=True)
        return sorted(left)

    def start(self, name: str, command: Sequence[str], **environment: str) -> None:
        """Start one process; what it prints goes to its own log file."""
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, **environment},
            )  # fmt: skip
        pids = {child: process.pid for child, process in self._running.items()}
        written = {child: {"pid": pid, "started": _started_at(pid)} for child, pid in pids.items()}
        temporary = self._record.with_suffix(".new")
        temporary.write_text(json.dumps(written), encoding="utf-8")
        temporary.replace(self._record)

    def ended(self) -> dict[str, int]:
        """Return the processes that ended by themselves, with their exit codes."""
        return {name: code for name, process in self._running.items() if (code := process.poll()) is not None}

    def end_all(self) -> None:
        """Send each one SIGTERM, wait, and end at last whatever does not."""
        for process in self._running.values():
            if process.poll() is None:
                _signal_one(process.pid, signal.SIGTERM)
        until = clock.monotonic_seconds() + SECONDS_TO_END
        while any(process.poll() is None for process in self._running.values()) and clock.monotonic_seconds() < until:
            clock.sleep(POLL_SECONDS)
        for process in self._running.values():
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
        self._record.unlink(missing_ok=True)

    def log_tail(self, name: str, lines: int = 15) -> str:
        """Return the end of a process's log."""
        text = (self._folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content


def _started_at(pid: int) -> str:
    """Return when a process was started, or "" if there is none: process numbers are used again.

    From /proc where there is one, in ticks since the machine's start: small containers have no `ps`.
    """
    if Path("/proc/self/stat").exists():
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        state, *fields = stat.rpartition(")")[2].split()  # the command's name before it may hold anything
        return "" if state == "Z" else fields[18]
    answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def _signal_one(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _signal_group(pid: int, number: int) -> None:
    """Signal a child with everything it started; as leader of its session its number is the group's too."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return
