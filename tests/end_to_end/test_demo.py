"""The whole product in processes of its own: all arrives complete, and nothing is left running, killed or not."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backoffice.env import BASE_DIR
from shops.marketplaces.registry import MARKETPLACES
from tests.end_to_end.alone import list_processes, own_environment, own_var_dir

SECONDS_AT_MOST = 200
POLL_SECONDS = 0.1
CHILDREN = {"sandbox", "worker", "beat", "web"}
ORDERS = 160  # over all marketplaces
KINDS_OF_EACH = {
    *((marketplace, kind) for marketplace in MARKETPLACES for kind in ("orders", "products", "shipments", "returns")),
    *((marketplace, "transactions") for marketplace in ("tiktok", "shopee", "lazada")),
    *((marketplace, "statements") for marketplace in ("tiktok", "lazada")),
}


@pytest.fixture
def var_dir() -> Iterator[Path]:
    with own_var_dir("demo-") as folder:
        yield folder


def start_demo(var_dir: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "run_demo", "--once", "--orders", str(ORDERS), "--seed", "3"],
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


def table_rows(printed: str) -> dict[tuple[str, str], list[int]]:
    """What is there, here, missing, extra and different, by marketplace and kind of record."""
    rows = {}
    for line in printed.splitlines():
        cells = [cell.strip() for cell in line.split("│")[1:]]
        if len(cells) > 7 and all(cell.isdigit() for cell in cells[2:7]):
            rows[cells[0], cells[1]] = [int(cell) for cell in cells[2:7]]
    return rows


def expect_everything_to_be_here_and_nothing_left(demo: "subprocess.Popen[str]", var_dir: Path) -> str:
    printed, _ = demo.communicate(timeout=SECONDS_AT_MOST)
    assert demo.returncode == 0, printed
    rows = table_rows(printed)
    assert rows.keys() == KINDS_OF_EACH, printed
    for numbers in rows.values():
        there, here, *differing = numbers
        assert (here, differing) == (there, [0, 0, 0]), printed
        assert there > 0, printed
    assert sum(rows[marketplace, "orders"][0] for marketplace in MARKETPLACES) >= ORDERS
    assert list_processes(var_dir) == []
    return printed


@pytest.mark.long
def test_a_demo_that_was_killed_is_cleared_away_by_the_next_one_which_misses_nothing_and_leaves_nothing(var_dir):
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
