"""The TikTok Shop of the sandbox: API and token host on one address (TikTok Partner Center, API 202309 and later)."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from shops.sandbox.listener import Request, Response
from shops.sandbox.marketplace import Stage
from shops.sandbox.service import Call, Service, consent_page, finish, redirect
from shops.sandbox.tiktok import routes
from shops.sandbox.tiktok.answer_calls import AnswerCalls
from shops.sandbox.tiktok.case_calls import CaseCalls
from shops.sandbox.tiktok.finance_calls import FinanceCalls
from shops.sandbox.tiktok.gateway import Gateway
from shops.sandbox.tiktok.lists import Lists
from shops.sandbox.tiktok.order_calls import OrderCalls
from shops.sandbox.tiktok.package_calls import PackageCalls
from shops.sandbox.tiktok.product_calls import ProductCalls
from shops.sandbox.tiktok.replies import RefusalError, success
from shops.sandbox.tiktok.routes import Endpoint
from shops.sandbox.tiktok.seller import NAME, app_keys, build_sellers
from shops.sandbox.tiktok.switches import Switches
from shops.sandbox.tiktok.token_calls import TokenCalls
from shops.sandbox.tiktok.tokens import Grant, Tokens

# Returns the content of an answer for the shop with this number.
Handler = Callable[[Request, int, Call], Any]


class TikTok(Service):
    """All shops of the world on TikTok."""

    name = NAME
    refusal = RefusalError

    def __init__(self, stage: Stage) -> None:
        self._keys = app_keys(stage.world)
        self._sellers = build_sellers(stage.world)
        shop_ids = [seller.shop_id for seller in self._sellers]
        self._settings = Switches()
        super().__init__(stage, shop_ids, routes.ENDPOINT_NAMES, self._settings)
        wall = stage.clock.wall
        self._tokens = Tokens(stage.world, [seller.token_prefix for seller in self._sellers], self._settings, wall)
        ciphers = [seller.cipher for seller in self._sellers]
        self._gateway = Gateway(self._keys, ciphers, shop_ids, self._tokens, self._settings, wall)
        self._token_calls = TokenCalls(self._keys, self._sellers, self._tokens, self._settings, self.ledger)
        self._handlers = self._build_handlers()

    def _build_handlers(self) -> dict[str, Handler]:
        sellers, lists = self._sellers, Lists(self)
        orders = OrderCalls(self, sellers, lists)
        products = ProductCalls(self, sellers, lists)
        packages = PackageCalls(self, sellers, orders.writers, lists)
        cases = CaseCalls(self, sellers, lists, self._settings)
        answers, finance = AnswerCalls(self, sellers), FinanceCalls(self, sellers, lists)
        self.truths = {
            "orders": orders.truth,
            "products": products.truth,
            "shipments": packages.truth,
            "returns": cases.truth,
            "transactions": finance.truth_of_transactions,
            "statements": finance.truth_of_statements,
        }
        return {
            routes.AUTHORIZED_SHOPS.name: self._authorized_shops,
            routes.ORDER_SEARCH.name: orders.search,
            routes.ORDER_DETAIL.name: orders.detail,
            routes.PRODUCT_SEARCH.name: products.search,
            routes.PRODUCT_DETAIL.name: products.detail,
            routes.PACKAGE_SEARCH.name: packages.search,
            routes.PACKAGE_DETAIL.name: packages.detail,
            routes.TRACKING.name: packages.tracking,
            routes.RETURN_SEARCH.name: cases.returns,
            routes.RETURN_RECORDS.name: cases.records,
            routes.CANCELLATION_SEARCH.name: cases.cancellations,
            routes.REJECT_REASONS.name: cases.reject_reasons,
            routes.RETURN_APPROVE.name: answers.approve,
            routes.RETURN_REJECT.name: answers.reject,
            routes.CANCELLATION_APPROVE.name: answers.approve,
            routes.CANCELLATION_REJECT.name: answers.reject,
            routes.STATEMENTS.name: finance.statements,
            routes.STATEMENT_TRANSACTIONS.name: finance.transactions,
            routes.PAYMENTS.name: finance.payments,
        }

    def describe(self, url: str) -> dict[str, Any]:
        """Addresses, keys and shops."""
        shops = []
        for seller in self._sellers:
            access_token, refresh_token = self._tokens.current(seller.number)
            access_ends, refresh_ends = self._tokens.ends(seller.number)
            shop = {"external_id": seller.shop_id, "name": seller.name, "region": seller.region.code}
            shop |= {"currency": seller.region.currency, "timezone": seller.region.timezone}
            shop |= {"access_token": access_token, "refresh_token": refresh_token, "cipher": seller.cipher}
            shops.append({**shop, "access_token_expires_at": access_ends, "refresh_token_expires_at": refresh_ends})
        addresses = {"api_url": url, "auth_url": url, "authorise_url": f"{url}/open/authorize"}
        return {**addresses, **asdict(self._keys), "shops": shops}

    def issue_auth_code(self, shop: str) -> str:
        """Return a code for the token host."""
        return self._tokens.issue_code(self.number_of(shop))

    def route(self, request: Request, call: Call) -> Response:
        """Answer a call."""
        endpoint = routes.find_endpoint(request.path)
        if endpoint is None:
            raise RefusalError("path")
        call.endpoint = endpoint.name
        if request.method != endpoint.method:
            raise RefusalError("method")
        if request.is_too_large:
            raise RefusalError("too_large")
        if endpoint is routes.CONSENT:
            return self._consent(request)
        if endpoint.scope is None:
            return self._token_call(request, endpoint, call)
        return self._business_call(request, endpoint, call)

    def _consent(self, request: Request) -> Response:
        """Let the seller choose a shop; the address to come back to is fixed in the app's settings [A]."""
        app = {"/open/authorize": ("service_id", self._keys.service_id)}
        name, value = app.get(request.path, ("app_key", self._keys.app_key))
        if request.parameter(name) != value:
            raise RefusalError("app_key")
        state = request.parameter("state") or ""
        if request.parameter("deny"):
            return redirect(self._settings.callback_url, {"code": "null", "error": "auth_denied", "state": state})
        shop = request.parameter("shop")
        if shop is None:
            shops = [(seller.shop_id, f"{seller.name} ({seller.region.code})") for seller in self._sellers]
            return consent_page(request, "TikTok Shop: let an app in", shops)
        if shop not in self.known.shops:
            raise RefusalError("parameter", "There is no such shop.")
        # Other parameters may come along [?]: clients are to ignore them.
        came_with = {"app_key": self._keys.app_key, "locale": "en", "shop_region": self._region_of(shop)}
        return redirect(self._settings.callback_url, {"code": self.issue_auth_code(shop), "state": state, **came_with})

    def _region_of(self, shop: str) -> str:
        return self._sellers[self.number_of(shop)].region.code

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
        return finish(success(self._handlers[endpoint.name](request, grant.shop_number, call)), fault)

    def _end_token(self, grant: Grant) -> None:
        self._tokens.end(grant)
        self._token_calls.note_need(grant)

    def _authorized_shops(self, _request: Request, shop_number: int, _call: Call) -> Any:
        """Return the shop list (GET /authorization/202309/shops) [A]: the shops of the seller whose token it is."""
        seller = self._sellers[shop_number]
        self.ledger.need_once(seller.shop_id, routes.AUTHORIZED_SHOPS.name, "list")
        shop = {"id": seller.shop_id, "name": seller.name, "region": seller.region.code, "seller_type": "LOCAL"}
        return {"shops": [{**shop, "cipher": seller.cipher, "code": seller.code}]}
