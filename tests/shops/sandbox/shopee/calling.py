"""A small client of the sandbox's Shopee, with a signature of its own, so that nothing is checked by itself."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from tests.shops.sandbox.calling import Answer, control, lines_of, send

API = "/api/v2"
DAY = 86_400
ALL_FIELDS = (
    "buyer_user_id,buyer_username,estimated_shipping_fee,recipient_address,actual_shipping_fee,item_list,pay_time,"
    "split_up,cancel_by,cancel_reason,buyer_cancel_reason,package_list,shipping_carrier,payment_method,total_amount,"
    "pickup_done_time"
)


class Client:
    """Calls one shop. Every part of a call can be bent: `query` wins over what is put in, None leaves a part out."""

    def __init__(self, control_url: str, shop_number: int = 0) -> None:
        self.control_url = control_url
        world = control(control_url, "GET", "/world").json
        self.now = world["now"]
        self.app = world["marketplaces"]["shopee"]
        self.shop = self.app["shops"][shop_number]
        self.shop_id = self.shop["external_id"]
        self.access_token = self.shop["access_token"]
        self.refresh_token = self.shop["refresh_token"]
        self.user_agent = "test"

    def sign(self, path: str, timestamp: str, *more: str) -> str:
        text = self.app["app_key"] + path + timestamp + "".join(more)
        return hmac.new(self.app["app_secret"].encode(), text.encode(), hashlib.sha256).hexdigest()

    def call(
        self,
        path: str,
        query: Mapping[str, Any] | Iterable[tuple[str, Any]] = (),
        *,
        method: str = "GET",
        body: Any = None,
        public: bool = False,
        **bent: str | int | None,
    ) -> Answer:
        path = API + path
        pairs: list[tuple[str, Any]] = list(query.items()) if isinstance(query, Mapping) else list(query)
        common: dict[str, Any] = {"partner_id": self.app["app_key"], "timestamp": str(int(time.time()))}
        if not public:
            common |= {"access_token": self.access_token, "shop_id": self.shop_id}
        common |= bent
        signed = () if public else (str(common["access_token"] or ""), str(common["shop_id"] or ""))
        common.setdefault("sign", self.sign(path, str(common["timestamp"] or ""), *signed))
        pairs += common.items()
        target = path + "?" + urlencode([(key, value) for key, value in pairs if value is not None])
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", "user-agent": self.user_agent}
        return send(self.app["api_url"], method, target, content, headers)

    def get(self, path: str, query: Any = (), **bent: Any) -> Any:
        answer = self.call(path, query, **bent)
        assert answer.json["error"] == "", answer.body
        return answer.json.get("response", answer.json)

    def truth(self, resource: str) -> list[dict[str, Any]]:
        target = f"/truth/{resource}?marketplace=shopee&shop={self.shop_id}"
        return lines_of(control(self.control_url, "GET", target))

    def order_pages(self, size: int = 100, **query: Any) -> Iterator[dict[str, Any]]:
        wanted = {
            "time_range_field": "update_time", "time_from": self.now - 14 * DAY, "time_to": self.now,
            "page_size": size, "response_optional_fields": "order_status", "cursor": "", **query,
        }  # fmt: skip
        while True:
            page = self.get("/order/get_order_list", wanted)
            yield page
            if not page["more"]:
                assert page["next_cursor"] == ""
                return
            wanted["cursor"] = page["next_cursor"]

    def order_numbers(self, size: int = 100, **query: Any) -> list[str]:
        return [row["order_sn"] for page in self.order_pages(size, **query) for row in page["order_list"]]

    def details(self, numbers: list[str], fields: str = ALL_FIELDS, **query: Any) -> list[dict[str, Any]]:
        found = []
        for at in range(0, len(numbers), 50):
            wanted = {"order_sn_list": ",".join(numbers[at : at + 50]), "response_optional_fields": fields, **query}
            found += self.get("/order/get_order_detail", wanted)["order_list"]
        return found

    def orders(self) -> list[dict[str, Any]]:
        return self.details(self.order_numbers(), request_order_status_pending="true")

    def numbered(self, path: str, rows: str, first: int = 0, **query: Any) -> list[dict[str, Any]]:
        found, page_no = [], first
        while True:
            page = self.get(path, {"page_size": 7, **query, "page_no": page_no})
            found += page[rows]
            if not page["more"]:
                return found
            page_no += 1

    def refresh(self, **changes: Any) -> Answer:
        body = {"refresh_token": self.refresh_token, "partner_id": int(self.app["app_key"])}
        body |= {"shop_id": int(self.shop_id), **changes}
        answer = self.call("/auth/access_token/get", method="POST", body=body, public=True)
        if answer.json["error"] == "":
            self.access_token, self.refresh_token = answer.json["access_token"], answer.json["refresh_token"]
        return answer

    def redeem(self, code: str, **owner: Any) -> Answer:
        body = {"code": code, "partner_id": int(self.app["app_key"]), **(owner or {"shop_id": int(self.shop_id)})}
        return self.call("/auth/token/get", method="POST", body=body, public=True)

    def code(self) -> str:
        wanted = {"marketplace": "shopee", "shop": self.shop_id}
        return str(control(self.control_url, "POST", "/auth_codes", wanted).json["auth_code"])

    def switch(self, **switches: Any) -> None:
        answer = control(self.control_url, "POST", "/switches", {"marketplace": "shopee", **switches})
        assert answer.status == 200, answer.body

    def counted(self) -> dict[str, Any]:
        return dict(control(self.control_url, "GET", "/calls").json["shopee"]["shops"].get(self.shop_id, {}))
