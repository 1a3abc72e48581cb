"""The whole product in processes of its own: orders arrive complete, and nothing is left running, killed or not."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backoffice import embedded
from backoffice.env import BASE_DIR

SECONDS_AT_MOST = 200
POLL_SECONDS = 0.1
CHILDREN = {"sandbox", "worker", "beat", "web"}


@pytest.fixture
def var_dir() -> Iterator[Path]:
    """A folder that the servers' user can reach (pytest's own is closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="demo-"))
    folder.chmod(0o755)
    yield folder
    for pid in list_processes(folder):
        os.kill(pid, signal.SIGKILL)
    embedded.stop(folder)
    shutil.rmtree(folder)


def start_demo(var_dir: Path) -> "subprocess.Popen[str]":
    """Start it on servers of its own, whatever the tests run on."""
    own = {"VAR_DIR": str(var_dir), "DATABASE_URL": "", "REDIS_URL": "", "CELERY_BROKER_URL": ""}
    return subprocess.Popen(
        [sys.executable, "manage.py", "run_demo", "--once", "--orders", "600", "--seed", "3"],
        cwd=BASE_DIR,
        env=os.environ | own | {"DEBUG": "true", "ALLOW_SANDBOX": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def list_processes(var_dir: Path) -> list[int]:
    """Everything that runs with this VAR_DIR in its command or its environment."""
    listed = subprocess.run(["ps", "axeww", "-o", "pid=,command="], capture_output=True, text=True, check=True)
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if str(var_dir) in line]


def started_children(var_dir: Path) -> set[str]:
    try:
        return set(json.loads((var_dir / "demo/children.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return set()


def table_row(printed: str) -> dict[str, int]:
    """The marketplace's line of the table that compares it with what is here."""
    line = next(line for line in printed.splitlines() if "tiktok" in line and "connected" not in line)
    numbers = [int(number) for number in re.findall(r"\d+", line)[:5]]
    return dict(zip(("there", "here", "missing", "extra", "different"), numbers, strict=True))


def expect_everything_to_be_here_and_nothing_left(demo: "subprocess.Popen[str]", var_dir: Path) -> str:
    printed, _ = demo.communicate(timeout=SECONDS_AT_MOST)
    assert demo.returncode == 0, printed
    row = table_row(printed)
    assert row["there"] == row["here"] >= 600
    assert (row["missing"], row["extra"], row["different"]) == (0, 0, 0)
    assert list_processes(var_dir) == []
    return printed


def test_every_order_arrives_and_nothing_is_left_running(var_dir):
    expect_everything_to_be_here_and_nothing_left(start_demo(var_dir), var_dir)


def test_a_demo_that_was_killed_is_cleared_away_by_the_next_one_which_misses_nothing(var_dir):
    killed = start_demo(var_dir)
    while started_children(var_dir) != CHILDREN:
        assert killed.poll() is None, killed.communicate()[0]
        time.sleep(POLL_SECONDS)
    killed.kill()
    killed.wait()
    assert list_processes(var_dir) != []
    printed = expect_everything_to_be_here_and_nothing_left(start_demo(var_dir), var_dir)
    assert "Ended what an earlier demo left running: beat, sandbox, web, worker." in printed
    assert "Going on with the world of seed 3." in printed
