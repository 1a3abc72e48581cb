"""TikTok Shop's endpoints: one method, one call.

Source of paths and parameters: TikTok Shop Partner Center, API reference, version 202309 unless said otherwise.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import orjson

from shops.marketplaces import errors, values
from shops.marketplaces.contract import AppKeys, OrderQuery
from shops.marketplaces.http import Answer, HttpClient
from shops.marketplaces.paging import TokenPaging
from shops.marketplaces.rate_limit import RateLimiter
from shops.marketplaces.records import (
    OrderRecord,
    Page,
    Payload,
    ShopRecord,
    Token,
    UnreadableRecord,
)
from shops.marketplaces.tiktok import mapping
from shops.marketplaces.tiktok.errors import error_of
from shops.marketplaces.tiktok.order_fields import STATUSES, UNSEARCHABLE_STATUSES
from shops.marketplaces.tiktok.signing import sign

_JSON = "application/json"
_ORDERS = TokenPaging(rows_field="orders")


class TikTokConnector:
    """One shop of TikTok Shop; satisfies `shops.marketplaces.contract.Connector`."""

    marketplace: ClassVar[str] = "tiktok"
    order_page_size: ClassVar[int] = 100  # the most that the search allows
    order_details_limit: ClassVar[int] = 50
    # Search and detail of the same version have the same shape, so that one mapping reads both.
    order_search_path: ClassVar[str] = "/order/202309/orders/search"
    order_details_path: ClassVar[str] = "/order/202309/orders"
    shops_path: ClassVar[str] = "/authorization/202309/shops"
    token_refresh_path: ClassVar[str] = "/api/v2/token/refresh"  # noqa: S105 - a path

    def __init__(
        self,
        keys: AppKeys,
        token: Token,
        shop_cipher: str,
        http: HttpClient,
        limiter: RateLimiter,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take what the calls need; `clock` gives Unix seconds, `shop_cipher` may be empty until the shop is known."""
        self.token = token
        self._keys = keys
        self._shop_cipher = shop_cipher
        self._http = http
        self._limiter = limiter
        self._clock = clock

    def fetch_refreshed_token(self) -> Token:
        """Renew the token. Not signed; the secrets go in the query, which is never logged."""
        if not self.token.refresh_token:
            raise errors.AuthorisationEnded("There is no refresh token.")
        query = {
            "app_key": self._keys.app_key,
            "app_secret": self._keys.app_secret,
            "refresh_token": self.token.refresh_token,
            "grant_type": "refresh_token",
        }
        url = self._keys.auth_url.rstrip("/") + self.token_refresh_path
        return self._token_in(self._data_in(self._http.send("GET", url, query=query)))

    def fetch_shops(self) -> tuple[ShopRecord, ...]:
        """List the authorised shops. TikTok refuses this call if it carries a shop cipher."""
        shops = self._call("GET", self.shops_path, with_cipher=False).get("shops")
        if not isinstance(shops, list):
            raise errors.UnreadableAnswer("The answer has no list of shops.")
        return tuple(_shop_in(values.fields(shop)) for shop in shops)

    def fetch_order_page(self, query: OrderQuery, page_token: str = "") -> Page[OrderRecord]:
        """Search orders by update time. Sorting is always sent: the documented and the real default differ."""
        body: dict[str, Any] = {
            "update_time_ge": int(query.window.start.timestamp()),
            "update_time_lt": int(query.window.end.timestamp()),
        }
        if query.raw_status:
            body["order_status"] = query.raw_status
        parameters = {
            "page_size": str(self.order_page_size),
            "sort_field": "update_time",
            "sort_order": "ASC",
            **_ORDERS.prepare(page_token),
        }
        data = self._call("POST", self.order_search_path, parameters, body)
        found = _ORDERS.look(data, page_token)
        if found.rows and found.total_count is None and data.get("next_page_token") is None:
            raise errors.UnreadableAnswer("The answer says neither where the list goes on nor how long it is.")
        return _page([mapping.map_order(row) for row in found.rows], found.next_token, found.total_count)

    def fetch_orders_by_id(self, external_ids: Sequence[str]) -> Page[OrderRecord]:
        """Read orders by id; raises ValueError for more than `order_details_limit` ids, makes no call for none."""
        if len(external_ids) > self.order_details_limit:
            raise ValueError(f"at most {self.order_details_limit} orders at once")
        if not external_ids:
            return Page(())
        data = self._call("GET", self.order_details_path, {"ids": ",".join(external_ids)})
        return _page([mapping.map_order(row) for row in _ORDERS.look(data).rows])

    def map_order(self, payload: Payload) -> OrderRecord | UnreadableRecord:
        """Map one stored payload again; search and detail answers look the same."""
        return mapping.map_order(payload)

    def raw_statuses(self, status: str) -> tuple[str, ...]:
        """Translate our status to the words that the search takes."""
        return tuple(word for word, ours in STATUSES.items() if ours == status and word not in UNSEARCHABLE_STATUSES)

    def _call(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        *,
        with_cipher: bool = True,
    ) -> dict[str, Any]:
        """Make one signed call. The body is written once: what is signed is what is sent, byte for byte."""
        wait = self._limiter.acquire()
        if wait > 0:
            raise errors.OwnLimitReached(f"Held back for {wait:.1f} seconds.", retry_after_seconds=wait)
        query = {
            **(parameters or {}),
            "app_key": self._keys.app_key,
            "timestamp": str(int(self._clock())),
            "shop_cipher": self._shop_cipher if with_cipher else "",
        }
        query = {name: value for name, value in query.items() if value}  # clients differ on how to sign empty ones
        sent = b"" if body is None else orjson.dumps(body)
        query["sign"] = sign(path, query, sent, _JSON, self._keys.app_secret)
        headers = {"content-type": _JSON, "x-tts-access-token": self.token.access_token}
        url = self._keys.api_url.rstrip("/") + path
        return self._data_in(self._http.send(method, url, query=query, headers=headers, body=sent))

    def _data_in(self, answer: Answer) -> dict[str, Any]:
        """Unpack `{code, message, request_id, data}`. An HTTP status of 200 says nothing: the code decides."""
        try:
            envelope = values.fields(answer.json())
        except errors.UnreadableAnswer:
            if answer.status < 300:
                raise
            envelope = {}
        code = values.number(envelope.get("code"))
        data = envelope.get("data")
        if code == 0 and answer.status < 300 and isinstance(data, dict):
            return data
        if not code and answer.status < 300:
            raise errors.UnreadableAnswer("The answer lacks its code or its data.", http_status=answer.status)
        error = error_of(
            code=code or 0,
            message=self._without_secrets(values.text(envelope.get("message")) or ""),
            http_status=answer.status,
            request_id=values.text(envelope.get("request_id")) or "",
            retry_after_seconds=answer.retry_after_seconds,
        )
        if isinstance(error, errors.Throttled):
            self._limiter.block(error.retry_after_seconds)
        raise error

    def _without_secrets(self, message: str) -> str:
        """Take our secrets out of a message, in case the server repeats what it was sent."""
        for secret in (self._keys.app_secret, self.token.access_token, self.token.refresh_token, self._shop_cipher):
            if secret:
                message = message.replace(secret, "[hidden]")
        return message

    def _token_in(self, data: Mapping[str, Any]) -> Token:
        access_token = values.text(data.get("access_token"))
        if not access_token:
            raise errors.UnreadableAnswer("The answer has no access token.")
        return Token(
            access_token=access_token,
            refresh_token=values.text(data.get("refresh_token")) or self.token.refresh_token,
            # Despite their names these are moments, not spans. Anything else reads as None: the time is not known.
            access_token_expires_at=values.seconds(data.get("access_token_expire_in")),
            refresh_token_expires_at=values.seconds(data.get("refresh_token_expire_in")),
            scopes=tuple(scope for scope in values.rows(data.get("granted_scopes")) if isinstance(scope, str)),
            seller_name=values.text(data.get("seller_name")) or "",
        )


def _shop_in(shop: Mapping[str, Any]) -> ShopRecord:
    external_id = values.identifier(shop.get("id"))
    if external_id is None:
        raise errors.UnreadableAnswer("The list of shops has one without an id.")
    return ShopRecord(
        external_id=external_id,
        name=values.text(shop.get("name")) or "",
        region=values.text(shop.get("region")) or "",
        cipher=values.text(shop.get("cipher")) or "",
        seller_type=values.text(shop.get("seller_type")) or "",
    )


def _page(
    mapped: Sequence[OrderRecord | UnreadableRecord], next_token: str = "", total_count: int | None = None
) -> Page[OrderRecord]:
    return Page(
        records=tuple([record for record in mapped if isinstance(record, OrderRecord)]),
        unreadable=tuple([record for record in mapped if isinstance(record, UnreadableRecord)]),
        next_token=next_token,
        total_count=total_count,
    )
