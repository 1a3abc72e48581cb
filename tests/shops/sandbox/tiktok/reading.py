"""Reads whole lists of the TikTok sandbox, to hold them against the truth."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.shops.sandbox.calling import Answer, Client, control, lines_of

PACKAGES = "/fulfillment/202309/packages/search"
PRODUCTS = "/product/202502/products/search"
RETURNS = "/return_refund/202309/returns/search"
CANCELLATIONS = "/return_refund/202309/cancellations/search"
STATEMENTS = "/finance/202309/statements"
BY_UPDATE = {"sort_field": "update_time", "sort_order": "ASC"}


def post(client: Client, path: str, filters: Mapping[str, Any] | None = None, **query: str | None) -> Answer:
    return client.call("POST", path, query, json.dumps(filters or {}).encode())


def get(client: Client, path: str, **query: str | None) -> Answer:
    return client.call("GET", path, query)


def pages(
    client: Client, method: str, path: str, filters: Mapping[str, Any] | None = None, **query: str
) -> Iterator[Any]:
    token: str | None = None
    while token != "":
        asked = {**query, "page_token": token}
        answer = post(client, path, filters, **asked) if method == "POST" else get(client, path, **asked)
        assert (answer.status, answer.code) == (200, 0), answer.body
        yield answer.json["data"]
        token = answer.json["data"]["next_page_token"]


def rows(client: Client, method: str, path: str, field: str, filters: Any = None, **query: str) -> list[dict[str, Any]]:
    return [row for page in pages(client, method, path, filters, **query) for row in page[field]]


def truth(sandbox: Any, resource: str, client: Client, **query: object) -> list[dict[str, Any]]:
    wanted = {"marketplace": "tiktok", "shop": client.shop["external_id"], **query}
    target = f"/truth/{resource}?" + "&".join(f"{key}={value}" for key, value in wanted.items())
    return lines_of(control(sandbox.control_url, "GET", target))


def by_id(records: list[dict[str, Any]], field: str = "id") -> dict[str, dict[str, Any]]:
    found = {record[field]: record for record in records}
    assert len(found) == len(records)
    return found
