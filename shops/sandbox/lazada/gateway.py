"""Decides whether a call may pass: common parameters, key, time, signature, token and permission, in this order."""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import orjson

from shops.sandbox.lazada.replies import RefusalError
from shops.sandbox.lazada.seller import AppKeys
from shops.sandbox.lazada.signing import accepted_signs
from shops.sandbox.lazada.switches import Switches
from shops.sandbox.listener import Request

# A timestamp may be this far off, in either direction [A].
FARTHEST_SECONDS = 7200
# All API paths lie below it; it is not part of what is signed [A].
ROOT = "/rest"
_COMMON = ("app_key", "timestamp", "sign_method", "sign")
Parameters = dict[str, str]


def read_parameters(request: Request) -> Parameters:
    """Merge query and form or JSON body: clients put common and own parameters in either [A]."""
    parameters = dict(request.query)
    if not request.body or request.is_too_large:
        return parameters
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/json":
        try:
            content = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            raise RefusalError("invalid", "body") from None
        if not isinstance(content, dict):
            raise RefusalError("invalid", "body")
        return parameters | {name: _as_text(value) for name, value in content.items()}
    form = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=1000)
    return parameters | dict(form)


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


class Gateway:
    """The gate in front of all endpoints."""

    def __init__(self, keys: AppKeys, switches: Switches, wall: Callable[[], float]) -> None:
        self._keys = keys
        self._switches = switches
        self._wall = wall

    def check(self, path: str, parameters: Parameters) -> None:
        """Check common parameters, key, time and signature, of a token call too. The order is not documented [?]."""
        for name in _COMMON:
            if not parameters.get(name):
                raise RefusalError("missing", name)
        if parameters["app_key"] != self._keys.app_key:
            raise RefusalError("app_key")
        self._check_time(parameters["timestamp"])
        if parameters["sign_method"] != "sha256":
            raise RefusalError("invalid", "sign_method")
        given = parameters["sign"].encode("utf-8", "replace")
        signs = accepted_signs(self._keys.app_secret, path, parameters)
        if not any(hmac.compare_digest(sign.encode(), given) for sign in signs):
            raise RefusalError("sign")

    def _check_time(self, text: str) -> None:
        """Milliseconds, or UTC like 2024-02-05T12:00:00Z [A]."""
        if text.isascii() and text.isdigit() and len(text) < 16:
            moment = int(text) / 1000
        else:
            try:
                moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
            except ValueError:
                raise RefusalError("timestamp", self._switches.timestamp_error) from None
        if abs(self._wall() - moment) > FARTHEST_SECONDS:
            raise RefusalError("timestamp", self._switches.timestamp_error)
