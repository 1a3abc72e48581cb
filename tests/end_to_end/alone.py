"""A VAR_DIR of a test's own, for whole products in processes of their own: nothing of them stays behind."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backoffice import embedded


@contextmanager
def own_var_dir(prefix: str) -> Iterator[Path]:
    """A folder that the servers' user can reach (pytest's own is closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for pid in list_processes(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        embedded.stop(folder)
        shutil.rmtree(folder)


def own_environment(var_dir: Path) -> dict[str, str]:
    """Servers of its own, whatever the tests run on."""
    own = {"VAR_DIR": str(var_dir), "DATABASE_URL": "", "REDIS_URL": "", "CELERY_BROKER_URL": ""}
    return os.environ | own | {"DEBUG": "true", "ALLOW_SANDBOX": "true"}


def list_processes(var_dir: Path) -> list[int]:
    """Everything that runs with this VAR_DIR in its command or its environment."""
    listed = subprocess.run(["ps", "axeww", "-o", "pid=,command="], capture_output=True, text=True, check=True)
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if str(var_dir) in line]
