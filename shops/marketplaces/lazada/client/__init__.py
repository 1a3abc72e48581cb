"""Lazada over HTTP: signed calls, envelope, tokens and shops; each resource has its reader beside this file.

Source of paths and parameters: Lazada Open Platform, API reference. Every call is a GET with all of it in the query,
which is never logged; the token calls are POSTs with a form, so that refresh tokens stand in no address.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from shops.marketplaces import errors, values
from shops.marketplaces.base import BaseConnector
from shops.marketplaces.contract import AuthorisationTraits, Capability
from shops.marketplaces.http import Answer
from shops.marketplaces.lazada.client.answers import ReturnAnswerer
from shops.marketplaces.lazada.client.orders import OrderReader
from shops.marketplaces.lazada.client.products import ProductReader
from shops.marketplaces.lazada.client.returns import ReturnReader
from shops.marketplaces.lazada.client.shipments import ShipmentReader
from shops.marketplaces.lazada.client.transactions import TransactionReader
from shops.marketplaces.lazada.errors import error_of, is_throttled
from shops.marketplaces.lazada.signing import sign
from shops.marketplaces.records import Resource, ShopRecord, Token

# The part of every address that is not signed. An app's address holds it or not.
_ROOT = "/rest"
_HOSTS: Mapping[str, str] = {
    "SG": "api.lazada.sg",
    "MY": "api.lazada.com.my",
    "TH": "api.lazada.co.th",
    "VN": "api.lazada.vn",
    "PH": "api.lazada.com.ph",
    "ID": "api.lazada.co.id",
}
_COUNTRIES: Mapping[str, str] = {host: country for country, host in _HOSTS.items()}
_FORM = "application/x-www-form-urlencoded;charset=utf-8"
_OK = "0"
_READERS = (OrderReader, ProductReader, ShipmentReader, ReturnReader, TransactionReader)


class LazadaConnector(BaseConnector):
    """One shop of Lazada; satisfies `shops.marketplaces.contract.Connector`."""

    marketplace: ClassVar[str] = "lazada"
    capabilities: ClassVar[Mapping[Resource, Capability]] = {reader.resource: reader.capability for reader in _READERS}
    authorisation: ClassVar[AuthorisationTraits] = AuthorisationTraits(
        is_redirect=True,
        can_refresh=True,
        note="Both lives depend on the app. A refresh never moves the end of the refresh token: after it the seller "
        "authorises again.",
    )
    token_create_path: ClassVar[str] = "/auth/token/create"  # noqa: S105 - a path
    token_refresh_path: ClassVar[str] = "/auth/token/refresh"  # noqa: S105 - a path
    consent_path: ClassVar[str] = "/oauth/authorize"
    probe_path: ClassVar[str] = "/orders/get"
    reader_classes = _READERS
    answerer_class = ReturnAnswerer
    answers = ReturnAnswerer.traits

    def authorisation_url(self, state: str, callback_url: str) -> str:
        """Give the consent page; `callback_url` must be exactly the one in the app's settings at Lazada."""
        query = {
            "response_type": "code",
            "force_auth": "true",
            "redirect_uri": callback_url,
            "client_id": self.keys.app_key,
            "state": state,
        }
        page = (self.keys.consent_url or self.keys.auth_url).rstrip("/").removesuffix(self.consent_path)
        return f"{page.removesuffix(_ROOT)}{self.consent_path}?{urlencode(query)}"

    def fetch_token(self, code: str, shop_id: str = "", account_id: str = "") -> Token:
        """Exchange a code, good once and for 30 minutes."""
        return self._fetch_token(self.token_create_path, {"code": code}, Token(""))

    def fetch_refreshed_token(self) -> Token:
        """Renew the access token. The refresh token's end stays where it was, whatever the answer says."""
        return self._fetch_token(self.token_refresh_path, {"refresh_token": self.refresh_token()}, self.token)

    def fetch_shops(self) -> tuple[ShopRecord, ...]:
        """Give the shops that the token's answer named, once one harmless call shows that it is good.

        No call lists them: they are told only together with a new token. For a token that came another way the shop
        is the one that the connector speaks for.
        """
        recently = datetime.fromtimestamp(self.clock(), UTC) - timedelta(minutes=1)
        self.call(self.probe_path, {"update_after": recently.isoformat(timespec="seconds"), "limit": "1"})
        regions = self.token.shop_regions
        named = tuple(
            ShopRecord(shop, self.token.seller_name, region)
            for shop, region in zip(self.token.shop_external_ids, regions, strict=False)
        )
        if named:
            return named
        if not self.shop.external_id:
            raise errors.UnknownShop("Lazada names the shops of a token only with a new one: authorise the app again.")
        host = urlsplit(self.keys.api_url).hostname or ""
        return (ShopRecord(self.shop.external_id, "", self.shop.region or _COUNTRIES.get(host, "")),)

    def call(self, path: str, parameters: Mapping[str, str] | None = None, part: str = "data") -> Any:
        """Make one signed call and give the part of its answer that holds what was asked for."""
        told = self._ask(path, parameters or {}).get(part)
        if told is None:
            raise errors.UnreadableAnswer(f"The answer lacks its {part}.")
        return told

    def command(self, path: str, parameters: Mapping[str, str]) -> None:
        """Make one signed call that changes something; its answer need not hold anything."""
        self._ask(path, parameters)

    def _ask(self, path: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        self.hold_back()
        query = self._signed(path, {**parameters, "access_token": self.token.access_token})
        answer = self.http.send("GET", self._api_url() + path, query=query)
        envelope = self._envelope_in(answer)
        if envelope.get("code") is None:
            raise errors.UnreadableAnswer("The answer lacks its code.", http_status=answer.status)
        if is_throttled(values.text(envelope.get("message")) or ""):  # seen together with the code of success
            raise self._refusal_in(envelope, answer)
        return envelope

    def _api_url(self) -> str:
        """Give the address of the shop's country, if the app's is one of Lazada's six; any other as it is."""
        address = _rooted(self.keys.api_url)
        host = urlsplit(address).hostname or ""
        own = _HOSTS.get(self.shop.region.upper() or next(iter(self.token.shop_regions), ""))
        return f"https://{own}{_ROOT}" if own and host in _COUNTRIES else address

    def _signed(self, path: str, parameters: Mapping[str, str]) -> dict[str, str]:
        everything = {
            **parameters,
            "app_key": self.keys.app_key,
            "timestamp": str(int(self.clock() * 1000)),
            "sign_method": "sha256",
        }
        sent = {name: value for name, value in everything.items() if value}  # clients differ on how to sign empty ones
        sent["sign"] = sign(path, sent, self.keys.app_secret)
        return sent

    def _envelope_in(self, answer: Answer) -> dict[str, Any]:
        """Read an answer that says that all is well. An HTTP status of 200 says nothing: the code decides."""
        envelope = answer.envelope()
        code = values.text(envelope.get("code"))
        if code in (_OK, None) and answer.status < 300:
            return envelope
        raise self._refusal_in(envelope, answer)

    def _refusal_in(self, envelope: Mapping[str, Any], answer: Answer) -> errors.MarketplaceError:
        error = error_of(
            code=values.text(envelope.get("code")) or "",
            message=self.without_secrets(values.text(envelope.get("message")) or ""),
            fault=values.text(envelope.get("type")) or "",
            http_status=answer.status,
            request_id=values.text(envelope.get("request_id")) or "",
            retry_after_seconds=answer.retry_after_seconds,
        )
        return self.refusal(error)

    def _fetch_token(self, path: str, parameters: Mapping[str, str], known: Token) -> Token:
        asked_at = self.clock()
        body = urlencode(self._signed(path, parameters)).encode()
        address = _rooted(self.keys.auth_url) + path
        envelope = self._envelope_in(self.http.send("POST", address, headers={"content-type": _FORM}, body=body))
        access_token = values.text(envelope.get("access_token"))
        if not access_token:  # these answers are flat, and some lack their code
            raise errors.UnreadableAnswer("The answer has no access token.")
        shops = _shops_in(envelope)
        ends = (_end(envelope.get("refresh_expires_in"), asked_at), known.refresh_token_expires_at)
        return Token(
            access_token=access_token,
            refresh_token=values.text(envelope.get("refresh_token")) or known.refresh_token,
            access_token_expires_at=_end(envelope.get("expires_in"), asked_at),
            refresh_token_expires_at=min((end for end in ends if end), default=None),
            seller_name=values.text(envelope.get("account")) or known.seller_name,
            shop_external_ids=tuple(shops) or known.shop_external_ids,
            shop_regions=tuple(shops.values()) or known.shop_regions,
        )


def _rooted(address: str) -> str:
    return address.rstrip("/").removesuffix(_ROOT) + _ROOT


def _end(seconds: object, asked_at: float) -> datetime | None:
    """Read a life in seconds, counted from the request; anything else means that the end is not known."""
    life = values.number(seconds)
    return None if life is None or life <= 0 else values.seconds(int(asked_at) + life)


def _shops_in(envelope: Mapping[str, Any]) -> dict[str, str]:
    """Read the shops that a token opens, with their countries; one token may open those of several countries.

    The list has another name when a token is renewed.
    """
    listed = envelope.get("country_user_info") or envelope.get("country_user_info_list")
    rows = [values.fields(row) for row in values.rows(listed)]
    named = {values.identifier(row.get("seller_id")): values.identifier(row.get("country")) or "" for row in rows}
    return {shop: country.upper() for shop, country in named.items() if shop}
