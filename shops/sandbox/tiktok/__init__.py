"""The TikTok Shop of the sandbox: API and token host on one address (TikTok Partner Center, API 202309 and later)."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from shops.sandbox.calls import Ledger, Outcome
from shops.sandbox.faults import CALL_KINDS, Fault
from shops.sandbox.listener import Request, Response
from shops.sandbox.marketplace import Stage
from shops.sandbox.targets import Known, one_of
from shops.sandbox.tiktok.gateway import Endpoint, Gateway
from shops.sandbox.tiktok.order_calls import OrderCalls
from shops.sandbox.tiktok.replies import RefusalError, not_json, success
from shops.sandbox.tiktok.seller import NAME, app_keys, build_sellers
from shops.sandbox.tiktok.switches import Switches, set_switches
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
# Calls whose endpoint could not be told.
UNKNOWN = "unknown"
# Orders written into one piece of the truth, about 200 kB.
_TRUTH_BATCH = 500


@dataclass
class Call:
    """One call while it is answered: where it belongs and how it ends, for the ledger."""

    endpoint: str = UNKNOWN
    shop: str | None = None
    outcome: Outcome = "ok"


class TikTok:
    """All shops of the world on TikTok."""

    name = NAME

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._keys = app_keys(stage.world)
        self._sellers = build_sellers(stage.world)
        self._numbers = {seller.shop_id: seller.number for seller in self._sellers}
        shop_ids = list(self._numbers)
        wall = stage.clock.wall
        self.ledger = Ledger()
        self.known = Known(tuple(shop_ids), tuple(dict.fromkeys(endpoint.name for endpoint in PATHS.values())))
        self._switches = Switches()
        self._tokens = Tokens(stage.world, [seller.token_prefix for seller in self._sellers], self._switches, wall)
        ciphers = [seller.cipher for seller in self._sellers]
        self._gateway = Gateway(self._keys, ciphers, shop_ids, self._tokens, self._switches, wall)
        self._token_calls = TokenCalls(self._keys, self._sellers, self._tokens, self._switches, self.ledger)
        self._order_calls = OrderCalls(stage, self._sellers, self.ledger)
        self._handlers: dict[str, Callable[[Request, Grant, Call], Response]] = {
            AUTHORIZED_SHOPS.name: self._authorized_shops,
            ORDER_SEARCH.name: self._search,
            ORDER_DETAIL.name: self._detail,
        }

    def answer(self, request: Request) -> Response:
        """Answer a call and count it."""
        call = Call()
        try:
            response = self._route(request, call)
        except RefusalError as refusal:
            if call.outcome == "ok":
                call.outcome = "throttled" if refusal.key == "throttled" else "refused"
            response = refusal.response()
        self.ledger.count(call.shop, call.endpoint, call.outcome)
        return response

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

    def truth(self, shop: str | None, as_of: int) -> Iterator[bytes]:
        """Return what a copy of the orders must agree with, shop by shop in order of creation."""
        numbers = range(len(self._sellers)) if shop is None else [self._numbers[shop]]
        for number in numbers:
            lives, writer = self._sellers[number].lives, self._order_calls.writers[number]
            lines: list[bytes] = []
            for state in lives.states_in(lives.created_range(None, None, as_of), as_of):
                lines.append(orjson.dumps(writer.truth(state), option=orjson.OPT_APPEND_NEWLINE))
                if len(lines) == _TRUTH_BATCH:
                    yield b"".join(lines)
                    lines = []
            yield b"".join(lines)

    def switches(self) -> dict[str, Any]:
        """Where the real service's behaviour is unsure or a matter of settings."""
        return asdict(self._switches)

    def switch(self, wanted: Mapping[str, Any]) -> None:
        """Set switches."""
        set_switches(self._switches, wanted)

    def issue_auth_code(self, shop: str) -> str:
        """Return a code as the seller's browser would bring it back after consent."""
        return self._tokens.issue_code(self._numbers[one_of("shop", shop, self._numbers)])

    def _route(self, request: Request, call: Call) -> Response:
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
        fault = self._draw(call, set(CALL_KINDS) - {"expired_token"})
        return _finish(self._token_calls.answer(endpoint.name, request), fault)

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
        wait = self._stage.quotas.take(NAME, call.shop)
        if wait is not None:
            raise RefusalError("throttled", retry_after=wait)
        fault = self._draw(call, CALL_KINDS, grant)
        return _finish(self._handlers[endpoint.name](request, grant, call), fault)

    def _draw(self, call: Call, kinds: Iterable[str], grant: Grant | None = None) -> Fault | None:
        """Let a fault strike the call; raises where the fault ends it."""
        fault = self._stage.faults.draw(NAME, call.shop, call.endpoint, kinds)
        if fault is None:
            return None
        if fault.kind == "throttled":
            raise RefusalError("throttled", retry_after=int(fault.option("retry_after")))
        if fault.kind == "throttled_silent":
            raise RefusalError("throttled")
        call.outcome = "faulted"
        if fault.kind == "server_error":
            raise RefusalError("server_error")
        if fault.kind == "expired_token" and grant is not None:
            self._tokens.end(grant)
            self._token_calls.note_need(grant)
            raise RefusalError("expired_token")
        if fault.kind == "slow":
            time.sleep(fault.option("seconds"))
        return fault

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


def _finish(response: Response, fault: Fault | None) -> Response:
    if fault is not None and fault.kind == "not_json":
        return not_json()
    response.is_cut_off = fault is not None and fault.kind == "cut_off"
    return response
