"""Lists the marketplaces that have a connector. A new one is a line here and a folder beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

from shops.marketplaces.base import ConnectorClass
from shops.marketplaces.contract import Capability
from shops.marketplaces.errors import UnknownMarketplace
from shops.marketplaces.lazada.client import LazadaConnector
from shops.marketplaces.records import Resource
from shops.marketplaces.shopee.client import ShopeeConnector
from shops.marketplaces.temu.client import TemuConnector
from shops.marketplaces.tiktok.client import TikTokConnector


@dataclass(frozen=True, slots=True)
class Marketplace:
    """What people call it, what talks to it, and where it answers unless an app says otherwise."""

    label: str
    connector: ConnectorClass
    api_url: str
    auth_url: str
    consent_url: str


MARKETPLACES: Mapping[str, Marketplace] = {
    "tiktok": Marketplace(
        "TikTok Shop",
        TikTokConnector,
        api_url="https://open-api.tiktokglobalshop.com",
        auth_url="https://auth.tiktok-shops.com",
        consent_url="https://services.tiktokshop.com",
    ),
    "temu": Marketplace(
        "Temu",
        TemuConnector,
        api_url="https://openapi-b-us.temu.com",  # of the US; -eu and -global serve the other areas
        auth_url="https://openapi-b-us.temu.com",
        consent_url="https://seller.temu.com",  # of the US; an app of another area names its own seller centre
    ),
    "shopee": Marketplace(
        "Shopee",
        ShopeeConnector,
        api_url="https://partner.shopeemobile.com",  # other hosts serve Brazil and the network of mainland China
        auth_url="https://partner.shopeemobile.com",
        consent_url="https://partner.shopeemobile.com",
    ),
    "lazada": Marketplace(
        "Lazada",
        LazadaConnector,
        api_url="https://api.lazada.sg",  # a shop's country chooses among the six hosts
        auth_url="https://auth.lazada.com",
        consent_url="https://auth.lazada.com",
    ),
}


def find(code: str) -> Marketplace:
    """Find a marketplace by its code; raises UnknownMarketplace, which is not worth a retry."""
    try:
        return MARKETPLACES[code]
    except KeyError:
        raise UnknownMarketplace(f"No marketplace is called {code!r}; there are: {', '.join(MARKETPLACES)}.") from None


def find_capability(code: str, resource: str) -> Capability | None:
    """Find how a marketplace gives a resource; None where it does not."""
    return find(code).connector.capabilities.get(Resource(resource))


def list_offering(resource: str) -> tuple[str, ...]:
    """List the marketplaces that give a resource."""
    return tuple(code for code in MARKETPLACES if find_capability(code, resource) is not None)
