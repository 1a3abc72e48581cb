"""The Shopee of the sandbox: API, token calls and consent pages on one address (Shopee Open Platform, API v2)."""

from collections.abc import Callable
from typing import Any

from shops.sandbox.listener import Request, Response
from shops.sandbox.marketplace import Stage
from shops.sandbox.service import Call, Service, finish
from shops.sandbox.sessions import Draw
from shops.sandbox.shopee.gateway import Endpoint, Gateway
from shops.sandbox.shopee.item_calls import ItemCalls
from shops.sandbox.shopee.logistics_calls import LogisticsCalls
from shops.sandbox.shopee.names import NAME
from shops.sandbox.shopee.order_calls import OrderCalls
from shops.sandbox.shopee.payment_calls import PaymentCalls
from shops.sandbox.shopee.replies import RefusalError, flat, success
from shops.sandbox.shopee.return_calls import ReturnCalls
from shops.sandbox.shopee.seller import app_keys, build_sellers, main_account_id
from shops.sandbox.shopee.shop import Shop
from shops.sandbox.shopee.shop_calls import ShopCalls
from shops.sandbox.shopee.switches import Switches
from shops.sandbox.shopee.token_calls import TokenCalls
from shops.sandbox.shopee.tokens import Grant, Tokens

API = "/api/v2"
SIGNED_CONSENT, UNSIGNED_CONSENT = f"{API}/shop/auth_partner", "/auth"
TOKEN_GET = Endpoint("token_get", ("POST",), is_public=True)
TOKEN_REFRESH = Endpoint("token_refresh", ("POST",), is_public=True)
CONSENT = Endpoint("consent", ("GET",), is_public=True)
SHOPS_BY_PARTNER = Endpoint("shops_by_partner", ("GET",), is_public=True)
PATHS: dict[str, Endpoint] = {
    f"{API}/auth/token/get": TOKEN_GET,
    f"{API}/auth/access_token/get": TOKEN_REFRESH,
    SIGNED_CONSENT: CONSENT,
    UNSIGNED_CONSENT: CONSENT,
    f"{API}/public/get_shops_by_partner": SHOPS_BY_PARTNER,
    f"{API}/shop/get_shop_info": Endpoint("shop_info", ("GET",)),
    f"{API}/order/get_order_list": Endpoint("order_list", ("GET",)),
    f"{API}/order/get_order_detail": Endpoint("order_detail", ("GET",)),
    f"{API}/logistics/get_tracking_number": Endpoint("tracking_number", ("GET",)),
    f"{API}/logistics/get_tracking_info": Endpoint("tracking_info", ("GET",)),
    f"{API}/product/get_item_list": Endpoint("item_list", ("GET",)),
    f"{API}/product/get_item_base_info": Endpoint("item_base_info", ("GET",)),
    f"{API}/product/get_model_list": Endpoint("model_list", ("GET",)),
    f"{API}/returns/get_return_list": Endpoint("return_list", ("GET",)),
    f"{API}/returns/get_return_detail": Endpoint("return_detail", ("GET",)),
    f"{API}/returns/get_return_dispute_reason": Endpoint("return_dispute_reason", ("GET",)),
    f"{API}/returns/confirm": Endpoint("return_confirm", ("POST",)),
    f"{API}/returns/dispute": Endpoint("return_dispute", ("POST",)),
    f"{API}/payment/get_escrow_list": Endpoint("escrow_list", ("GET",)),
    f"{API}/payment/get_escrow_detail": Endpoint("escrow_detail", ("GET",)),
    f"{API}/payment/get_escrow_detail_batch": Endpoint("escrow_detail_batch", ("GET", "POST")),
    f"{API}/payment/get_wallet_transaction_list": Endpoint("wallet_transactions", ("GET",)),
}
# Replies without a response object [A], or with more beside it.
FLAT = frozenset(("shop_info", "escrow_detail_batch"))
Handler = Callable[[Request, Shop, Draw], dict[str, Any]]


