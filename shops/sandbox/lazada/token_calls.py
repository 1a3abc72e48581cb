"""Answers the token calls and the consent page of Lazada's authorisation host."""

from typing import Any

from shops.sandbox.calls import Ledger
from shops.sandbox.lazada.gateway import Parameters
from shops.sandbox.lazada.reading import required
from shops.sandbox.lazada.replies import RefusalError, envelope
from shops.sandbox.lazada.seller import AppKeys, Seller
from shops.sandbox.lazada.switches import Switches
from shops.sandbox.lazada.tokens import Grant, Issued, Tokens
from shops.sandbox.listener import Request, Response
from shops.sandbox.service import Call, consent_page, redirect

CREATE, REFRESH = "token_create", "token_refresh"
_BAD_REQUEST = 400


class TokenCalls:
    """/auth/token/create, /auth/token/refresh and /oauth/authorize."""

    def __init__(
        self, keys: AppKeys, sellers: list[Seller], tokens: Tokens, switches: Switches, ledger: Ledger
    ) -> None:
        self._keys = keys
        self._sellers = sellers
        self._tokens = tokens
        self._switches = switches
        self._ledger = ledger

    def shop_of(self, parameters: Parameters) -> str | None:
        """Return the shop that a refresh is for, if its token can be read."""
        grant = self._tokens.find("refresh", parameters.get("refresh_token", ""))
        return self._sellers[grant.shop_number].seller_id if grant else None

    def note_need(self, grant: Grant) -> None:
        """Note that this access token had to be refreshed."""
        shop = self._sellers[grant.shop_number].seller_id
        self._ledger.need_once(shop, REFRESH, f"generation {grant.generation}")

    def create(self, parameters: Parameters) -> Response:
        """Exchange a code for tokens."""
        shop_number, issued = self._tokens.redeem(required(parameters, "code"))
        self._ledger.need_once(None, CREATE, issued.access_token)
        return self._reply(self._sellers[shop_number], issued, "country_user_info")

    def refresh(self, parameters: Parameters, call: Call) -> Response:
        """Exchange a refresh token for a new access token; the answer names its list of countries differently [A]."""
        token = required(parameters, "refresh_token")
        if not self._switches.refresh_is_supported:
            raise RefusalError("auth_type")
        grant = self._tokens.find("refresh", token)
        if grant is None or call.shop in self._switches.revoked_shops:
            raise RefusalError("refresh_token")
        due = self._tokens.due(grant.shop_number)
        used, issued = self._tokens.refresh(token)
        if due is not None:
            self.note_need(due)
        return self._reply(self._sellers[used.shop_number], issued, "country_user_info_list")

    def authorize(self, request: Request) -> Response:
        """Show the shops to choose from; `&shop=` is the choice. The way back carries code and state [A]."""
        if request.parameter("response_type") != "code" or request.parameter("client_id") != self._keys.app_key:
            return Response(_BAD_REQUEST, b"response_type or client_id is invalid", "text/plain")
        callback = request.parameter("redirect_uri") or ""
        # It must be exactly the callback of the app [A].
        if not callback or self._switches.callback_url not in ("", callback):
            return Response(_BAD_REQUEST, b"redirect_uri is invalid", "text/plain")
        chosen = request.parameter("shop")
        for seller in self._sellers:
            if seller.seller_id == chosen:
                state = request.parameter("state")
                parameters = {"code": self._tokens.issue_code(seller.number)}
                return redirect(callback, parameters if state is None else {**parameters, "state": state})
        shops = [(seller.seller_id, seller.name) for seller in self._sellers]
        return consent_page(request, "Lazada", shops)

    def _reply(self, seller: Seller, issued: Issued, list_name: str) -> Response:
        """Write the flat answer of both calls."""
        country = seller.region.code.lower()
        user = {"country": country, "user_id": seller.seller_id, "seller_id": seller.seller_id}
        content: dict[str, Any] = {
            "access_token": issued.access_token,
            "country": country,
            "refresh_token": issued.refresh_token,
            "account_platform": "seller_center",
            "refresh_expires_in": issued.refresh_expires_in,
            "expires_in": issued.expires_in,
            "account": seller.account,
            "account_id": None,
            "code": "0",
            list_name: [{**user, "short_code": seller.short_code}],
        }
        if issued.refresh_token is None:
            del content["refresh_token"]
        return envelope(content)
