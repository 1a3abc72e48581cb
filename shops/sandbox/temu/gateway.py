"""Decides whether a call may pass.

The vendor says that the signature is examined before any other parameter [V]; the order of the rest is a sensible
guess: body, app key, sign, signature, type, timestamp, data type, token, scope, address.
"""

import hmac
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import orjson

from shops.sandbox.listener import Request
from shops.sandbox.temu.replies import TemuRefusal
from shops.sandbox.temu.signing import expected_sign
from shops.sandbox.temu.switches import Switches
from shops.sandbox.temu.tokens import Grant, Tokens

# The accepted window around the wall clock, to both sides [A].
CLOCK_SECONDS = 300
# Old names of types that have a v2 [A]; the code for them is unsure: 3000004, or 3000037 as seen once [M].
RETIRED_TYPES = frozenset(
    {"bg.order.list.get", "bg.order.detail.get", "bg.order.shippinginfo.get", "bg.logistics.shipment.get"}
)
# Types that exist but are never granted here, because they change something.
WRITE_TYPES = frozenset(
    {
        "bg.logistics.shipment.v2.confirm", "bg.logistics.shipment.create", "bg.logistics.shipment.update",
        "bg.logistics.shipped.package.confirm", "bg.local.goods.stock.edit", "bg.order.fulfillment.info.sync",
        "bg.tmc.message.update",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AppKeys:
    """The app that all shops of the world have authorised."""

    app_key: str
    app_secret: str


class Gateway:
    """The gate in front of all types."""

    def __init__(
        self, keys: AppKeys, mall_ids: list[str], tokens: Tokens, switches: Switches, wall: Callable[[], float]
    ) -> None:
        self._keys = keys
        self._mall_ids = mall_ids
        self._tokens = tokens
        self._switches = switches
        self._wall = wall

    def read_body(self, request: Request) -> dict[str, Any]:
        """Return the parameters in the order in which they were sent."""
        try:
            body = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            raise TemuRefusal("body") from None
        if not isinstance(body, dict) or request.is_too_large:
            raise TemuRefusal("body")
        return body

    def check_sign(self, body: dict[str, Any]) -> None:
        """App key and signature."""
        app_key = body.get("app_key")
        if not app_key:
            raise TemuRefusal("missing_app_key")
        if app_key != self._keys.app_key:
            raise TemuRefusal("app_key_live" if self._switches.is_unknown_app_key_4000000 else "app_key")
        given = body.get("sign")
        if not given:
            raise TemuRefusal("missing_sign")
        expected = expected_sign(self._keys.app_secret, body)
        if not isinstance(given, str) or not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            raise TemuRefusal("sign")

    def check_common(self, body: dict[str, Any], types: Collection[str]) -> str:
        """Check type, time and data type; returns the type."""
        name = body.get("type")
        if not name:
            raise TemuRefusal("missing_type")
        if name in RETIRED_TYPES:
            raise TemuRefusal("retired_type")
        if not isinstance(name, str) or (name not in types and name not in WRITE_TYPES):
            raise TemuRefusal("type")
        self._check_time(body.get("timestamp"))
        data_type = body.get("data_type")
        if not data_type:
            if self._switches.is_data_type_required:
                raise TemuRefusal("missing_data_type")
        elif str(data_type).upper() != "JSON":
            raise TemuRefusal("data_type")
        return name

    def check_token(self, body: dict[str, Any]) -> Grant:
        """Return the grant of a known token, ended or not."""
        token = body.get("access_token")
        if not token:
            raise TemuRefusal("missing_token")
        grant = self._tokens.find(token) if isinstance(token, str) else None
        if grant is None:
            raise TemuRefusal("token")
        return grant

    def check_rights(self, name: str, grant: Grant) -> None:
        """Life and scope of a known token, then the caller's address."""
        if self._tokens.is_ended(grant) or self._mall_ids[grant.shop_number] in self._switches.revoked_shops:
            raise TemuRefusal("expired_token")
        if name not in self._switches.granted_scopes:
            raise TemuRefusal("scope")
        self.check_address()

    def check_address(self) -> None:
        """Calls must come from an address that is registered for the app [V]."""
        if self._switches.is_ip_refused:
            raise TemuRefusal("ip")

    def _check_time(self, timestamp: object) -> None:
        """Take a number or its text; both are signed alike [A]."""
        written = str(timestamp) if isinstance(timestamp, int | str) and not isinstance(timestamp, bool) else ""
        if timestamp is None or timestamp == "":
            raise TemuRefusal("missing_timestamp")
        if not written.isascii() or not written.isdigit() or len(written) > 10:
            raise TemuRefusal("future_timestamp")
        age = self._wall() - int(written)
        if age > CLOCK_SECONDS:
            raise TemuRefusal("old_timestamp")
        if -age > CLOCK_SECONDS:
            raise TemuRefusal("future_timestamp")