class Shopee(Service):
    """All shops of the world on Shopee."""

    name = NAME
    refusal = RefusalError

    def __init__(self, stage: Stage) -> None:
        sellers, wall = build_sellers(stage.world), stage.clock.wall
        shop_ids = [seller.shop_id for seller in sellers]
        self._set: Switches = Switches()
        super().__init__(stage, shop_ids, (endpoint.name for endpoint in PATHS.values()), self._set)
        self._keys, self._main_account = app_keys(stage.world), main_account_id(stage.world)
        self._shops = [Shop(seller, self._set) for seller in sellers]
        self._tokens = Tokens(stage.world, self._set, wall)
        self._gateway = Gateway(self._keys, shop_ids, self._tokens, self._set, wall)
        self._token_calls = TokenCalls(
            self._keys, self._main_account, sellers, self._tokens, self._set, self.ledger, wall
        )
        self._shop_calls = ShopCalls(self._shops, self.ledger, self._set, int(wall()))
        orders, items = OrderCalls(stage, self.ledger, self._set), ItemCalls(stage, self.ledger, self._set)
        returns, payments = ReturnCalls(stage, self.ledger, self._set), PaymentCalls(stage, self.ledger, self._set)
        logistics = LogisticsCalls(stage, self.ledger)
        self._handlers: dict[str, Handler] = {
            "shop_info": self._shop_calls.info,
            "order_list": orders.order_list,
            "order_detail": orders.order_detail,
            "tracking_number": logistics.number,
            "tracking_info": logistics.events,
            "item_list": items.item_list,
            "item_base_info": items.base_info,
            "model_list": items.models,
            "return_list": returns.return_list,
            "return_detail": returns.return_detail,
            "return_dispute_reason": returns.dispute_reasons,
            "return_confirm": returns.confirm,
            "return_dispute": returns.dispute,
            "escrow_list": payments.escrow_list,
            "escrow_detail": payments.escrow_detail,
            "escrow_detail_batch": payments.escrow_batch,
            "wallet_transactions": payments.wallet,
        }
        # There are no statements.
        self.truths = {
            "orders": lambda number, as_of: orders.truth(self._shops[number], as_of),
            "products": lambda number, as_of: items.truth(self._shops[number], as_of),
            "shipments": lambda number, as_of: logistics.truth(self._shops[number], as_of),
            "returns": lambda number, as_of: returns.truth(self._shops[number], as_of),
            "transactions": lambda number, as_of: payments.truth(self._shops[number], as_of),
        }

    def describe(self, url: str) -> dict[str, Any]:
        """Addresses, keys and shops."""
        shops = []
        for shop in self._shops:
            pair, region = self._tokens.current(shop.seller.number), shop.seller.region
            shown = {"external_id": shop.shop_id, "name": shop.seller.name, "region": region.code}
            shown |= {"currency": region.currency, "timezone": region.timezone}
            shown |= {"access_token": pair.access_token, "refresh_token": pair.refresh_token}
            ends = {"access_token_expires_at": pair.access_ends, "refresh_token_expires_at": pair.refresh_ends}
            shops.append({**shown, **ends})
        addresses = {"api_url": url, "auth_url": url, "authorise_url": url + SIGNED_CONSENT}
        addresses |= {"unsigned_authorise_url": url + UNSIGNED_CONSENT, "main_account_id": self._main_account}
        keys = {"app_key": self._keys.partner_id, "app_secret": self._keys.partner_key}
        return {**addresses, **keys, "shops": shops}

    def issue_auth_code(self, shop: str) -> str:
        """Return a code as the seller's browser would bring it back after consent to one shop."""
        return self._tokens.issue_code(self.number_of(shop))

    def route(self, request: Request, call: Call) -> Response:
        """Answer a call."""
        try:
            return self._route(request, call)
        except RefusalError as refusal:
            refusal.switches = self._set
            if refusal.key == "throttled" and not self._set.sends_retry_after:
                refusal.retry_after = None
            raise

    def _route(self, request: Request, call: Call) -> Response:
        endpoint = PATHS.get(request.path)
        if endpoint is None:
            raise RefusalError("path")
        call.endpoint = endpoint.name
        if request.method not in endpoint.methods:
            raise RefusalError("method")
        if request.is_too_large:
            raise RefusalError("too_large")
        if request.path == UNSIGNED_CONSENT:
            return self._unsigned_consent(request)
        self._gateway.check_request(request, endpoint)
        if self._set.daily_limit_reached:
            raise RefusalError("daily_limit")
        if endpoint.is_public:
            return self._public_call(request, endpoint, call)
        return self._shop_call(request, endpoint, call)

    def _public_call(self, request: Request, endpoint: Endpoint, call: Call) -> Response:
        if endpoint is CONSENT:
            return self._token_calls.consent(request, callback=request.parameter("redirect") or "", state=None)
        call.shop = self._token_calls.shop_of(request) if request.method == "POST" else None
        self.take_quota(call)
        fault = self.strike(call)
        if endpoint is SHOPS_BY_PARTNER:
            return finish(flat(self._shop_calls.by_partner(request)), fault)
        content = self._token_calls.get(request) if endpoint is TOKEN_GET else self._token_calls.refresh(request)
        return finish(flat(content), fault)

    def _unsigned_consent(self, request: Request) -> Response:
        """Serve the other form of the link, which is not signed and hands a state back [B]."""
        if request.parameter("partner_id") != self._keys.partner_id:
            raise RefusalError("partner_id")
        callback, state = request.parameter("redirect_uri") or "", request.parameter("state")
        return self._token_calls.consent(request, callback=callback, state=state)

    def _shop_call(self, request: Request, endpoint: Endpoint, call: Call) -> Response:
        number, grant = self._gateway.check_shop(request)
        call.shop = self._shops[number].shop_id
        if self._tokens.is_ended(grant):
            self._token_calls.note_need(call.shop, grant)
            raise RefusalError("expired_token")
        self.take_quota(call)
        fault = self.strike(call, end_token=lambda: self._end_token(number, grant))
        content = self._handlers[endpoint.name](request, self._shops[number], self.draw_page_fault(call))
        return finish(flat(content) if endpoint.name in FLAT else success(content), fault)

    def _end_token(self, number: int, grant: Grant) -> None:
        self._tokens.end(grant)
        self._token_calls.note_need(self._shops[number].shop_id, grant)
