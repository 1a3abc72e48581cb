"""The Shopee of the running sandbox, put back in order before every test."""

from collections.abc import Callable
from dataclasses import asdict

import pytest

from shops.sandbox.server import Running
from shops.sandbox.shopee.switches import Switches
from tests.shops.sandbox.calling import control
from tests.shops.sandbox.conftest import EPOCH
from tests.shops.sandbox.shopee.calling import Client


@pytest.fixture
def control_url(running: Running) -> str:
    url = running.control_url
    for path in ("/faults", "/quotas"):
        control(url, "DELETE", path)
    control(url, "POST", "/clock", {"mode": "frozen", "now": EPOCH})
    assert control(url, "POST", "/switches", {"marketplace": "shopee", **asdict(Switches())}).status == 200
    for number in range(3):
        # Tokens that an earlier test ended are replaced.
        client = Client(url, number)
        assert client.redeem(client.code()).json["error"] == ""
    control(url, "DELETE", "/calls")
    return url


@pytest.fixture
def client(control_url: str) -> Client:
    """A shop in Vietnam, whose currency has no decimals."""
    return Client(control_url)


@pytest.fixture
def thai_client(control_url: str) -> Client:
    return Client(control_url, 2)


@pytest.fixture
def fault(control_url: str) -> Callable[..., None]:
    def add(kind: str, **options: object) -> None:
        answer = control(control_url, "POST", "/faults", {"kind": kind, "marketplace": "shopee", **options})
        assert answer.status == 200, answer.body

    return add
