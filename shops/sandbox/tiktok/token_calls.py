"""Answers the two calls of the token host."""

from typing import Any

from shops.sandbox.calls import Ledger
from shops.sandbox.listener import Request, Response
from shops.sandbox.tiktok.gateway import AppKeys
from shops.sandbox.tiktok.replies import RefusalError, success
from shops.sandbox.tiktok.seller import Seller
from shops.sandbox.tiktok.switches import Switches
from shops.sandbox.tiktok.tokens import Grant, Tokens


class TokenCalls:
    """GET /api/v2/token/get and /api/v2/token/refresh: not signed, no timestamp [A]."""

    def __init__(
        self, keys: AppKeys, sellers: list[Seller], tokens: Tokens, switches: Switches, ledger: Ledger
    ) -> None:
        self._keys = keys
        self._sellers = sellers
        self._tokens = tokens
        self._switches = switches
        self._ledger = ledger

    def shop_of(self, request: Request) -> str | None:
        """Return the shop that a refresh is for, if its token can be read."""
        grant = self._tokens.find("refresh", request.parameter("refresh_token") or "")
        return self._sellers[grant.shop_number].shop_id if grant else None

    def note_need(self, grant: Grant) -> None:
        """Note that this access token had to be refreshed."""
        shop = self._sellers[grant.shop_number].shop_id
        self._ledger.need_once(shop, "token_refresh", f"generation {grant.generation}")

    def answer(self, endpoint: str, request: Request) -> Response:
        """Exchange a code or a refresh token."""
        # The grant type of the first exchange really is authorized_code; authorization_code fails [A].
        if endpoint == "token_get":
            self._check_app(request, "authorized_code")
            shop_number, tokens = self._tokens.redeem(request.parameter("auth_code") or "")
            self._ledger.need_once(None, endpoint, tokens["access_token"])
        else:
            self._check_app(request, "refresh_token")
            shop_number, tokens = self._refresh(request)
        return success(self._reply(self._sellers[shop_number], tokens), message="success")

    def _refresh(self, request: Request) -> tuple[int, dict[str, Any]]:
        token = request.parameter("refresh_token") or ""
        shop = self.shop_of(request)
        if shop in self._switches.revoked_shops:
            raise RefusalError("no_record")
        grant = self._tokens.find("refresh", token)
        was_due = grant is not None and self._tokens.is_due(grant)
        used, tokens = self._tokens.refresh(token)
        if was_due:
            self.note_need(used)
        return used.shop_number, tokens

    def _check_app(self, request: Request, grant_type: str) -> None:
        if request.parameter("app_key") != self._keys.app_key:
            raise RefusalError("app_key")
        if request.parameter("app_secret") != self._keys.app_secret:
            raise RefusalError("app_secret")
        if request.parameter("grant_type") != grant_type:
            raise RefusalError("grant_type")

    def _reply(self, seller: Seller, tokens: dict[str, Any]) -> dict[str, Any]:
        return {
            **tokens,
            "open_id": seller.open_id,
            "seller_name": seller.name,
            "seller_base_region": seller.region.code,
            "user_type": 0,
            "granted_scopes": list(self._switches.granted_scopes),
        }
