"""Answers the token calls and serves the pages on which a seller lets the app in."""

from collections.abc import Callable
from typing import Any

from shops.sandbox.calls import Ledger
from shops.sandbox.listener import Request, Response
from shops.sandbox.service import consent_page, redirect
from shops.sandbox.shopee.gateway import AppKeys
from shops.sandbox.shopee.parameters import body_of
from shops.sandbox.shopee.replies import RefusalError
from shops.sandbox.shopee.seller import Seller
from shops.sandbox.shopee.switches import Switches
from shops.sandbox.shopee.tokens import MAIN_ACCOUNT, Grant, Pair, Tokens

_OTHER_IDS = ("merchant_id", "supplier_id", "user_id", "principal_id")
# What a choice on the consent page says for all shops of the main account.
ALL_SHOPS = "main"


class TokenCalls:
    """POST /auth/token/get and /auth/access_token/get, and the consent pages."""

    def __init__(
        self, keys: AppKeys, main_account: str, sellers: list[Seller], tokens: Tokens, switches: Switches,
        ledger: Ledger, wall: Callable[[], float],
    ) -> None:  # fmt: skip
        self._keys = keys
        self._main_account = main_account
        self._sellers = {seller.shop_id: seller for seller in sellers}
        self._tokens = tokens
        self._switches = switches
        self._ledger = ledger
        self._wall = wall

    def shop_of(self, request: Request) -> str | None:
        """Return the shop that a token call names, if there is one."""
        try:
            shop = str(body_of(request).get("shop_id", ""))
        except RefusalError:
            return None
        return shop if shop in self._sellers else None

    def note_need(self, shop_id: str, grant: Grant) -> None:
        """Note that this shop's access token had to be refreshed."""
        self._ledger.need_once(shop_id, "token_refresh", f"{grant.owner} generation {grant.generation}")

    def get(self, request: Request) -> dict[str, Any]:
        """Exchange a code, for one shop or for all shops of the main account [A]."""
        body = self._checked(request)
        main_account, shop_id = body.get("main_account_id"), str(body.get("shop_id", ""))
        if main_account is not None:
            if str(main_account) != self._main_account:
                raise RefusalError("main_account")
            owner, shops = MAIN_ACCOUNT, list(self._sellers)
        elif shop_id in self._sellers:
            owner, shops = self._sellers[shop_id].number, [shop_id]
        else:
            raise RefusalError("token_shop")
        pair = self._tokens.redeem(str(body.get("code", "")), owner)
        self._ledger.need_once(self.shop_of(request), "token_get", pair.access_token)
        for kept in (self._switches.revoked_shops, self._switches.ended_shops):
            # Authorised anew.
            kept[:] = [shop for shop in kept if shop not in shops]
        return {**self._reply(pair), "shop_id_list": [int(shop) for shop in shops], "merchant_id_list": []}

    def refresh(self, request: Request) -> dict[str, Any]:
        """Exchange a refresh token for one shop's new pair."""
        body = self._checked(request)
        if any(name in body for name in _OTHER_IDS):
            # Tokens of merchants, suppliers and users are not part of this world.
            raise RefusalError("parameter", "Only shop_id is served here.")
        shop_id = str(body.get("shop_id", ""))
        if shop_id not in self._sellers:
            raise RefusalError("token_shop")
        if shop_id in self._switches.revoked_shops:
            raise RefusalError("not_linked")
        if shop_id in self._switches.ended_shops:
            raise RefusalError("shop_ended")
        token, number = str(body.get("refresh_token", "")), self._sellers[shop_id].number
        grant = self._tokens.find("refresh", token)
        was_due = grant is not None and self._tokens.is_due(grant)
        pair = self._tokens.refresh(token, number)
        if grant is not None and was_due:
            self.note_need(shop_id, grant)
        reply = {"partner_id": int(self._keys.partner_id), "shop_id": int(shop_id), **self._reply(pair)}
        nothing: list[int] | None = None if self._switches.lists_are_null_on_refresh else []
        return {**reply, "shop_id_list": nothing, "merchant_id_list": nothing}

    def consent(self, request: Request, *, callback: str, state: str | None) -> Response:
        """Show the shops, or with one chosen go back to the app with a code; a state comes back where one was sent."""
        chosen = request.parameter("shop")
        if chosen is None:
            shops = [(shop_id, seller.name) for shop_id, seller in self._sellers.items()]
            return consent_page(request, "Shopee sandbox: authorise", [*shops, (ALL_SHOPS, "All shops")])
        if chosen == ALL_SHOPS:
            back = {"code": self._tokens.issue_code(MAIN_ACCOUNT), "main_account_id": self._main_account}
        elif chosen in self._sellers:
            back = {"code": self._tokens.issue_code(self._sellers[chosen].number), "shop_id": chosen}
        else:
            raise RefusalError("shop_id")
        return redirect(callback, back if state is None else {**back, "state": state})

    def _checked(self, request: Request) -> dict[str, object]:
        body = body_of(request)
        if str(body.get("partner_id", "")) != self._keys.partner_id:
            raise RefusalError("partner_id")
        return body

    def _reply(self, pair: Pair) -> dict[str, Any]:
        left = pair.access_ends - int(self._wall())
        ends = pair.access_ends if self._switches.expire_in_is_epoch else left
        return {"access_token": pair.access_token, "refresh_token": pair.refresh_token, "expire_in": ends}
