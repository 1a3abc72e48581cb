"""A connector of a Thai Lazada shop for tests, and the answers that the scripted server gives it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from shops.marketplaces.contract import AppKeys, ShopKeys
from shops.marketplaces.http import HttpClient
from shops.marketplaces.lazada.client import LazadaConnector
from shops.marketplaces.rate_limit import NoLimit
from shops.marketplaces.records import Token, Window
from tests.shops.marketplaces.scripted_server import ScriptedServer

NOW = 1705900000
SECRET = "9f3c1e77b05d4a21a6c8e0d2f4b6a8c0"
TOKEN = Token("50000201access", "50001201refresh")
SHOP = ShopKeys("100000000001", "TH")
# 20 January, 17:00 to 21 January, 17:00 UTC: the 21st in Bangkok.
DAY = Window(datetime(2024, 1, 20, 17, tzinfo=UTC), datetime(2024, 1, 21, 17, tzinfo=UTC))
START = int(DAY.start.timestamp())


class Limiter(NoLimit):
    """Remembers how long it was told to wait."""

    def __init__(self) -> None:
        self.blocks: list[float | None] = []

    def block(self, seconds: float | None) -> None:
        self.blocks.append(seconds)


def connector(
    server: ScriptedServer,
    *,
    token: Token = TOKEN,
    shop: ShopKeys = SHOP,
    limiter: Limiter | None = None,
    clock: Callable[[], float] = lambda: NOW + 0.25,
) -> LazadaConnector:
    keys = AppKeys("100132", SECRET, server.url, server.url, server.url)
    return LazadaConnector(keys, token, shop, HttpClient(timeout_seconds=5), limiter or Limiter(), clock)


def ok(answer: Any, part: str = "data") -> dict[str, Any]:
    return {"code": "0", "request_id": "2101", part: answer}


def order_row(number: int, seconds: int, *, statuses: tuple[str, ...] = ("pending",)) -> dict[str, Any]:
    changed = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S +0000")
    return {"order_id": number, "updated_at": changed, "created_at": changed, "statuses": list(statuses)}


def order_page(rows: list[dict[str, Any]], total: int) -> dict[str, Any]:
    return ok({"count": len(rows), "countTotal": total, "orders": rows})
