"""The sandbox starts, repeats itself byte for byte, costs no memory for big worlds, and ends cleanly."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path

import pytest

from shops.sandbox.arguments import moment
from shops.sandbox.launch import launched
from shops.sandbox.server import StartError, start
from shops.sandbox.service import RESOURCES
from tests.shops.sandbox.calling import Client, control
from tests.shops.sandbox.conftest import EPOCH

ROOT = Path(__file__).resolve().parents[3]


def answers(seed):
    """All that two shops say, without the request ids."""
    with start(port=0, seed=seed, orders=120, shops=2, now=EPOCH) as started:
        control(started.control_url, "POST", "/clock", {"mode": "frozen", "now": EPOCH})
        world = control(started.control_url, "GET", "/world").json
        said = [
            control(started.control_url, "GET", f"/truth/{resource}?marketplace=tiktok").body for resource in RESOURCES
        ]
        for number in range(2):
            client = Client(world, number)
            token = None
            while token != "":
                body = client.search(page_size="25", page_token=token).body
                said.append(re.sub(rb'"request_id":"\w+"', b"", body))
                token = json.loads(body)["data"]["next_page_token"]
        # Tokens end by the wall clock.
        shops = world["marketplaces"]["tiktok"]["shops"]
        said.append(json.dumps([[v for k, v in shop.items() if "expires" not in k] for shop in shops]).encode())
        return said


def test_the_same_seed_and_time_give_the_same_bytes():
    assert answers(4) == answers(4)
    assert answers(4) != answers(5)


def test_a_million_orders_cost_no_memory():
    with start(port=0, orders=1_000_000, shops=2, now=EPOCH) as started:
        control(started.control_url, "POST", "/clock", {"mode": "frozen", "now": EPOCH})
        client = Client(control(started.control_url, "GET", "/world").json)
        window = {"update_time_ge": EPOCH - 900, "update_time_lt": EPOCH}
        client.search(window)
        tracemalloc.start()
        try:
            total = 0
            for width in range(600, 602):
                window = {"update_time_ge": EPOCH - width}
                total += client.search(window).json["data"]["total_count"]
                client.search({}, sort_field="create_time", page_size="1")
            kept, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert total > 500
    assert kept < 4_000_000 and peak < 30_000_000, (kept, peak)


def test_a_port_in_use_is_said_in_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"^Port {port} is in use;.*\.$"):
            start(port=port)
        command = [sys.executable, "-m", "shops.sandbox", "--port", str(port)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert ended.returncode == 1
    assert ended.stderr == f"Port {port} is in use; stop what uses it, or choose another with --port.\n"


@pytest.mark.parametrize("wrong", [{"now": int(time.time()) + 86_400}, {"shops": 0}, {"port": 70_000}, {"days": 0}])
def test_impossible_worlds_are_refused(wrong):
    with pytest.raises(StartError, match=r"\.$"):
        start(**{"port": 0, **wrong})


def test_a_process_of_its_own_answers_and_ends():
    with launched(orders=10, shops=1, now=EPOCH) as url:
        assert control(url, "GET", "/world").json["seed"] == 1
    with pytest.raises(ConnectionRefusedError):
        control(url, "GET", "/world")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_cleanly_even_with_a_client_connected(number):
    command = [sys.executable, "-m", "shops.sandbox", "--port", "0", "--orders", "10"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    port = int(process.stdout.readline().rpartition(":")[2])
    assert "tiktok" in process.stdout.readline()
    assert any("stops" in line for line in iter(process.stdout.readline, ""))
    with socket.create_connection(("127.0.0.1", port)):
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_many_clients_at_once_get_whole_answers(client):
    results = []
    threads = [threading.Thread(target=lambda: results.append(len(Client(client.world).orders()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8 and len(set(results)) == 1


def test_times_are_read_as_seconds_or_iso():
    assert moment("1790000000") == 1_790_000_000
    assert (
        moment("2026-08-01T08:00:00Z")
        == moment("2026-08-01T15:00+07:00")
        == moment("2026-08-01T08:00")
        == 1_785_571_200
    )
    with pytest.raises(Exception, match="neither"):
        moment("tomorrow")


def test_the_sandbox_imports_nothing_of_the_product():
    script = "import sys, shops.sandbox.__main__\nprint([m for m in sys.modules if m.split('.')[0] in " \
        "('django', 'backoffice', 'orders', 'syncjobs') or m.startswith('shops.marketplaces')])"  # fmt: skip
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
