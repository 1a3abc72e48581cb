"""Which API address serves which countries, where a marketplace divides the world into areas. Pure.

A token of one area is refused at another one's address, in words that do not say so.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

_EUROPE = frozenset(
    {"AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IT", "LT"}
    | {"LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}
)

# Marketplace -> country -> host; the empty country stands for all others.
_HOSTS: Mapping[str, Mapping[str, str]] = {
    "temu": {
        "US": "openapi-b-us.temu.com",
        **dict.fromkeys(_EUROPE, "openapi-b-eu.temu.com"),
        "": "openapi-b-global.temu.com",
    },
    "shopee": {"BR": "openplatform.shopee.com.br", "": "partner.shopeemobile.com"},
}
# They serve shops of every country, for some kinds of sellers or some networks.
_EVERYWHERE = frozenset({"openplatform.shopee.cn"})


def find_area_fault(marketplace: str, api_url: str, region: str) -> str:
    """Say what is wrong where an address is known to serve other countries than the shop's; "" where nothing is."""
    hosts = _HOSTS.get(marketplace, {})
    host = urlsplit(api_url).hostname or ""
    right = hosts.get(region, hosts.get("", ""))
    if not region or host == right or host in _EVERYWHERE or host not in hosts.values():
        return ""
    return (
        f"The app's API address, {host}, is of another area. Shops in {region} are served by https://{right}: enter an "
        "app of that area, with key and secret of its own, and let the seller authorise it."
    )
