"""A small Temu client with a signature of its own, so that the tests do not check a thing by itself."""

import hashlib
import http.client
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.shops.sandbox.calling import Answer, control, send

BOTH = ["fulfillBySeller", "fulfillByCooperativeWarehouse"]
LIST, DETAIL, AMOUNTS = "bg.order.list.v2.get", "bg.order.detail.v2.get", "bg.order.amount.query"
INFO, CREATE = "bg.open.accesstoken.info.get", "bg.open.accesstoken.create"
SUCCESS = 1000000


def sign(secret: str, body: Mapping[str, Any]) -> str:
    text = ""
    for name, value in sorted(body.items()):
        plain = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        text += name + plain
    return hashlib.md5((secret + text + secret).encode()).hexdigest().upper()


class TemuClient:
    """Calls one shop. Every part of a body can be bent: None leaves a part out."""

    def __init__(self, control_url: str, shop_number: int = 0) -> None:
        self.control_url = control_url
        self.world = control(control_url, "GET", "/world").json
        self.app = self.world["marketplaces"]["temu"]
        self.shop = self.app["shops"][shop_number]
        self.token = self.shop["access_token"]
        self._connection = http.client.HTTPConnection(urlsplit(self.app["api_url"]).netloc, timeout=10)

    def body(self, kind: str | None, **changes: Any) -> dict[str, Any]:
        body = {"type": kind, "app_key": self.app["app_key"], "access_token": self.token, "data_type": "JSON"}
        body |= {"timestamp": int(time.time()), **changes}
        return {name: value for name, value in body.items() if value is not None}

    def post(self, body: Mapping[str, Any]) -> Answer:
        return self.raw(json.dumps(body).encode())

    def raw(self, body: bytes) -> Answer:
        self._connection.request("POST", "/openapi/router", body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())

    def call(self, kind: str | None, **changes: Any) -> dict[str, Any]:
        body = self.body(kind, **changes)
        answer = self.post({**body, "sign": sign(self.app["app_secret"], body)})
        assert answer.status == 200, answer.body
        content: dict[str, Any] = answer.json
        return content

    def code(self, kind: str | None, **changes: Any) -> int:
        answer = self.call(kind, **changes)
        assert answer["success"] is (answer["errorCode"] == SUCCESS)
        assert ("result" in answer) is answer["success"]
        return int(answer["errorCode"])

    def result(self, kind: str, **changes: Any) -> Any:
        answer = self.call(kind, **changes)
        assert answer["success"], answer
        return answer["result"]

    def orders(self, **filters: Any) -> list[dict[str, Any]]:
        """All entries of an order list."""
        return self.pages(LIST, "pageItems", "totalItemNum", "pageNumber", fulfillmentTypeList=BOTH, **filters)

    def pages(self, kind: str, rows: str, total: str, page_name: str, **filters: Any) -> list[dict[str, Any]]:
        filters.setdefault("pageSize", 100)
        found: list[dict[str, Any]] = []
        page = 0
        while True:
            page += 1
            result = self.result(kind, **{page_name: page}, **filters)
            found += result[rows]
            if not result[rows] or page * filters["pageSize"] >= result[total]:
                return found

    def truth(self, resource: str) -> dict[str, dict[str, Any]]:
        target = f"/truth/{resource}?marketplace=temu&shop={self.shop['external_id']}"
        lines = send(self.control_url, "GET", target).body.splitlines()
        return {record["id"]: record for record in map(json.loads, lines)}

    def counts(self, kind: str) -> dict[str, int]:
        shops = control(self.control_url, "GET", "/calls").json["temu"]["shops"]
        counts: dict[str, int] = shops[self.shop["external_id"]][kind]
        return counts
