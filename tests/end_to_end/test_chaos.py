"""A small run of the chaos suite, in which all is killed that the large one kills many times; and what it notices."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from backoffice.common import clock
from backoffice.env import BASE_DIR
from backoffice.management.demo.truths import KINDS
from orders.models import OrderPayload
from shops.marketplaces.registry import MARKETPLACES
from syncjobs.models import ChunkState, RunKind, RunState, Watermark
from tests.chaos.aftermath import find_faults
from tests.chaos.marketplace import FAULT_RATES
from tests.chaos.schedule import DATABASE, KILL, LONG_DOWN_SECONDS, REDIS, WAYS, plan_blows
from tests.end_to_end.alone import list_processes, own_environment, own_var_dir
from tests.factories.orders import store
from tests.factories.records import UPDATED_AT, make_order
from tests.factories.sync import make_chunk, make_run

ORDERS = 400  # of each marketplace: lists of several pages, and details in many calls
SMALL = {
    "orders": ORDERS, "shops": 1, "days": 2, "without": "shipments", "seed": 11, "kills": 3, "database-restarts": 1,
    "redis-restarts": 1, "seconds-of-storm": 12, "seconds-at-most": 150,
}  # fmt: skip


@pytest.fixture
def var_dir() -> Iterator[Path]:
    with own_var_dir("chaos-") as folder:
        yield folder


def run_chaos(var_dir: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tests.chaos", *(f"--{name}={value}" for name, value in SMALL.items())],
        cwd=BASE_DIR,
        env=own_environment(var_dir) | {"LOG_LEVEL": "WARNING"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def read_table(printed: str) -> dict[str, int]:
    """The first number of each line."""
    lines = re.findall(r"^│ +(.+?) +│ (\d+)", printed, re.MULTILINE)
    return {name: int(number) for name, number in lines}


@pytest.mark.long
def test_nothing_is_lost_while_everything_is_killed(var_dir):
    done = run_chaos(var_dir)
    assert done.returncode == 0, done.stdout + done.stderr
    table = read_table(done.stdout)
    assert (table["kills -9"], table["database restarts"], table["Redis restarts"]) == (3, 1, 1)
    assert table["orders there"] == table["orders here"] >= ORDERS * len(MARKETPLACES)
    assert all(table[f"{kind} there"] == table[f"{kind} here"] > 0 for kind in KINDS if kind != "shipments")
    assert (table["missing"], table["extra"], table["different"]) == (0, 0, 0)
    assert all(table[kind] for kind in FAULT_RATES)
    assert list_processes(var_dir) == []


def test_servers_of_somebody_else_are_not_touched(var_dir):
    refused = run_chaos(var_dir, DATABASE_URL="postgresql://somebody@nowhere.example/else")
    assert refused.returncode == 2
    assert "only on embedded ones" in refused.stdout


def test_the_blows_are_those_of_the_seed():
    plan = partial(plan_blows, kills=30, database_restarts=6, redis_restarts=6, is_long=True)
    blows = plan(1)
    assert blows == plan(1) != plan(2)
    counts = Counter((blow.target, blow.way) for blow in blows)
    each = {KILL: 10, DATABASE: 2, REDIS: 2}
    assert counts == {(target, way): each[target] for target, ways in WAYS.items() for way in ways}
    assert [blow.target for blow in blows if blow.down_seconds == LONG_DOWN_SECONDS].count(DATABASE) == 1


@pytest.fixture
def healed(shop):
    """A shop of which all is as it must be."""
    updated_at = int(UPDATED_AT.timestamp())
    store(shop, *(make_order(number, payload={"id": number, "update_time": updated_at}) for number in ("1", "2")))
    run = make_run(shop=shop, kind=RunKind.INCREMENTAL, state=RunState.DONE)
    make_chunk(run=run, state=ChunkState.DONE, inserted_count=2)
    Watermark.objects.create(shop=shop, resource="orders", position_at=run.window_end, moved_at=clock.now())
    assert list(find_faults([shop])) == []
    return run


def test_work_that_was_not_ended_is_noticed(healed):
    make_chunk(run=make_run(shop=healed.shop, kind=RunKind.FULL))
    assert list(find_faults([healed.shop])) == ["1 runs are not ended", "1 chunks are not ended"]


def test_a_watermark_that_is_elsewhere_is_noticed(healed):
    Watermark.objects.update(position_at=healed.window_start)
    assert ["watermark of orders at" in fault for fault in find_faults([healed.shop])] == [True]


def test_orders_that_were_counted_twice_are_noticed(healed):
    healed.chunks.update(inserted_count=3)
    assert list(find_faults([healed.shop])) == ["the chunks count 3 new orders, but there are 2"]


@pytest.mark.parametrize(
    ("change", "noticed"),
    [
        (lambda rows: rows.all().delete(), "orders without a payload"),
        (lambda rows: rows.update(payload={"update_time": 1}), "orders whose newest payload is not what the row shows"),
    ],
)
def test_a_history_that_does_not_fit_is_noticed(healed, change, noticed):
    change(OrderPayload.objects.filter(order__external_id="1"))
    assert [noticed in fault for fault in find_faults([healed.shop])] == [True]


def test_a_payload_that_was_kept_twice_is_noticed(healed):
    kept = OrderPayload.objects.filter(order__external_id="1").get()
    OrderPayload.objects.create(order=kept.order, received_at=kept.received_at, source="poll", payload=kept.payload)
    faults = " ".join(find_faults([healed.shop]))
    assert "1 payloads of orders that equal the one before" in faults
    assert "1 orders with two newest payloads" in faults


def test_a_file_in_the_buffer_is_noticed(healed, settings, tmp_path):
    settings.SYNC_BUFFER_DIR = tmp_path
    (tmp_path / "waiting").mkdir()
    (tmp_path / "waiting/one.jsonl").touch()
    assert ["left in the buffer" in fault for fault in find_faults([healed.shop])] == [True]
