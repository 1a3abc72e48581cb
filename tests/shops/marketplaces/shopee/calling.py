"""A Shopee connector against the scripted server, and how its answers are wrapped."""

from datetime import UTC, datetime
from typing import Any

from shops.marketplaces.contract import AppKeys, ListQuery, ShopKeys
from shops.marketplaces.http import HttpClient
from shops.marketplaces.rate_limit import NoLimit
from shops.marketplaces.records import Resource, Token, Window
from shops.marketplaces.shopee.client import ShopeeConnector
from tests.shops.marketplaces.scripted_server import ScriptedServer

NOW = 1_785_571_200
SECRET = "shpk6f4b2d1c9e8a7051"
TOKEN = Token("6b5a4671", "4c725953")
WINDOW = Window(datetime(2026, 7, 31, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))
FROM, TO = "1785456000", "1785542400"


class Limiter(NoLimit):
    """Remembers blocks."""

    def __init__(self) -> None:
        self.blocks: list[float | None] = []

    def block(self, seconds: float | None) -> None:
        self.blocks.append(seconds)


def connector(
    server: ScriptedServer,
    *,
    token: Token = TOKEN,
    shop_id: str = "600123",
    limiter: Limiter | None = None,
    kind: type[ShopeeConnector] = ShopeeConnector,
) -> ShopeeConnector:
    keys = AppKeys("2001887", SECRET, server.url + "/", server.url, server.url)
    http = HttpClient(timeout_seconds=5)
    return kind(keys, token, ShopKeys(shop_id, "SG"), http, limiter or Limiter(), lambda: NOW + 0.9)


def query(resource: Resource, name: str = "", raw_status: str = "") -> ListQuery:
    return ListQuery(resource, WINDOW, name, raw_status)


def wrapped(response: Any) -> dict[str, Any]:
    return {"error": "", "message": "", "request_id": "0a", "response": response}


def asked(server: ScriptedServer, number: int = -1) -> dict[str, str]:
    """Give the business parameters of a call."""
    common = {"partner_id", "timestamp", "sign", "access_token", "shop_id"}
    return {key: value for key, value in server.requests[number].query.items() if key not in common}
