"""A Temu connector to a scripted server, and what it sent there."""

import json
from datetime import UTC, datetime
from typing import Any

from shops.marketplaces.contract import AppKeys, ShopKeys
from shops.marketplaces.http import HttpClient
from shops.marketplaces.rate_limit import NoLimit, RateLimiter
from shops.marketplaces.records import Token, Window
from shops.marketplaces.temu.client import TemuConnector
from tests.shops.marketplaces.scripted_server import ScriptedServer

NOW = 1767225600
SECRET = "00112233445566778899aabbccddeeff01234567"
KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
TOKEN = Token("synthtoken0a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w3")
WINDOW = Window(datetime.fromtimestamp(1766600000, UTC), datetime.fromtimestamp(1767225600, UTC))
COMMON = frozenset({"type", "app_key", "access_token", "timestamp", "data_type", "sign"})


def connect(server: ScriptedServer, *, token: Token = TOKEN, limiter: RateLimiter | None = None) -> TemuConnector:
    keys = AppKeys(KEY, SECRET, server.url + "/", server.url, "https://seller.example.invalid/")
    shop = ShopKeys("634400000000001", "US")
    return TemuConnector(keys, token, shop, HttpClient(timeout_seconds=5), limiter or NoLimit(), lambda: NOW + 0.9)


def sent(server: ScriptedServer) -> list[tuple[str, dict[str, Any]]]:
    """Give type and own parameters of every call."""
    bodies = [json.loads(request.body) for request in server.requests]
    return [(body["type"], {name: body[name] for name in body if name not in COMMON}) for body in bodies]


def success(result: Any) -> dict[str, Any]:
    return {"result": result, "success": True, "requestId": "us-1", "errorCode": 1000000, "errorMsg": ""}


def failure(code: int, message: str = "no") -> dict[str, Any]:
    return {"success": False, "requestId": "us-1", "errorCode": code, "errorMsg": message}
