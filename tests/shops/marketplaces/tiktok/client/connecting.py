"""A TikTok connector to a scripted server, at a fixed time, with a limit that remembers what it was told."""

from shops.marketplaces.contract import AppKeys, ShopKeys
from shops.marketplaces.http import HttpClient
from shops.marketplaces.rate_limit import NoLimit
from shops.marketplaces.records import Token
from shops.marketplaces.tiktok.client import TikTokConnector
from tests.shops.marketplaces.scripted_server import ScriptedServer

NOW = 1785571200
SECRET = "sbx_secret_2f7d0c9a41"
TOKEN = Token("ROW_access", "ROW_refresh")


class Limiter(NoLimit):
    """Says how long to wait, and remembers blocks."""

    def __init__(self, wait: float = 0.0) -> None:
        self.wait = wait
        self.blocks: list[float | None] = []

    def acquire(self) -> float:
        return self.wait

    def block(self, seconds: float | None) -> None:
        self.blocks.append(seconds)


def connector(
    server: ScriptedServer,
    *,
    token: Token = TOKEN,
    cipher: str = "ROW_cipher",
    limiter: Limiter | None = None,
    service_id: str = "",
) -> TikTokConnector:
    keys = AppKeys("6sbxk3y0001", SECRET, server.url + "/", server.url, "https://services.example", service_id)
    shop = ShopKeys("7495000000000000001", "VN", cipher)
    http = HttpClient(timeout_seconds=5)
    return TikTokConnector(keys, token, shop, http, limiter or Limiter(), lambda: NOW + 0.9)
