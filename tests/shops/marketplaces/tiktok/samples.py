"""Payloads of a TikTok Shop's records, as its connector puts them together from its calls' answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from shops.marketplaces.records import Payload, Resource
from tests.shops.marketplaces import payloads


def answer(name: str) -> dict[str, Any]:
    """Give what an answer holds, as a fresh copy."""
    data: dict[str, Any] = payloads.load(f"tiktok/{name}")["data"]
    return data


def samples() -> Mapping[Resource, Sequence[Payload]]:
    """Give the payloads of each resource, fresh ones each time."""
    returns = answer("returns_search")["return_orders"]
    return {
        Resource.ORDERS: [answer("order_search_vn")["orders"][0], answer("order_detail_us_202507")["orders"][0]],
        Resource.PRODUCTS: [product()],
        Resource.SHIPMENTS: [{"package": answer("packages_search")["packages"][0], **answer("tracking")}],
        Resource.RETURNS: [returns[0], returns[1], answer("cancellations_search")["cancellations"][0]],
        Resource.TRANSACTIONS: [transaction(), statement()],
    }


def product() -> Payload:
    """A product with its row in the search and its detail."""
    return {"listed": answer("product_search_202502")["products"][0], "product": answer("product_detail_202309")}


def transaction(number: int = 0) -> Payload:
    """One row of a statement: 0 is of an order, 1 an adjustment."""
    rows = answer("statement_transactions_202501")["transactions"]
    return {"transaction": rows[number], "statement": answer("statements")["statements"][0]}


def statement(number: int = 0) -> Payload:
    """A statement: 0 is paid, 1 not yet."""
    totals = answer("statement_transactions_202501")
    return {
        "statement": answer("statements")["statements"][number],
        "totals": {name: value for name, value in totals.items() if name not in ("transactions", "next_page_token")},
    }
