"""Importing settings, models or tasks starts no process, opens no connection, writes no file: tools do it all day."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backoffice.env import BASE_DIR

# Whatever Python does passes its audit hooks; an import that does one of these prints it.
WATCHED = """
import sys
sys.dont_write_bytecode = True
def watch(event, arguments):
    written = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if written or event in {"subprocess.Popen", "os.fork", "os.posix_spawn", "os.exec", "socket.connect", "os.mkdir"}:
        print(event, arguments)
import django, psycopg, celery, unfold  # what libraries do by themselves is not ours
sys.addaudithook(watch)
"""


def imported(statement: str, tmp_path: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", WATCHED + statement],
        cwd=BASE_DIR,
        env=os.environ
        | {"VAR_DIR": str(tmp_path / "var"), "DJANGO_SETTINGS_MODULE": "backoffice.settings"}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "import backoffice.settings",
        "import backoffice.celery",
        "import backoffice.embedded",
        "import manage",
        "import django; django.setup(); import backoffice.urls, syncjobs.tasks",
    ],
)
def test_importing_starts_and_writes_nothing(statement, tmp_path):
    done = imported(statement, tmp_path, DATABASE_URL="", REDIS_URL="")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert not (tmp_path / "var").exists()
