"""A small client of the sandbox's Lazada, with a signature of its own: the tests must not check a thing by itself."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.shops.sandbox.calling import Answer, control, send

ORDERS, ITEMS, TRACE = "/orders/get", "/orders/items/get", "/logistic/order/trace"
PRODUCTS, TRANSACTIONS, PAYOUTS = "/products/get", "/finance/transaction/details/get", "/finance/payout/status/get"
REVERSE, REVERSE_DETAIL = "/reverse/getreverseordersforseller", "/order/reverse/return/detail/list"
CREATE, REFRESH = "/auth/token/create", "/auth/token/refresh"
LONG_AGO = "2020-01-01T00:00:00+07:00"


@dataclass
class Client:
    """Calls one shop; a parameter that is None is left out."""

    control_url: str
    shop_number: int = 0

    def __post_init__(self) -> None:
        world = control(self.control_url, "GET", "/world").json
        self.app = world["marketplaces"]["lazada"]
        self.now = world["now"]
        self.shop = self.app["shops"][self.shop_number]
        self.access_token = self.shop["access_token"]
        self.refresh_token = self.shop["refresh_token"]

    def signed(self, path: str, **parameters: str | None) -> dict[str, str]:
        own = {"app_key": self.app["app_key"], "timestamp": str(int(time.time() * 1000)), "sign_method": "sha256"}
        if not path.startswith("/auth/"):
            own["access_token"] = self.access_token
        pairs = {name: value for name, value in {**own, **parameters}.items() if value is not None}
        if "sign" not in parameters:
            text = path + "".join(name + pairs[name] for name in sorted(pairs))
            secret = self.app["app_secret"].encode()
            pairs["sign"] = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest().upper()
        return pairs

    def get(self, path: str, **parameters: str | None) -> Answer:
        return send(self.app["api_url"], "GET", "/rest" + path + "?" + urlencode(self.signed(path, **parameters)))

    def post(self, path: str, **parameters: str | None) -> Answer:
        body = urlencode(self.signed(path, **parameters)).encode()
        headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        return send(self.app["api_url"], "POST", "/rest" + path, body, headers)

    def data(self, path: str, **parameters: str | None) -> Any:
        answer = self.get(path, **parameters)
        assert (answer.status, answer.json["code"]) == (200, "0"), answer.body
        return answer.json.get("result") or answer.json["data"]

    def orders(self, limit: int = 100, **parameters: str | None) -> list[dict[str, Any]]:
        """Read a list to its end."""
        wanted = {"update_after": LONG_AGO, "sort_by": "updated_at", "limit": str(limit), **parameters}
        rows: list[dict[str, Any]] = []
        while True:
            page = self.data(ORDERS, **wanted, offset=str(len(rows)))
            rows += page["orders"]
            if not page["orders"] or len(rows) >= page["countTotal"]:
                return rows

    def lines(self, order_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
        found: dict[int, list[dict[str, Any]]] = {}
        for at in range(0, len(order_ids), 50):
            for order in self.data(ITEMS, order_ids=json.dumps(order_ids[at : at + 50])):
                found[order["order_id"]] = order["order_items"]
        return found

    def reverse_orders(self, **parameters: str | None) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        page = 0
        while True:
            page += 1
            answer = self.data(REVERSE, page_no=str(page), page_size="40", **parameters)
            rows += answer["items"]
            if not answer["items"] or len(rows) >= answer["total"]:
                return rows

    def transactions(self, start: str, end: str, **parameters: str | None) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while True:
            page = self.data(TRANSACTIONS, start_time=start, end_time=end, offset=str(len(rows)), **parameters)
            rows += page
            if len(page) < int(parameters.get("limit") or 500):
                return rows

    def truth(self, resource: str, **query: Any) -> list[dict[str, Any]]:
        wanted = {"marketplace": "lazada", "shop": self.shop["external_id"], **query}
        answer = control(self.control_url, "GET", f"/truth/{resource}?{urlencode(wanted)}")
        return [json.loads(line) for line in answer.body.splitlines()]

    def set(self, path: str, wanted: Mapping[str, Any]) -> Answer:
        answer = control(self.control_url, "POST", path, {"marketplace": "lazada", **wanted})
        assert answer.status == 200, answer.body
        return answer

    def switch(self, **switches: Any) -> None:
        self.set("/switches", switches)

    def move_clock(self, **wanted: Any) -> int:
        return int(control(self.control_url, "POST", "/clock", wanted).json["now"])

    def calls(self) -> dict[str, Any]:
        report = control(self.control_url, "GET", "/calls").json["lazada"]
        return {**report["shops"].get(self.shop["external_id"], {}), "app": report["app"]}

    def authorise(self) -> dict[str, Any]:
        """Let the app in anew; whatever became of the tokens before, these are good."""
        code = self.set("/auth_codes", {"shop": self.shop["external_id"]}).json["auth_code"]
        reply: dict[str, Any] = self.create_token(code).json
        self.access_token, self.refresh_token = reply["access_token"], reply["refresh_token"]
        return reply

    def create_token(self, code: str) -> Answer:
        return self.post(CREATE, code=code)

    def refresh(self, refresh_token: str | None = None) -> Answer:
        answer = self.get(REFRESH, refresh_token=refresh_token or self.refresh_token)
        if answer.json["code"] == "0":
            self.access_token = answer.json["access_token"]
            self.refresh_token = answer.json.get("refresh_token", self.refresh_token)
        return answer


def code(answer: Answer) -> str:
    """Return the code of an answer; every answer has HTTP status 200."""
    assert answer.status == 200
    return str(answer.json["code"])
