"""A small client of the sandbox, with a signature of its own, so that the tests do not check a thing by itself."""

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

SEARCH = "/order/202309/orders/search"
DETAIL = "/order/202309/orders"
SHOPS = "/authorization/202309/shops"
REFRESH = "/api/v2/token/refresh"


class _Headers(dict[str, str]):
    """Headers by their names in any case."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        super().__init__((name.lower(), value) for name, value in pairs)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> int:
        return int(self.json["code"])


def send(url: str, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request(method, target, body or None, dict(headers or {}))
        response = connection.getresponse()
        return Answer(response.status, _Headers(response.getheaders()), response.read())
    finally:
        connection.close()


def control(url: str, method: str, target: str, wanted: Any = None) -> Answer:
    return send(url, method, target, b"" if wanted is None else json.dumps(wanted).encode())


@dataclass
class Client:
    """Calls one shop. Every part of a call can be bent: `query` wins over what is put in, None leaves a part out."""

    world: dict[str, Any]
    shop_number: int = 0
    access_token: str = ""
    refresh_token: str = ""
    last: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.app = self.world["marketplaces"]["tiktok"]
        self.shop = self.app["shops"][self.shop_number]
        self.access_token = self.access_token or self.shop["access_token"]
        self.refresh_token = self.refresh_token or self.shop["refresh_token"]

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | None] | None = None,
        body: bytes = b"",
        *,
        secret: str | None = None,
        signed_body: bytes | None = None,
        sign: str | None = "",
        token: str | None = "",
        content_type: str = "application/json",
        more: tuple[tuple[str, str], ...] = (),
    ) -> Answer:
        parameters: dict[str, str | None] = {"app_key": self.app["app_key"], "timestamp": str(int(time.time()))}
        if path not in (SHOPS,):
            parameters["shop_cipher"] = self.shop["cipher"]
        pairs = [(key, value) for key, value in {**parameters, **(query or {})}.items() if value is not None]
        pairs += more
        secret = secret or self.app["app_secret"]
        text = secret + path + "".join(key + value for key, value in sorted(pairs, key=lambda pair: pair[0]))
        message = text.encode() + (body if signed_body is None else signed_body) + secret.encode()
        if sign is not None:
            pairs.append(("sign", sign or hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()))
        target = path + "?" + "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in pairs)
        headers = {"content-type": content_type}
        if token is not None:
            headers["x-tts-access-token"] = token or self.access_token
        answer = send(self.app["api_url"], method, target, body, headers)
        self.last = answer
        return answer

    def search(self, filters: Mapping[str, Any] | None = None, **query: str | None) -> Answer:
        body = json.dumps(filters or {}).encode()
        defaults = {"page_size": "100", "sort_field": "update_time", "sort_order": "ASC"}
        return self.call("POST", SEARCH, {**defaults, **query}, body)

    def pages(self, filters: Mapping[str, Any] | None = None, **query: str | None) -> Iterator[dict[str, Any]]:
        token = None
        while token != "":
            answer = self.search(filters, **query, page_token=token)
            assert answer.status == 200, answer.body
            yield answer.json["data"]
            token = answer.json["data"]["next_page_token"]

    def orders(self, filters: Mapping[str, Any] | None = None, **query: str | None) -> list[dict[str, Any]]:
        return [order for page in self.pages(filters, **query) for order in page["orders"]]

    def detail(self, ids: str, version: str = "202309") -> Answer:
        return self.call("GET", f"/order/{version}/orders", {"ids": ids})

    def refresh(self, **changes: str) -> Answer:
        query = {"app_key": self.app["app_key"], "app_secret": self.app["app_secret"]}
        query |= {"refresh_token": self.refresh_token, "grant_type": "refresh_token", **changes}
        target = REFRESH + "?" + "&".join(f"{key}={quote(value, safe='')}" for key, value in query.items())
        answer = send(self.app["auth_url"], "GET", target)
        if answer.code == 0:
            self.access_token = answer.json["data"]["access_token"]
            self.refresh_token = answer.json["data"]["refresh_token"]
        return answer


def lines_of(answer: Answer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.body.splitlines()]
