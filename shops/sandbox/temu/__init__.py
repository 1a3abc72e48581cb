"""The Temu of the sandbox: one path for every type, all areas on one address (Temu partner API)."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from shops.sandbox.listener import Request, Response
from shops.sandbox.marketplace import Stage
from shops.sandbox.service import Call, Service, consent_page, finish, redirect
from shops.sandbox.temu.after_sales import AfterSalesCalls
from shops.sandbox.temu.gateway import Gateway
from shops.sandbox.temu.goods_calls import GoodsCalls
from shops.sandbox.temu.names import NAME
from shops.sandbox.temu.order_calls import OrderCalls
from shops.sandbox.temu.packages import PackageCalls
from shops.sandbox.temu.paging import Lists
from shops.sandbox.temu.parameters import Body
from shops.sandbox.temu.replies import TemuRefusal, html, success, wrapped_success
from shops.sandbox.temu.seller import Seller, app_keys, build_sellers
from shops.sandbox.temu.shared import Shared
from shops.sandbox.temu.switches import AMOUNTS, USUAL_SCOPES, Switches
from shops.sandbox.temu.token_calls import CREATE, INFO, INFO_GLOBAL, TokenCalls
from shops.sandbox.temu.tokens import Tokens

# Every type that is served.
TYPES = (CREATE, *USUAL_SCOPES, AMOUNTS)
ROUTER = "/openapi/router"
# The page in a seller centre where an app is let in [A].
AUTHORISATION = "/open-platform/client-manage/authorization"
# What the edge in front of the API answers with, when it is the edge that refuses.
_EDGE_STATUSES = {"throttled": 429, "server_error": 502}


class Temu(Service):
    """All shops of the world on Temu. It has neither transactions nor statements."""

    name = NAME
    refusal = TemuRefusal

    def __init__(self, stage: Stage) -> None:
        self._sellers = build_sellers(stage.world)
        mall_ids = [str(seller.mall_id) for seller in self._sellers]
        switches = Switches()
        super().__init__(stage, mall_ids, TYPES, switches)
        self._keys = app_keys(stage.world)
        wall = stage.clock.wall
        self._tokens = Tokens(stage.world, len(mall_ids), switches, wall)
        self._gateway = Gateway(self._keys, mall_ids, self._tokens, switches, wall)
        self._token_calls = TokenCalls(self._sellers, self._tokens, switches, self.ledger)
        lists = Lists(self.ledger, switches)
        shared = Shared(stage.clock, self._sellers, switches, self.ledger, lists, self.draw_page_fault)
        orders, packages = OrderCalls(shared), PackageCalls(shared)
        after_sales, goods = AfterSalesCalls(shared), GoodsCalls(shared)
        self._handlers: dict[str, Callable[[Body, Seller, Call], Any]] = {
            INFO: self._info,
            INFO_GLOBAL: self._info,
            **orders.handlers,
            **packages.handlers,
            **after_sales.handlers,
            **goods.handlers,
        }
        self.truths = {
            "orders": orders.truth,
            "products": goods.truth,
            "shipments": packages.truth,
            "returns": after_sales.truth,
        }

    def describe(self, url: str) -> dict[str, Any]:
        """Addresses, keys and shops. There are no refresh tokens: a seller authorises again [A]."""
        shops = []
        for seller in self._sellers:
            shop: dict[str, Any] = {
                "external_id": str(seller.mall_id),
                "name": seller.name,
                "region": seller.region.code,
            }
            shop |= {"currency": seller.region.currency, "timezone": seller.region.timezone}
            shop |= {"access_token": self._tokens.current(seller.number), "refresh_token": None}
            expires = self._tokens.expires_at(seller.number)
            shops.append(shop | {"access_token_expires_at": expires, "refresh_token_expires_at": None})
        authorise_url = url + AUTHORISATION
        return {"api_url": url, "auth_url": url, "authorise_url": authorise_url, **asdict(self._keys), "shops": shops}

    def issue_auth_code(self, shop: str) -> str:
        """Return a code for bg.open.accesstoken.create."""
        return self._tokens.issue_code(self.number_of(shop))

    def route(self, request: Request, call: Call) -> Response:
        """Answer a call."""
        if request.path == AUTHORISATION:
            return self._authorise(request)
        if request.path != ROUTER:
            return html(404)
        if request.method != "POST":
            return html(405)
        try:
            return self._routed(request, call)
        except TemuRefusal as refusal:
            if self._switches.do_errors_come_from_edge and refusal.key in _EDGE_STATUSES:
                call.outcome = "throttled" if refusal.key == "throttled" else "faulted"
                return html(_EDGE_STATUSES[refusal.key])
            if call.shop is not None:
                refusal.area = self._sellers[self.number_of(call.shop)].country.area
            raise

    def _routed(self, request: Request, call: Call) -> Response:
        body = self._gateway.read_body(request)
        wanted = body.get("type")
        if isinstance(wanted, str) and wanted in TYPES:
            call.endpoint = wanted
        self._gateway.check_sign(body)
        name = self._gateway.check_common(body, TYPES)
        if name == CREATE:
            return self._create(body, call)
        grant = self._gateway.check_token(body)
        seller = self._sellers[grant.shop_number]
        call.shop = str(seller.mall_id)
        self._gateway.check_rights(name, grant)
        self.take_quota(call)
        fault = self.strike(call, end_token=lambda: self._tokens.end(grant))
        return finish(self._success(self._handlers[name](body, seller, call), seller.country.area), fault)

    def _create(self, body: Body, call: Call) -> Response:
        """Hand out a token for a code: the code stands where the token does, so there is no scope to check."""
        self._gateway.check_address()
        shop_number = self._tokens.shop_of(str(body.get("code")))
        call.shop = None if shop_number is None else str(self._sellers[shop_number].mall_id)
        self.take_quota(call)
        fault = self.strike(call)
        seller, content = self._token_calls.create(body)
        return finish(self._success(content, seller.country.area), fault)

    def _info(self, _body: Body, seller: Seller, call: Call) -> dict[str, Any]:
        return self._token_calls.info(call.endpoint, seller)

    def _success(self, result: Any, area: str) -> Response:
        if self._switches.is_result_wrapped_twice:
            return wrapped_success(result, area, int(self.stage.clock.wall() * 1000))
        return success(result, area)

    def _authorise(self, request: Request) -> Response:
        """Show the shops; with one chosen, send the browser back with code, app_key, callback_host and state [A]."""
        if request.parameter("appKey") != self._keys.app_key:
            return html(404)
        shop = request.parameter("shop")
        if shop is None:
            shops = [(str(seller.mall_id), seller.name) for seller in self._sellers]
            return consent_page(request, "Authorise the app", shops)
        if shop not in self.known.shops:
            return html(404)
        host = f"http://{request.headers.get('Host', '')}"
        parameters = {"code": self.issue_auth_code(shop), "app_key": self._keys.app_key, "callback_host": host}
        # The registered address wins over that of the link; without one the link's is taken, for a quick try.
        callback = self._switches.callback_url or request.parameter("redirect_uri") or ""
        return redirect(callback, {**parameters, "state": request.parameter("state") or ""})
