"""Shopee over HTTP: signed calls, envelope, tokens and shops; each resource has its reader beside this file.

Source of paths and parameters: Shopee Open Platform, API reference, version 2.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson

from shops.marketplaces import errors, values
from shops.marketplaces.base import BaseConnector, ResourceReader
from shops.marketplaces.contract import AuthorisationTraits, Capability
from shops.marketplaces.http import Answer
from shops.marketplaces.records import Resource, ShopRecord, Token
from shops.marketplaces.shopee.client.answers import ReturnAnswerer
from shops.marketplaces.shopee.client.orders import OrderReader
from shops.marketplaces.shopee.client.products import ProductReader
from shops.marketplaces.shopee.client.returns import ReturnReader
from shops.marketplaces.shopee.client.shipments import ShipmentReader
from shops.marketplaces.shopee.client.transactions import TransactionReader
from shops.marketplaces.shopee.errors import error_of
from shops.marketplaces.shopee.signing import sign

_JSON = "application/json"
_EPOCH_NOT_SPAN = 1_000_000_000  # seconds: no token lives 30 years
_READERS = (OrderReader, ProductReader, ShipmentReader, ReturnReader, TransactionReader)

Parameters = Sequence[tuple[str, str]]


class ShopeeConnector(BaseConnector):
    """One shop of Shopee; satisfies `shops.marketplaces.contract.Connector`."""

    marketplace: ClassVar[str] = "shopee"
    capabilities: ClassVar[Mapping[Resource, Capability]] = {reader.resource: reader.capability for reader in _READERS}
    authorisation: ClassVar[AuthorisationTraits] = AuthorisationTraits(
        is_redirect=True,
        can_refresh=True,
        is_token_per_shop=True,
        is_refresh_token_single_use=True,
        returns_state=False,
        note="The access token lives 4 hours, the refresh token 30 days and works once; the seller's consent itself "
        "ends after about a year.",
    )
    base_path: ClassVar[str] = "/api/v2"
    token_get_path: ClassVar[str] = "/auth/token/get"  # noqa: S105 - a path
    token_refresh_path: ClassVar[str] = "/auth/access_token/get"  # noqa: S105 - a path
    consent_path: ClassVar[str] = "/shop/auth_partner"
    shop_path: ClassVar[str] = "/shop/get_shop_info"
    # Two consent pages are in use: the signed link, on the API's host and good for 5 minutes, and an unsigned one on a
    # host of its own (https://open.shopee.com), which is less well known.
    is_consent_link_signed: ClassVar[bool] = True
    unsigned_consent_path: ClassVar[str] = "/auth"
    # No answer tells how long a refresh token lives; the documents do.
    refresh_token_life: ClassVar[timedelta] = timedelta(days=30)
    reader_classes: ClassVar[Sequence[type[ResourceReader]]] = _READERS
    answerer_class = ReturnAnswerer
    answers = ReturnAnswerer.traits

    def authorisation_url(self, state: str, callback_url: str) -> str:
        """Give the consent page. The signed form takes no state, so ours travels inside the callback's address."""
        page = (self.keys.consent_url or self.keys.auth_url).rstrip("/")
        if not self.is_consent_link_signed:
            asked = {"partner_id": self.keys.app_key, "auth_type": "seller", "redirect_uri": callback_url}
            return f"{page}{self.unsigned_consent_path}?{urlencode({**asked, 'response_type': 'code', 'state': state})}"
        path = self.base_path + self.consent_path
        query = (*self._public_query(path), ("redirect", _with_state(callback_url, state)))
        return f"{page}{path}?{urlencode(query)}"

    def fetch_token(self, code: str, shop_id: str = "", account_id: str = "") -> Token:
        """Exchange a code, good once and for 10 minutes, with the shop or the main account that came with it."""
        if account_id and not shop_id:
            return self._fetch_token(self.token_get_path, {"code": code}, account_id, "main_account_id")
        return self._fetch_token(self.token_get_path, {"code": code}, shop_id or self._shop_id())

    def fetch_refreshed_token(self) -> Token:
        """Renew the token of the shop. The refresh token is spent by this call: the new pair must be kept at once."""
        return self._fetch_token(self.token_refresh_path, {"refresh_token": self.refresh_token()}, self._shop_id())

    def fetch_shops(self) -> tuple[ShopRecord, ...]:
        """Describe the shop of the token; others that were authorised with it are named by number alone.

        Shopee has no list of a token's shops: the answer that brought the token names them.
        """
        asked = self._shop_id()
        answer = self.call(self.shop_path)
        name = values.text(answer.get("shop_name"))
        region = values.identifier(answer.get("region"))
        if name is None or region is None:
            raise errors.UnreadableAnswer("The answer has no name or no region of the shop.")
        abroad = values.boolean(answer.get("is_cb"))
        shop = ShopRecord(
            external_id=asked,
            name=name,
            region=region,
            seller_type="" if abroad is None else "CROSS_BORDER" if abroad else "LOCAL",
            authorised_until=values.seconds(answer.get("expire_time")),
        )
        others = (one for one in self.token.shop_external_ids if one != asked)
        return (shop, *(ShopRecord(external_id=one, name="", region="") for one in others))

    def fetch(self, path: str, parameters: Parameters = ()) -> dict[str, Any]:
        """Make one signed call and give its `response`."""
        found = self.call(path, parameters).get("response")
        if not isinstance(found, dict):
            raise errors.UnreadableAnswer("The answer has no response.")
        return found

    def call(
        self, path: str, parameters: Parameters = (), *, method: str = "GET", body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Make one signed call for the shop and give the whole answer; some have no `response` around them."""
        shop_id = self._shop_id()
        self.hold_back()
        whole_path = self.base_path + path
        moment = str(int(self.clock()))
        query = (
            ("partner_id", self.keys.app_key),
            ("timestamp", moment),
            (
                "sign",
                sign(self.keys.app_key, whole_path, moment, self.keys.app_secret, self.token.access_token, shop_id),
            ),
            ("access_token", self.token.access_token),
            ("shop_id", shop_id),
            *parameters,
        )
        return self._answer_to(method, self.keys.api_url, whole_path, query, body)

    def _answer_to(
        self, method: str, host: str, path: str, query: Parameters, body: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        sent = b"" if body is None else orjson.dumps(body)
        headers = {"content-type": _JSON} if sent else {}
        return self._read(self.http.send(method, host.rstrip("/") + path, query=query, headers=headers, body=sent))

    def _read(self, answer: Answer) -> dict[str, Any]:
        """Read `{error, message, request_id, ...}`. An HTTP status of 200 says nothing: the error decides."""
        envelope = answer.envelope()
        code = envelope.get("error")
        if code in ("", "-") and answer.status < 300:  # "-" stands in some of the published examples
            return envelope
        if not isinstance(code, str) and answer.status < 300:
            raise errors.UnreadableAnswer("The answer lacks its error field.", http_status=answer.status)
        error = error_of(
            code=code if isinstance(code, str) and code != "-" else "",
            message=self.without_secrets(values.text(envelope.get("message")) or ""),
            http_status=answer.status,
            now=self.clock(),
            request_id=values.text(envelope.get("request_id")) or "",
            retry_after_seconds=answer.retry_after_seconds,
        )
        raise self.refusal(error)

    def _fetch_token(self, path: str, body: Mapping[str, str], whose: str, kind: str = "shop_id") -> Token:
        """Make a public call: signed without token and shop. The numbers go as numbers, as the documents show."""
        whole_path = self.base_path + path
        sent = {**body, "partner_id": _number(self.keys.app_key), kind: _number(whose)}
        query = self._public_query(whole_path)
        return self._token_in(self._answer_to("POST", self.keys.auth_url or self.keys.api_url, whole_path, query, sent))

    def _public_query(self, path: str) -> Parameters:
        moment = str(int(self.clock()))
        signature = sign(self.keys.app_key, path, moment, self.keys.app_secret)
        return (("partner_id", self.keys.app_key), ("timestamp", moment), ("sign", signature))

    def _token_in(self, answer: Mapping[str, Any]) -> Token:
        access_token = values.text(answer.get("access_token"))
        if not access_token:
            raise errors.UnreadableAnswer("The answer has no access token.")
        # The one that was sent is spent, so it is never kept in the place of a missing one.
        refresh_token = values.text(answer.get("refresh_token")) or ""
        listed = [values.identifier(shop) for shop in values.rows(answer.get("shop_id_list"))]
        shops = tuple(shop for shop in (*listed, values.identifier(answer.get("shop_id"))) if shop)
        now = datetime.fromtimestamp(int(self.clock()), UTC)
        return Token(
            access_token=access_token,
            refresh_token=refresh_token,
            access_token_expires_at=_expiry(answer.get("expire_in"), now),
            refresh_token_expires_at=now + self.refresh_token_life if refresh_token else None,
            shop_external_ids=shops,
        )

    def _shop_id(self) -> str:
        """Give the shop's number, or the one that the token names while the shop is not known."""
        known = self.shop.external_id or next(iter(self.token.shop_external_ids), "")
        if not known:
            raise errors.UnknownShop("Shopee wants the shop's number with every call, and it is not known.")
        return known


def _with_state(callback_url: str, state: str) -> str:
    parts = urlsplit(callback_url)
    if not state or "state" in parse_qs(parts.query):
        return callback_url
    query = f"{parts.query}&{urlencode({'state': state})}" if parts.query else urlencode({"state": state})
    return parts._replace(query=query).geturl()


def _expiry(value: object, now: datetime) -> datetime | None:
    """Read a span in seconds; one of the published examples has a moment there, which no span reaches."""
    seconds = values.number(value)
    if seconds is None or seconds <= 0:
        return None
    return values.seconds(seconds) if seconds > _EPOCH_NOT_SPAN else now + timedelta(seconds=seconds)


def _number(text: str) -> int:
    number = values.number(text)
    if number is None:
        raise errors.BadAppKey("Shopee's partner id and shop id are whole numbers.")
    return number
