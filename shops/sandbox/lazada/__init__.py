"""The Lazada of the sandbox: API gateway, token host and consent page on one address (Lazada Open Platform)."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from shops.sandbox.lazada.answer_calls import AnswerCalls
from shops.sandbox.lazada.finance import FinanceCalls
from shops.sandbox.lazada.gateway import ROOT, Gateway, Parameters, read_parameters
from shops.sandbox.lazada.numbers import NAME
from shops.sandbox.lazada.order_calls import OrderCalls
from shops.sandbox.lazada.paging import Lists
from shops.sandbox.lazada.products import ProductCalls
from shops.sandbox.lazada.replies import ProductsThrottledError, RefusalError, success
from shops.sandbox.lazada.reverse_calls import ReverseCalls
from shops.sandbox.lazada.seller import Seller, app_keys, build_sellers
from shops.sandbox.lazada.switches import Switches
from shops.sandbox.lazada.token_calls import CREATE, REFRESH, TokenCalls
from shops.sandbox.lazada.tokens import Grant, Tokens
from shops.sandbox.lazada.tracking import TraceCalls
from shops.sandbox.listener import Request, Response
from shops.sandbox.marketplace import Stage
from shops.sandbox.service import Call, Service, finish

AUTHORIZE = "/oauth/authorize"
Handler = Callable[[Parameters, Seller, Call], Response]
# Paths after /rest. GET and POST are taken alike [?]: one client posts whatever it is told to ask.
PATHS: dict[str, str] = {
    "/auth/token/create": CREATE,
    "/auth/token/refresh": REFRESH,
    "/seller/get": "seller_get",
    "/orders/get": "orders_get",
    "/order/get": "order_get",
    "/order/items/get": "order_items_get",
    "/orders/items/get": "orders_items_get",
    "/products/get": "products_get",
    "/product/item/get": "product_item_get",
    "/finance/transaction/details/get": "transaction_details_get",
    "/finance/payout/status/get": "payout_status_get",
    "/reverse/getreverseordersforseller": "reverse_orders_get",
    "/order/reverse/return/detail/list": "reverse_order_detail",
    "/order/reverse/return/history/list": "reverse_order_history",
    "/order/reverse/reason/list": "reverse_reasons",
    "/order/reverse/return/update": "reverse_update",
    "/order/reverse/cancel/seller/decide": "reverse_cancel_decide",
    "/logistic/order/trace": "order_trace",
}
_PRODUCT_ENDPOINTS = ("products_get", "product_item_get")


class Lazada(Service):
    """All shops of the world on Lazada."""

    name = NAME
    refusal = RefusalError

    def __init__(self, stage: Stage) -> None:
        world, wall = stage.world, stage.clock.wall
        self._keys = app_keys(world)
        self._sellers = build_sellers(world)
        self._own_switches = switches = Switches()
        super().__init__(stage, [seller.seller_id for seller in self._sellers], PATHS.values(), switches)
        self._tokens = Tokens(world, len(self._sellers), self._keys.app_key, switches, wall)
        self._gateway = Gateway(self._keys, switches, wall)
        self._token_calls = TokenCalls(self._keys, self._sellers, self._tokens, switches, self.ledger)
        lists = Lists(stage.clock, self.ledger, self.draw_page_fault)
        orders = OrderCalls(stage, self._sellers, self.ledger, lists, switches)
        products = ProductCalls(stage, self._sellers, self.ledger, lists)
        traces = TraceCalls(stage, self._sellers, self.ledger, lists, orders)
        reverse = ReverseCalls(stage, self._sellers, self.ledger, lists, switches)
        answers = AnswerCalls(stage, self.ledger, reverse)
        finance = FinanceCalls(stage, self._sellers, self.ledger, lists, orders, switches)
        self._handlers: dict[str, Handler] = {
            "seller_get": self._seller_get,
            "orders_get": orders.get_orders,
            "order_get": orders.get_order,
            "order_items_get": orders.get_lines,
            "orders_items_get": orders.get_lines_of_many,
            "products_get": products.get_products,
            "product_item_get": products.get_product,
            "transaction_details_get": finance.get_transactions,
            "payout_status_get": finance.get_payouts,
            "reverse_orders_get": reverse.get_list,
            "reverse_order_detail": reverse.get_detail,
            "reverse_order_history": reverse.get_history,
            "reverse_reasons": answers.get_reasons,
            "reverse_update": answers.update,
            "reverse_cancel_decide": answers.decide_cancellation,
            "order_trace": traces.get_trace,
        }
        self.truths = {
            "orders": orders.truth,
            "products": products.truth,
            "shipments": traces.truth,
            "returns": reverse.truth,
            "transactions": finance.truth_of_transactions,
            "statements": finance.truth_of_statements,
        }

    def describe(self, url: str) -> dict[str, Any]:
        """Addresses, keys and shops."""
        shops = []
        now = int(self.stage.clock.wall())
        for seller in self._sellers:
            issued = self._tokens.current(seller.number)
            shop = {"external_id": seller.seller_id, "name": seller.name, "region": seller.region.code}
            shop |= {"currency": seller.region.currency, "timezone": seller.region.timezone}
            ends = {"access_token_expires_at": now + issued.expires_in}
            ends |= {"refresh_token_expires_at": now + issued.refresh_expires_in}
            tokens = {"access_token": issued.access_token, "refresh_token": issued.refresh_token}
            shops.append({**shop, "short_code": seller.short_code, **tokens, **ends})
        addresses = {"api_url": url, "auth_url": url, "authorise_url": url + AUTHORIZE}
        return {**addresses, **asdict(self._keys), "shops": shops}

    def issue_auth_code(self, shop: str) -> str:
        """Return a code for the token call."""
        return self._tokens.issue_code(self.number_of(shop))

    def route(self, request: Request, call: Call) -> Response:
        """Answer a call."""
        if request.path == AUTHORIZE and request.method == "GET":
            call.endpoint = "authorize"
            return self._token_calls.authorize(request)
        path = request.path.removeprefix(ROOT)
        endpoint = PATHS.get(path)
        if endpoint is None or path == request.path or request.method not in ("GET", "POST"):
            raise RefusalError("path")
        call.endpoint = endpoint
        if request.is_too_large:
            raise RefusalError("invalid", "body")
        parameters = read_parameters(request)
        self._gateway.check(path, parameters)
        if endpoint in (CREATE, REFRESH):
            return self._token_call(parameters, call)
        return self._business_call(parameters, call)

    def _token_call(self, parameters: Parameters, call: Call) -> Response:
        call.shop = self._token_calls.shop_of(parameters) if call.endpoint == REFRESH else None
        fault = self.strike(call)
        if call.endpoint == REFRESH:
            return finish(self._token_calls.refresh(parameters, call), fault)
        return finish(self._token_calls.create(parameters), fault)

    def _business_call(self, parameters: Parameters, call: Call) -> Response:
        grant = self._find_grant(parameters, call)
        seller = self._sellers[grant.shop_number]
        if call.endpoint in self._own_switches.forbidden_endpoints:
            raise RefusalError("permission")
        try:
            self.take_quota(call)
            fault = self.strike(call, end_token=lambda: self._end_token(grant))
        except RefusalError as refusal:
            if refusal.key == "throttled" and call.endpoint in _PRODUCT_ENDPOINTS:
                raise ProductsThrottledError("throttled") from None
            raise
        return finish(self._handlers[call.endpoint](parameters, seller, call), fault)

    def _find_grant(self, parameters: Parameters, call: Call) -> Grant:
        token = parameters.get("access_token")
        if not token:
            raise RefusalError("missing", "access_token")
        grant = self._tokens.find("access", token)
        if grant is None:
            raise RefusalError("expired_token")
        call.shop = self._sellers[grant.shop_number].seller_id
        if call.shop in self._own_switches.revoked_shops:
            raise RefusalError("expired_token")
        if self._tokens.is_ended(grant):
            self._token_calls.note_need(grant)
            raise RefusalError("expired_token")
        return grant

    def _end_token(self, grant: Grant) -> None:
        self._tokens.end(grant)
        self._token_calls.note_need(grant)

    def _seller_get(self, _parameters: Parameters, seller: Seller, _call: Call) -> Response:
        """/seller/get: the seller whose token it is (GetSeller)."""
        self.ledger.need_once(seller.seller_id, "seller_get", "seller")
        numbers = {"seller_id": int(seller.seller_id), "short_code": seller.short_code, "logo_url": ""}
        names = {"name": seller.name, "name_company": seller.name, "email": seller.account}
        state = {"status": "ACTIVE", "verified": True, "cb": False, "marketplaceEaseMode": False}
        return success({**names, **numbers, "location": seller.region.name, **state})
