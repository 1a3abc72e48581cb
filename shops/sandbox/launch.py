"""Runs the sandbox as a process of its own, for tests and benchmarks that must not share its interpreter."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_STOP_SECONDS = 10


class LaunchError(Exception):
    """The process ended before it said where it answers."""


@contextmanager
def launched(**options: int) -> Iterator[str]:
    """Start a sandbox process and give the address of its control server; it takes free ports unless told a port.

    Options are those of the command: port, seed, orders, shops, now, days.
    """
    arguments = [f"--{name}={value}" for name, value in {"port": 0, **options}.items()]
    process = subprocess.Popen(
        [sys.executable, "-m", "shops.sandbox", *arguments], cwd=_ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        yield _control_url(process)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _control_url(process: subprocess.Popen[str]) -> str:
    first = process.stdout.readline().split() if process.stdout is not None else []
    if len(first) != 2 or first[0] != "control":
        raise LaunchError("The sandbox did not start; its error output says why.")
    return first[1]
