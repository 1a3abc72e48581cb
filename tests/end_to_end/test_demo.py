"""The whole product in processes of its own: orders arrive complete, and nothing is left running, killed or not."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backoffice.env import BASE_DIR
from tests.end_to_end.alone import list_processes, own_environment, own_var_dir

SECONDS_AT_MOST = 200
POLL_SECONDS = 0.1
CHILDREN = {"sandbox", "worker", "beat", "web"}


@pytest.fixture
def var_dir() -> Iterator[Path]:
    with own_var_dir("demo-") as folder:
        yield folder


def start_demo(var_dir: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "run_demo", "--once", "--orders", "600", "--seed", "3"],
        cwd=BASE_DIR,
        env=own_environment(var_dir),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


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
