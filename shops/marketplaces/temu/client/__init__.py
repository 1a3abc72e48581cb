"""Temu over HTTP: one address for all signed calls, envelope, tokens and the shop; the readers are beside this file.

Source of types and parameters: Temu Partner Platform, API reference of the areas US, EU and GLOBAL. App, token and
address belong to one area: an app's address decides which.
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
from shops.marketplaces.temu.client.answers import ReturnAnswerer
from shops.marketplaces.temu.client.orders import OrderReader
from shops.marketplaces.temu.client.products import ProductReader
from shops.marketplaces.temu.client.returns import ReturnReader
from shops.marketplaces.temu.client.shipments import ShipmentReader
from shops.marketplaces.temu.errors import error_of
from shops.marketplaces.temu.mapping.regions import region_code
from shops.marketplaces.temu.signing import sign

_READERS = (OrderReader, ProductReader, ShipmentReader, ReturnReader)
_SUCCESS = 1000000


class TemuConnector(BaseConnector):
    """One shop of Temu; satisfies `shops.marketplaces.contract.Connector`. Temu tells of no movements of money."""

    marketplace: ClassVar[str] = "temu"
    capabilities: ClassVar[Mapping[Resource, Capability]] = {reader.resource: reader.capability for reader in _READERS}
    authorisation: ClassVar[AuthorisationTraits] = AuthorisationTraits(
        is_redirect=True,
        can_refresh=False,
        note=(
            "A token mostly lives a year and cannot be renewed: the seller authorises again, which ends the old one. "
            "Cross-border sellers have no such page: they copy the token from their seller centre."
        ),
    )
    router_path: ClassVar[str] = "/openapi/router"
    consent_path: ClassVar[str] = "/open-platform/client-manage/authorization"
    reader_classes = _READERS
    answerer_class = ReturnAnswerer
    answers = ReturnAnswerer.traits

    def authorisation_url(self, state: str, callback_url: str) -> str:
        """Give the page in the seller centre of the app's area."""
        if not self.keys.consent_url:
            return ""
        query = {"appKey": self.keys.app_key, "redirect_uri": callback_url, "state": state}
        return f"{self.keys.consent_url.rstrip('/')}{self.consent_path}?{urlencode(query)}"

    def fetch_token(self, code: str, shop_id: str = "", account_id: str = "") -> Token:
        """Exchange a code, good once and for 10 minutes. It stands in the place of the token, too."""
        result = self._call("bg.open.accesstoken.create", {"code": code}, access_token=code)
        told = values.fields(result)
        access_token = values.text(told.get("accessToken"))
        if not access_token:
            raise errors.UnreadableAnswer("The answer has no access token.")
        shop = values.identifier(told.get("mallId"))
        return Token(
            access_token=access_token,
            access_token_expires_at=values.seconds(told.get("expiredTime")),  # a moment, not a span
            scopes=tuple(scope for scope in values.rows(told.get("apiScopeList")) if isinstance(scope, str)),
            shop_external_ids=(shop,) if shop else (),
        )

    def fetch_refreshed_token(self) -> Token:
        """Never renews: Temu has no such call."""
        raise errors.AuthorisationEnded("Temu's tokens cannot be renewed.")

    def fetch_shops(self) -> tuple[ShopRecord, ...]:
        """Ask which shop the token is of: always one, and Temu does not tell its name."""
        told = values.fields(self.call("bg.open.accesstoken.info.get", {}))
        external_id = values.identifier(told.get("mallId"))
        if external_id is None:
            raise errors.UnreadableAnswer("The answer has no mallId.")
        return (
            ShopRecord(
                external_id=external_id,
                name="",
                region=region_code(told.get("regionId")),
                seller_type=values.identifier(told.get("mallType")) or "",
                authorised_until=values.seconds(told.get("expiredTime")),
            ),
        )

    def call(self, kind: str, parameters: Mapping[str, Any], *, is_of_record: bool = False) -> Any:
        """Make one signed call of a type. `is_of_record` says that it asks for one record by its number."""
        return self._call(kind, parameters, access_token=self.token.access_token, is_of_record=is_of_record)

    def _call(self, kind: str, parameters: Mapping[str, Any], *, access_token: str, is_of_record: bool = False) -> Any:
        self.hold_back()
        body = {
            **parameters,
            "type": kind,
            "app_key": self.keys.app_key,
            "access_token": access_token,
            "timestamp": int(self.clock()),
            "data_type": "JSON",
        }
        body["sign"] = sign(body, self.keys.app_secret)
        url = self.keys.api_url.rstrip("/") + self.router_path
        headers = {"content-type": "application/json"}
        answer = self.http.send("POST", url, headers=headers, body=orjson.dumps(body))
        try:
            return self._result_in(answer, is_of_record)
        except errors.MarketplaceError as error:
            error.message = error.message.replace(access_token, "[hidden]") if access_token else error.message
            raise

    def _result_in(self, answer: Answer, is_of_record: bool) -> Any:
        """Unpack `{success, errorCode, errorMsg, requestId, result}`. An HTTP status of 200 says nothing."""
        envelope = answer.envelope()
        if answer.status < 300 and envelope.get("success") is True and _code_in(envelope) == _SUCCESS:
            inner = envelope.get("result")
            if not (type(inner) is dict and "success" in inner and "result" in inner):
                return inner
            # Seen at one gateway: the answer in another envelope, whose code of success is zero.
            if inner["success"] is True:
                return inner["result"]
            envelope = {**inner, "requestId": envelope.get("requestId")}
        code = _code_in(envelope)
        if answer.status < 300 and code in (None, 0, _SUCCESS):
            raise errors.UnreadableAnswer("The answer lacks its code or its success.", http_status=answer.status)
        error = error_of(
            code=code or 0,
            message=self.without_secrets(values.text(_first(envelope, "errorMsg", "error_msg")) or ""),
            http_status=answer.status,
            request_id=values.text(envelope.get("requestId")) or "",
            retry_after_seconds=answer.retry_after_seconds,
            is_of_record=is_of_record,
        )
        raise self.refusal(error)


def _code_in(envelope: Mapping[str, Any]) -> int | None:
    return values.number(_first(envelope, "errorCode", "error_code"))


def _first(envelope: Mapping[str, Any], *names: str) -> Any:
    """Find a member under any of its names: some refusals come from a gate before the API, with other spelling."""
    return next((envelope[name] for name in names if envelope.get(name) is not None), None)
