"""A small running sandbox whose clock stands still, put back in order before every test."""

from collections.abc import Callable, Iterator

import pytest

from shops.sandbox.server import Running, start
from tests.shops.sandbox.calling import Client, control

ORDERS = 700
EPOCH = 1_785_571_200  # a fixed past moment: test names hold it, and two test workers must agree on them
SCOPES = [
    "seller.authorization.info", "seller.order.info", "seller.product.basic", "seller.return_refund.basic",
    "seller.finance.info", "seller.fulfillment.basic",
]  # fmt: skip


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    with start(port=0, seed=7, orders=ORDERS, shops=3, now=EPOCH) as started:
        yield started


@pytest.fixture
def sandbox(running: Running) -> Running:
    url = running.control_url
    for path in ("/faults", "/quotas", "/calls"):
        control(url, "DELETE", path)
    control(url, "POST", "/clock", {"mode": "frozen", "now": EPOCH})
    defaults = {"accept_unsigned_empty_object": True, "refresh_ends_access_token": False, "revoked_shops": []}
    defaults |= {"old_refresh_token_seconds": 60, "access_token_seconds": 604_800}
    defaults |= {"granted_scopes": SCOPES, "callback_url": "", "least_return_page_size": 10}
    assert control(url, "POST", "/switches", {"marketplace": "tiktok", **defaults}).status == 200
    # A token that an earlier test let expire is replaced.
    for number in range(3):
        assert Client(control(url, "GET", "/world").json, number).refresh().code == 0
    control(url, "DELETE", "/calls")
    return running


@pytest.fixture
def client(sandbox: Running) -> Client:
    return Client(control(sandbox.control_url, "GET", "/world").json)


@pytest.fixture
def us_client(sandbox: Running) -> Client:
    return Client(control(sandbox.control_url, "GET", "/world").json, 1)


@pytest.fixture
def fault(sandbox: Running) -> Callable[..., None]:
    def add(kind: str, **options: object) -> None:
        answer = control(sandbox.control_url, "POST", "/faults", {"kind": kind, "marketplace": "tiktok", **options})
        assert answer.status == 200, answer.body

    return add
