"""The running sandbox with everything of its Lazada put back in order before every test."""

from dataclasses import asdict

import pytest

from shops.sandbox.lazada.switches import Switches
from shops.sandbox.server import Running
from tests.shops.sandbox.calling import control
from tests.shops.sandbox.conftest import EPOCH
from tests.shops.sandbox.lazada.calling import Client


@pytest.fixture
def clients(running: Running) -> list[Client]:
    """One of each country that matters: Vietnam has whole amounts, Thailand two decimals, Indonesia none."""
    url = running.control_url
    for path in ("/faults", "/quotas"):
        control(url, "DELETE", path)
    control(url, "POST", "/clock", {"mode": "frozen", "now": EPOCH})
    found = [Client(url, number) for number in range(3)]
    found[0].switch(**asdict(Switches()))
    for client in found:
        client.authorise()
    control(url, "DELETE", "/calls")
    return found


@pytest.fixture
def client(clients: list[Client]) -> Client:
    return clients[0]


@pytest.fixture
def thai_client(clients: list[Client]) -> Client:
    return clients[1]
