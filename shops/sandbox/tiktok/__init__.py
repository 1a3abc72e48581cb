"""The TikTok Shop of the sandbox: API and token host on one address (TikTok Partner Center, API 202309 and later)."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from shops.sandbox.listener import Request, Response
from shops.sandbox.marketplace import Stage
from shops.sandbox.service import Call, Service, finish
from shops.sandbox.tiktok.gateway import Endpoint, Gateway
from shops.sandbox.tiktok.order_calls import OrderCalls
from shops.sandbox.tiktok.replies import RefusalError, success
from shops.sandbox.tiktok.seller import NAME, app_keys, build_sellers
from shops.sandbox.tiktok.switches import Switches
from shops.sandbox.tiktok.token_calls import TokenCalls
from shops.sandbox.tiktok.tokens import Grant, Tokens

_ORDERS, _SHOPS = "seller.order.info", "seller.authorization.info"
TOKEN_GET = Endpoint("token_get", "GET", None, False)
TOKEN_REFRESH = Endpoint("token_refresh", "GET", None, False)
AUTHORIZED_SHOPS = Endpoint("authorized_shops", "GET", _SHOPS, False)
ORDER_SEARCH = Endpoint("order_search", "POST", _ORDERS, True)
ORDER_DETAIL = Endpoint("order_detail", "GET", _ORDERS, True)
PATHS: dict[str, Endpoint] = {
    "/api/v2/token/get": TOKEN_GET,
    "/api/v2/token/refresh": TOKEN_REFRESH,
    "/authorization/202309/shops": AUTHORIZED_SHOPS,
    "/order/202309/orders/search": ORDER_SEARCH,
    "/order/202309/orders": ORDER_DETAIL,
    "/order/202507/orders": ORDER_DETAIL,
}


class TikTok(Service):
    """All shops of the world on TikTok."""

    name = NAME
    refusal = RefusalError

    def __init__(self, stage: Stage) -> None:
        self._keys = app_keys(stage.world)
        self._sellers = build_sellers(stage.world)
        shop_ids = [seller.shop_id for seller in self._sellers]
        switches = Switches()
        super().__init__(stage, shop_ids, [endpoint.name for endpoint in PATHS.values()], switches)
        wall = stage.clock.wall
        self._tokens = Tokens(stage.world, [seller.token_prefix for seller in self._sellers], switches, wall)
        ciphers = [seller.cipher for seller in self._sellers]
        self._gateway = Gateway(self._keys, ciphers, shop_ids, self._tokens, switches, wall)
        self._token_calls = TokenCalls(self._keys, self._sellers, self._tokens, switches, self.ledger)
        self._order_calls = OrderCalls(stage, self._sellers, self.ledger)
        self.truths = {"orders": self._order_calls.truth}
        self._handlers: dict[str, Callable[[Request, Grant, Call], Response]] = {
            AUTHORIZED_SHOPS.name: self._authorized_shops,
            ORDER_SEARCH.name: self._search,
            ORDER_DETAIL.name: self._detail,
        }

    def describe(self, url: str) -> dict[str, Any]:
        """Addresses, keys and shops."""
        shops = []
        for seller in self._sellers:
            access_token, refresh_token = self._tokens.current(seller.number)
            shop = {"external_id": seller.shop_id, "name": seller.name, "region": seller.region.code}
            shop |= {"currency": seller.region.currency, "timezone": seller.region.timezone}
            shop |= {"access_token": access_token, "refresh_token": refresh_token, "cipher": seller.cipher}
            shops.append(shop)
        return {"api_url": url, "auth_url": url, **asdict(self._keys), "shops": shops}

    def issue_auth_code(self, shop: str) -> str:
        """Return a code for the token host."""
        return self._tokens.issue_code(self.number_of(shop))

    def route(self, request: Request, call: Call) -> Response:
        """Answer a call."""
        endpoint = PATHS.get(request.path)
        if endpoint is None:
            raise RefusalError("path")
        call.endpoint = endpoint.name
        if request.method != endpoint.method:
            raise RefusalError("method")
        if request.is_too_large:
            raise RefusalError("too_large")
        if endpoint.scope is None:
            return self._token_call(request, endpoint, call)
        return self._business_call(request, endpoint, call)

    def _token_call(self, request: Request, endpoint: Endpoint, call: Call) -> Response:
        call.shop = self._token_calls.shop_of(request)
        fault = self.strike(call)
        return finish(self._token_calls.answer(endpoint.name, request), fault)

    def _business_call(self, request: Request, endpoint: Endpoint, call: Call) -> Response:
        self._gateway.check_request(request)
        grant = self._gateway.check_token(request)
        call.shop = self._sellers[grant.shop_number].shop_id
        try:
            self._gateway.check_rights(request, endpoint, grant)
        except RefusalError as refusal:
            if refusal.key == "expired_token":
                self._token_calls.note_need(grant)
            raise
        self.take_quota(call)
        fault = self.strike(call, end_token=lambda: self._end_token(grant))
        return finish(self._handlers[endpoint.name](request, grant, call), fault)

    def _end_token(self, grant: Grant) -> None:
        self._tokens.end(grant)
        self._token_calls.note_need(grant)

    def _authorized_shops(self, _request: Request, grant: Grant, _call: Call) -> Response:
        """Return the shop list (GET /authorization/202309/shops) [A]: the shops of the seller whose token it is."""
        seller = self._sellers[grant.shop_number]
        self.ledger.need_once(seller.shop_id, AUTHORIZED_SHOPS.name, "list")
        shop = {"id": seller.shop_id, "name": seller.name, "region": seller.region.code, "seller_type": "LOCAL"}
        return success({"shops": [{**shop, "cipher": seller.cipher, "code": seller.code}]})

    def _search(self, request: Request, grant: Grant, call: Call) -> Response:
        content, was_faulted = self._order_calls.search(request, grant.shop_number)
        call.outcome = "faulted" if was_faulted else call.outcome
        return success(content)

    def _detail(self, request: Request, grant: Grant, call: Call) -> Response:
        content, was_faulted = self._order_calls.detail(request, grant.shop_number)
        call.outcome = "faulted" if was_faulted else call.outcome
        return success(content)
