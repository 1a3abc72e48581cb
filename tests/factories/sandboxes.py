"""A small sandbox that answers over HTTP for the whole session, put back in order for every test that asks for it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest
import requests
from django.core.management import call_command

from backoffice.management.demo.compare import Comparison, compare_shop
from shops.models import Shop
from shops.sandbox.server import Running, start

ORDERS = 650  # of two shops: four pages, two batches, and some in every chunk
SHOPS = 2
DEFAULT_SWITCHES: dict[str, Any] = {
    "revoked_shops": [],
    "old_refresh_token_seconds": 60,
    "refresh_ends_access_token": False,
    "access_token_seconds": 604_800,
    "granted_scopes": [
        "seller.authorization.info",
        "seller.order.info",
        "seller.product.basic",
        "seller.return_refund.basic",
        "seller.finance.info",
        "seller.fulfillment.basic",
    ],
}


class Sandbox:
    """What tests ask of a sandbox, and what they make go wrong there."""

    def __init__(self, control_url: str, now: int) -> None:
        self.control_url = control_url
        self.now = now

    @property
    def app(self) -> dict[str, Any]:
        app: dict[str, Any] = self.control("GET", "/world")["marketplaces"]["tiktok"]
        return app

    def shop_facts(self, number: int = 0) -> dict[str, Any]:
        facts: dict[str, Any] = self.app["shops"][number]
        return facts

    def control(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = requests.request(method, self.control_url + path, json=body, timeout=10)
        assert answer.ok, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def put_in_order(self) -> None:
        for path in ("/faults", "/quotas", "/calls"):
            self.control("DELETE", path)
        self.control("POST", "/clock", {"mode": "frozen", "now": self.now})
        self.switch(**DEFAULT_SWITCHES)

    def fault(self, kind: str, **options: Any) -> None:
        self.control("POST", "/faults", {"kind": kind, "marketplace": "tiktok", **options})

    def struck(self) -> int:
        """How often faults struck."""
        return sum(fault["applied"] for fault in self.control("GET", "/faults")["faults"])

    def switch(self, marketplace: str = "tiktok", **switches: Any) -> None:
        self.control("POST", "/switches", {"marketplace": marketplace, **switches})

    def calls(self) -> dict[str, int]:
        totals: dict[str, int] = self.control("GET", "/calls")["tiktok"]["total"]
        return totals

    def forget_calls(self) -> None:
        self.control("DELETE", "/calls")

    def calls_of(self, endpoint: str, shop: Shop) -> int:
        counts = self.control("GET", "/calls")["tiktok"]["shops"].get(shop.external_id, {}).get(endpoint, {})
        return sum(counts.get(outcome, 0) for outcome in ("ok", "refused", "throttled", "faulted"))

    def connect(self, *marketplaces: str) -> list[Shop]:
        """Connect all shops of these marketplaces, of TikTok Shop alone unless told otherwise, as people do."""
        call_command(
            "connect_sandbox",
            control=self.control_url,
            marketplace=list(marketplaces or ("tiktok",)),
            stdout=StringIO(),
        )
        return list(Shop.objects.order_by("pk"))

    def compare(self, *shops: Shop, kind: str = "orders") -> Comparison:
        """Compare the shops' records of a kind, orders with every line, with the truth."""
        result = Comparison()
        for shop in shops:
            compare_shop(self.control_url, shop, kind, self.now, result)
        return result


@dataclass(frozen=True)
class _Started:
    running: Running
    now: int


@pytest.fixture(scope="session")
def started_sandbox() -> Iterator[_Started]:
    """The world stands still at five minutes ago, so that every order lies behind the end guard."""
    now = int(time.time()) - 300
    with start(port=0, seed=7, orders=ORDERS, shops=SHOPS, now=now) as running:
        yield _Started(running, now)


@pytest.fixture
def sandbox(started_sandbox: _Started) -> Sandbox:
    sandbox = Sandbox(started_sandbox.running.control_url, started_sandbox.now)
    sandbox.put_in_order()
    return sandbox
