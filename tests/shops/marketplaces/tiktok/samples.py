"""Payloads of a TikTok Shop's records, as its connector puts them together from its calls' answers."""

from collections.abc import Mapping, Sequence

from shops.marketplaces.records import Payload, Resource
from tests.shops.marketplaces import payloads


def samples() -> Mapping[Resource, Sequence[Payload]]:
    """Give the payloads of each resource, fresh ones each time."""
    return {
        Resource.ORDERS: [
            payloads.load("tiktok/order_search_vn")["data"]["orders"][0],
            payloads.load("tiktok/order_detail_us_202507")["data"]["orders"][0],
        ],
    }
