"""Answers who a shop is and which shops have authorised the app; both replies are flat."""

from typing import Any

from shops.sandbox.calls import Ledger
from shops.sandbox.listener import Request
from shops.sandbox.sessions import Draw
from shops.sandbox.shopee.parameters import whole
from shops.sandbox.shopee.shop import Shop
from shops.sandbox.shopee.switches import Switches

YEAR_SECONDS = 365 * 86_400
HIGHEST_PAGE_SIZE = 100


class ShopCalls:
    """The shop endpoints. An authorisation begins with the sandbox and lasts a year."""

    def __init__(self, shops: list[Shop], ledger: Ledger, switches: Switches, started: int) -> None:
        self._shops = shops
        self._ledger = ledger
        self._switches = switches
        self._started = started

    def info(self, _request: Request, shop: Shop, _draw: Draw) -> dict[str, Any]:
        """GET /shop/get_shop_info."""
        self._ledger.need_once(shop.shop_id, "shop_info", "info")
        return {
            **self._authorisation(shop),
            "shop_name": shop.seller.name,
            "region": shop.seller.region.code,
            "status": "NORMAL",
            "shop_fulfillment_flag": "Others",
            "is_cb": False,
            "is_upgraded_cbsc": False,
            "merchant_id": None,
            "is_sip": False,
            "sip_affi_shops": [],
            "is_main_shop": False,
            "is_direct_shop": False,
            "linked_main_shop_id": 0,
            "linked_direct_shop_list": [],
        }

    def by_partner(self, request: Request) -> dict[str, Any]:
        """GET /public/get_shops_by_partner: the shops whose authorisation stands, pages from 1."""
        page = whole(request, "page_no", 1, 1, 1_000_000) - 1
        size = whole(request, "page_size", HIGHEST_PAGE_SIZE, 1, HIGHEST_PAGE_SIZE)
        linked = [shop for shop in self._shops if shop.shop_id not in self._switches.revoked_shops]
        self._ledger.need_pages(None, "shops_by_partner", b"", len(linked), HIGHEST_PAGE_SIZE)
        shown = [
            {
                "region": shop.seller.region.code,
                "shop_id": int(shop.shop_id),
                **self._authorisation(shop),
                "sip_affi_shop_list": [],
            }
            for shop in linked[page * size : page * size + size]
        ]
        return {"authed_shop_list": shown, "more": page * size + size < len(linked)}

    def _authorisation(self, shop: Shop) -> dict[str, int]:
        has_ended = shop.shop_id in self._switches.ended_shops
        ends = self._started - 1 if has_ended else self._started + YEAR_SECONDS
        return {"auth_time": ends - YEAR_SECONDS, "expire_time": ends}
