"""TikTok Shop over HTTP: signed calls, envelope, tokens and shops; each resource has its reader beside this file.

Source of paths and parameters: TikTok Shop Partner Center, API reference, version 202309 unless said otherwise.
"""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

import orjson

from shops.marketplaces import errors, values
from shops.marketplaces.base import BaseConnector
from shops.marketplaces.contract import AuthorisationTraits, Capability
from shops.marketplaces.http import Answer
from shops.marketplaces.records import Resource, ShopRecord, Token
from shops.marketplaces.tiktok.client.answers import ReturnAnswerer
from shops.marketplaces.tiktok.client.orders import OrderReader
from shops.marketplaces.tiktok.client.products import ProductReader
from shops.marketplaces.tiktok.client.returns import ReturnReader
from shops.marketplaces.tiktok.client.shipments import ShipmentReader
from shops.marketplaces.tiktok.client.transactions import TransactionReader
from shops.marketplaces.tiktok.errors import error_of
from shops.marketplaces.tiktok.signing import sign

_JSON = "application/json"
_READERS = (OrderReader, ProductReader, ShipmentReader, ReturnReader, TransactionReader)


class TikTokConnector(BaseConnector):
    """One shop of TikTok Shop; satisfies `shops.marketplaces.contract.Connector`."""

    marketplace: ClassVar[str] = "tiktok"
    capabilities: ClassVar[Mapping[Resource, Capability]] = {reader.resource: reader.capability for reader in _READERS}
    authorisation: ClassVar[AuthorisationTraits] = AuthorisationTraits(
        is_redirect=True,
        can_refresh=True,
        note="The access token lives 7 days, the refresh token as long as the seller granted (often a year).",
    )
    shops_path: ClassVar[str] = "/authorization/202309/shops"
    token_get_path: ClassVar[str] = "/api/v2/token/get"  # noqa: S105 - a path
    token_refresh_path: ClassVar[str] = "/api/v2/token/refresh"  # noqa: S105 - a path
    consent_path: ClassVar[str] = "/open/authorize"
    old_consent_path: ClassVar[str] = "/oauth/authorize"
    reader_classes = _READERS
    answerer_class = ReturnAnswerer
    answers = ReturnAnswerer.traits

    def authorisation_url(self, state: str, callback_url: str) -> str:
        """Give the consent page. Where it leads back to stands in the app's settings at TikTok, not in the address.

        The page that takes a service id is the present one; the older one, which takes the app's key, still answers.
        """
        page = self.keys.consent_url.rstrip("/")
        if self.keys.service_id:
            query = {"service_id": self.keys.service_id, "state": state}
            return f"{page}{self.consent_path}?{urlencode(query)}"
        query = {"app_key": self.keys.app_key, "state": state}
        return f"{self.keys.auth_url.rstrip('/')}{self.old_consent_path}?{urlencode(query)}"

    def fetch_token(self, code: str, shop_id: str = "", account_id: str = "") -> Token:
        """Exchange a code, good once and for 30 minutes. Not signed; the secrets go in the query, never logged."""
        return self._fetch_token(self.token_get_path, {"auth_code": code, "grant_type": "authorized_code"})

    def fetch_refreshed_token(self) -> Token:
        """Renew the token. Not signed; the secrets go in the query, which is never logged."""
        return self._fetch_token(
            self.token_refresh_path, {"refresh_token": self.refresh_token(), "grant_type": "refresh_token"}
        )

    def fetch_shops(self) -> tuple[ShopRecord, ...]:
        """List the authorised shops. TikTok refuses this call if it carries a shop cipher."""
        shops = self.call("GET", self.shops_path, with_cipher=False).get("shops")
        if not isinstance(shops, list):
            raise errors.UnreadableAnswer("The answer has no list of shops.")
        return tuple(_shop_in(values.fields(shop)) for shop in shops)

    def call(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        *,
        with_cipher: bool = True,
    ) -> dict[str, Any]:
        """Make one signed call. The body is written once: what is signed is what is sent, byte for byte."""
        self.hold_back()
        query = {
            **(parameters or {}),
            "app_key": self.keys.app_key,
            "timestamp": str(int(self.clock())),
            "shop_cipher": self.shop.cipher if with_cipher else "",
        }
        query = {name: value for name, value in query.items() if value}  # clients differ on how to sign empty ones
        sent = b"" if body is None else orjson.dumps(body)
        query["sign"] = sign(path, query, sent, _JSON, self.keys.app_secret)
        headers = {"content-type": _JSON, "x-tts-access-token": self.token.access_token}
        url = self.keys.api_url.rstrip("/") + path
        return self._data_in(self.http.send(method, url, query=query, headers=headers, body=sent))

    def _data_in(self, answer: Answer) -> dict[str, Any]:
        """Unpack `{code, message, request_id, data}`. An HTTP status of 200 says nothing: the code decides."""
        envelope = answer.envelope()
        code = values.number(envelope.get("code"))
        data = envelope.get("data")
        if code == 0 and answer.status < 300 and isinstance(data, dict):
            return data
        if not code and answer.status < 300:
            raise errors.UnreadableAnswer("The answer lacks its code or its data.", http_status=answer.status)
        error = error_of(
            code=code or 0,
            message=self.without_secrets(values.text(envelope.get("message")) or ""),
            http_status=answer.status,
            request_id=values.text(envelope.get("request_id")) or "",
            retry_after_seconds=answer.retry_after_seconds,
        )
        raise self.refusal(error)

    def _fetch_token(self, path: str, parameters: Mapping[str, str]) -> Token:
        query = {"app_key": self.keys.app_key, "app_secret": self.keys.app_secret, **parameters}
        return self._token_in(self._data_in(self.http.send("GET", self.keys.auth_url.rstrip("/") + path, query=query)))

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
