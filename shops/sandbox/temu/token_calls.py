"""Answers the types that hand out a token and say what it is worth."""

from typing import Any

from shops.sandbox.calls import Ledger
from shops.sandbox.temu.parameters import Body, text
from shops.sandbox.temu.replies import TemuRefusal
from shops.sandbox.temu.seller import Seller
from shops.sandbox.temu.switches import Switches
from shops.sandbox.temu.tokens import Tokens

CREATE = "bg.open.accesstoken.create"
INFO, INFO_GLOBAL = "bg.open.accesstoken.info.get", "bg.open.accesstoken.info.get.global"
_EVENTS = (
    "bg_open_event_test", "bg_order_status_change_event", "bg_trade_logistics_address_changed",
    "bg_aftersales_status_change", "bg_cancel_order_status_change",
)  # fmt: skip


class TokenCalls:
    """The token types."""

    def __init__(self, sellers: list[Seller], tokens: Tokens, switches: Switches, ledger: Ledger) -> None:
        self._sellers = sellers
        self._tokens = tokens
        self._switches = switches
        self._ledger = ledger

    def create(self, body: Body) -> tuple[Seller, dict[str, Any]]:
        """Exchange a code, which is to be sent twice: as `code` and in the place of the token [A]."""
        code = text(body, "code", "code")
        if body.get("access_token") != code:
            raise TemuRefusal("code")
        seller = self._sellers[self._tokens.redeem(code)]
        token = self._tokens.current(seller.number)
        self._ledger.need_once(str(seller.mall_id), CREATE, token)
        return seller, {**self._worth(seller), "accessToken": token, "associatedMallTokenList": []}

    def info(self, endpoint: str, seller: Seller) -> dict[str, Any]:
        """Return the same without the token: the connection test, and the only list of shops there is."""
        self._ledger.need_once(str(seller.mall_id), endpoint, "list")
        return self._worth(seller)

    def _worth(self, seller: Seller) -> dict[str, Any]:
        return {
            "mallId": seller.mall_id,
            # 100 is a local shop, 1 a semi-managed one [V].
            "mallType": 100,
            "regionId": seller.country.region_id,
            "expiredTime": self._tokens.expires_at(seller.number),
            "apiScopeList": sorted(self._switches.granted_scopes),
            # Pushes are not stopped [V].
            "appSubscribeStatus": 0,
            "appSubscribeEventCodeList": list(_EVENTS),
            "authEventCodeList": [{"eventCode": event, "permitsStatus": 1} for event in _EVENTS[1:]],
        }
