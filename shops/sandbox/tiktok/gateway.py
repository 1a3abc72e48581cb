"""Decides whether a call may pass: path, method, key, time, signature, token, scope and shop, in this order."""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shops.sandbox.listener import Request
from shops.sandbox.tiktok.replies import RefusalError
from shops.sandbox.tiktok.routes import Endpoint
from shops.sandbox.tiktok.switches import Switches
from shops.sandbox.tiktok.tokens import Grant, Tokens

# The accepted window around the wall clock [A].
OLDEST_SECONDS = 300
NEWEST_SECONDS = 30
_NOT_SIGNED = frozenset({"sign", "access_token"})


@dataclass(frozen=True, slots=True)
class AppKeys:
    """The app that all shops of the world have authorised."""

    app_key: str
    app_secret: str
    service_id: str  # the app's number on the consent page


def expected_sign(
    secret: str, path: str, query: Iterable[tuple[str, str]], body: bytes, content_type: str | None
) -> str:
    """Return the signature over what was received (TikTok Partner Center, "Sign your API request") [A].

    Keys are sorted in byte order and every value follows its key; a key that comes twice is signed twice, in its
    order. `sign` and `access_token` are left out. The body counts as raw bytes unless it is multipart/form-data.
    """
    # Sorting text by code points sorts its UTF-8 bytes as well.
    pairs = sorted((pair for pair in query if pair[0] not in _NOT_SIGNED), key=lambda pair: pair[0])
    signed = (secret + path + "".join([key + value for key, value in pairs])).encode()
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type != "multipart/form-data":
        signed += body
    return hmac.new(secret.encode(), signed + secret.encode(), hashlib.sha256).hexdigest()


class Gateway:
    """The gate in front of all endpoints."""

    def __init__(
        self, keys: AppKeys, ciphers: list[str], shop_ids: list[str], tokens: Tokens, switches: Switches,
        wall: Callable[[], float],
    ) -> None:  # fmt: skip
        self._keys = keys
        self._ciphers = ciphers
        self._shop_ids = shop_ids
        self._tokens = tokens
        self._switches = switches
        self._wall = wall

    def check_request(self, request: Request) -> None:
        """Key, time and signature."""
        if request.parameter("app_key") != self._keys.app_key:
            raise RefusalError("app_key")
        self._check_time(request.parameter("timestamp"))
        self._check_sign(request)

    def check_token(self, request: Request) -> Grant:
        """Return the grant of a token that is known and has not ended."""
        token = request.headers.get("x-tts-access-token")
        grant = self._tokens.find("access", token) if token else None
        if grant is None:
            raise RefusalError("token")
        if self._shop_ids[grant.shop_number] in self._switches.revoked_shops:
            raise RefusalError("revoked")
        return grant

    def check_rights(self, request: Request, endpoint: Endpoint, grant: Grant) -> None:
        """Expiry, scope and shop cipher of a call with a known token."""
        if self._tokens.is_expired(grant):
            raise RefusalError("expired_token")
        if endpoint.scope not in self._switches.granted_scopes:
            raise RefusalError("scope")
        cipher = request.parameter("shop_cipher")
        if not endpoint.takes_cipher:
            if cipher is not None:
                raise RefusalError("unexpected_cipher")
        elif not cipher:
            raise RefusalError("missing_cipher")
        elif cipher != self._ciphers[grant.shop_number]:
            raise RefusalError("foreign_cipher")

    def _check_time(self, timestamp: str | None) -> None:
        if timestamp is None or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            raise RefusalError("timestamp")
        age = self._wall() - int(timestamp)
        if age > OLDEST_SECONDS:
            raise RefusalError("old_timestamp")
        if -age > NEWEST_SECONDS:
            raise RefusalError("future_timestamp")

    def _check_sign(self, request: Request) -> None:
        given = request.parameter("sign")
        if not given:
            raise RefusalError("missing_sign")
        bodies = [request.body]
        if self._switches.accept_unsigned_empty_object and request.body == b"{}":
            bodies.append(b"")
        for body in bodies:
            content_type = request.headers.get("content-type")
            sign = expected_sign(self._keys.app_secret, request.path, request.query, body, content_type)
            if hmac.compare_digest(sign.encode(), given.encode("utf-8", "replace")):
                return
        raise RefusalError("sign")
