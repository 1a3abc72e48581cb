"""A sandbox with enough orders for every state of Temu's, put back in order before every test."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import pytest

from shops.sandbox.server import Running, start
from shops.sandbox.temu.switches import Switches
from tests.shops.sandbox.calling import control
from tests.shops.sandbox.conftest import EPOCH
from tests.shops.sandbox.temu.calling import CREATE, INFO, TemuClient


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    with start(port=0, seed=7, orders=2100, shops=3, now=EPOCH) as started:
        yield started


@pytest.fixture
def temu(running: Running) -> str:
    """Address of the control server."""
    url = running.control_url
    for path in ("/faults", "/quotas"):
        control(url, "DELETE", path)
    control(url, "POST", "/clock", {"mode": "frozen", "now": EPOCH})
    control(url, "POST", "/switches", {"marketplace": "temu", **asdict(Switches())})
    # A token that an earlier test let end is replaced.
    for number in range(3):
        client = TemuClient(url, number)
        if client.code(INFO) != 1000000:
            wanted = {"marketplace": "temu", "shop": client.shop["external_id"]}
            code = control(url, "POST", "/auth_codes", wanted).json["auth_code"]
            assert client.result(CREATE, code=code, access_token=code)
    control(url, "DELETE", "/calls")
    return url


@pytest.fixture
def client(temu: str) -> TemuClient:
    return TemuClient(temu)


@pytest.fixture
def switch(temu: str) -> Callable[..., None]:
    def set_switches(**wanted: Any) -> None:
        assert control(temu, "POST", "/switches", {"marketplace": "temu", **wanted}).status == 200

    return set_switches


@pytest.fixture
def fault(temu: str) -> Callable[..., None]:
    def add(kind: str, **options: Any) -> None:
        answer = control(temu, "POST", "/faults", {"kind": kind, "marketplace": "temu", **options})
        assert answer.status == 200, answer.body

    return add
