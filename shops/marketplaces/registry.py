"""Lists the marketplaces that have a connector. A new one is a line here and a folder beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from shops.marketplaces.contract import AppKeys, Connector
from shops.marketplaces.errors import UnknownMarketplace
from shops.marketplaces.http import HttpClient
from shops.marketplaces.rate_limit import RateLimiter
from shops.marketplaces.records import Token
from shops.marketplaces.tiktok.client import TikTokConnector


class ConnectorClass(Protocol):
    """How every connector is built; `clock` gives Unix seconds."""

    def __call__(
        self,
        keys: AppKeys,
        token: Token,
        shop_cipher: str,
        http: HttpClient,
        limiter: RateLimiter,
        clock: Callable[[], float] = ...,
    ) -> Connector:
        """Build the connector of one shop."""
        ...


@dataclass(frozen=True, slots=True)
class Marketplace:
    """What people call it, what talks to it, and where it answers."""

    label: str
    connector: ConnectorClass
    api_url: str
    auth_url: str


MARKETPLACES: Mapping[str, Marketplace] = {
    "tiktok": Marketplace(
        "TikTok Shop", TikTokConnector, "https://open-api.tiktokglobalshop.com", "https://auth.tiktok-shops.com"
    ),
}


def find(code: str) -> Marketplace:
    """Find a marketplace by its code; raises UnknownMarketplace, which is not worth a retry."""
    try:
        return MARKETPLACES[code]
    except KeyError:
        raise UnknownMarketplace(f"No marketplace is called {code!r}; there are: {', '.join(MARKETPLACES)}.") from None
