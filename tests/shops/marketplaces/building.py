"""Builds a connector of any marketplace in the registry for tests that make no call, or one to a scripted server."""

from shops.marketplaces import registry
from shops.marketplaces.contract import AppKeys, Connector, ShopKeys
from shops.marketplaces.http import HttpClient
from shops.marketplaces.rate_limit import NoLimit, RateLimiter
from shops.marketplaces.records import Token

NOWHERE = "http://127.0.0.1:1"
TOKEN = Token("an access token", "a refresh token")
SHOP = ShopKeys("7495000000000000001", "VN", "a cipher")


def build(
    code: str, url: str = NOWHERE, *, token: Token = TOKEN, shop: ShopKeys = SHOP, limiter: RateLimiter | None = None
) -> Connector:
    """Build the connector; `url` takes the place of all of the marketplace's addresses."""
    keys = AppKeys("100132", "a secret", url, url, url)
    return registry.find(code).connector(keys, token, shop, HttpClient(timeout_seconds=5), limiter or NoLimit())
