"""Decides whether a call may pass: path, method, app, time, signature, token and shop, in this order.

The sheets name the checks but not their order; this one is the natural one, since the signature covers the token and
the shop as they came, so that a token can only be judged after it [C].
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from shops.sandbox.listener import Request
from shops.sandbox.shopee.replies import RefusalError
from shops.sandbox.shopee.switches import Switches
from shops.sandbox.shopee.tokens import Grant, Tokens

# A timestamp may be five minutes old [A]; how far ahead it may be is not stated, so the same [C].
TIMESTAMP_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What the gateway knows of an endpoint. A public one is signed without token and shop."""

    name: str
    methods: tuple[str, ...]
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class AppKeys:
    """The app that all shops of the world have authorised."""

    partner_id: str
    partner_key: str


def expected_sign(partner_key: str, partner_id: str, path: str, timestamp: str, token: str = "", shop: str = "") -> str:
    """Return the signature of a call; for a public call leave out token and shop.

    Neither the other parameters nor the body nor the host are signed, and the key is used as the text that it is
    (Shopee Open Platform, "API calls") [A].
    """
    message = partner_id + path + timestamp + token + shop
    return hmac.new(partner_key.encode(), message.encode(), hashlib.sha256).hexdigest()


def push_sign(push_key: str, callback_url: str, body: bytes) -> str:
    """Return the Authorization header of a push: over the saved address, a bar and the raw body [A]."""
    return hmac.new(push_key.encode(), callback_url.encode() + b"|" + body, hashlib.sha256).hexdigest()


class Gateway:
    """The gate in front of all endpoints."""

    def __init__(
        self, keys: AppKeys, shop_ids: list[str], tokens: Tokens, switches: Switches, wall: Callable[[], float]
    ) -> None:
        self._keys = keys
        self._numbers = {shop_id: number for number, shop_id in enumerate(shop_ids)}
        self._tokens = tokens
        self._switches = switches
        self._wall = wall

    def check_request(self, request: Request, endpoint: Endpoint) -> None:
        """App, time and signature."""
        if _required(request, "partner_id") != self._keys.partner_id:
            raise RefusalError("partner_id")
        timestamp = _required(request, "timestamp")
        self._check_time(timestamp)
        given = _required(request, "sign")
        signed = () if endpoint.is_public else (_required(request, "access_token"), _required(request, "shop_id"))
        sign = expected_sign(self._keys.partner_key, self._keys.partner_id, request.path, timestamp, *signed)
        if not hmac.compare_digest(sign.encode(), given.encode("utf-8", "replace")):
            raise RefusalError("sign")

    def check_shop(self, request: Request) -> tuple[int, Grant]:
        """Return the shop that a call is for, and what its token grants; the token may have ended."""
        shop_number = self._numbers.get(request.parameter("shop_id") or "")
        if shop_number is None:
            raise RefusalError("shop_id")
        shop_id = request.parameter("shop_id")
        if shop_id in self._switches.revoked_shops:
            raise RefusalError("not_linked")
        if shop_id in self._switches.ended_shops:
            raise RefusalError("shop_ended")
        grant = self._tokens.find("access", request.parameter("access_token") or "")
        if grant is None or not self._tokens.covers(grant, shop_number):
            raise RefusalError("expired_token")
        return shop_number, grant

    def _check_time(self, timestamp: str) -> None:
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            raise RefusalError("timestamp")
        age = self._wall() - int(timestamp)
        if abs(age) > TIMESTAMP_SECONDS:
            raise RefusalError("old_timestamp" if age > 0 else "timestamp")


def _required(request: Request, name: str) -> str:
    value = request.parameter(name)
    if not value:
        raise RefusalError("missing", name)
    return value
