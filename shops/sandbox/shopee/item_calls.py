"""Answers the item list, the items' base information and their variants."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from shops.sandbox.calls import Ledger
from shops.sandbox.listener import Request
from shops.sandbox.marketplace import Stage
from shops.sandbox.sessions import Draw, cut_page
from shops.sandbox.shelf import Product
from shops.sandbox.shopee.faulty import spoil
from shops.sandbox.shopee.items import STATUSES, ItemWriter
from shops.sandbox.shopee.parameters import invalid, numbers_of, whole, window, words
from shops.sandbox.shopee.replies import RefusalError
from shops.sandbox.shopee.shop import Shop
from shops.sandbox.shopee.switches import Switches

HIGHEST_PAGE_SIZE = 100
HIGHEST_ID_COUNT = 50


class ItemCalls:
    """The product endpoints of all shops."""

    def __init__(self, stage: Stage, ledger: Ledger, switches: Switches) -> None:
        self._stage = stage
        self._ledger = ledger
        self._switches = switches

    def item_list(self, request: Request, shop: Shop, draw: Draw) -> dict[str, Any]:
        """GET /product/get_item_list: by offset, so that rows move when items change between two pages."""
        offset = whole(request, "offset", None, 0, self._switches.deepest_offset)
        size = whole(request, "page_size", None, 1, HIGHEST_PAGE_SIZE)
        wanted = words(request, "item_status")
        if not wanted or not set(wanted) <= set(STATUSES):
            raise invalid(f"item_status: must be one or more of {', '.join(STATUSES)}")
        times = window(request, "update_time_from", "update_time_to", required=False)
        writer, now = ItemWriter(shop.seller), self._stage.clock.now()
        rows = [
            product
            for product in shop.seller.shelf.products(now)
            if writer.status(product) in wanted and times.holds(product.updated)
        ]
        key = blake2b(repr((sorted(set(wanted)), times)).encode(), digest_size=8).digest()
        self._ledger.need_pages(shop.shop_id, "item_list", key, len(rows), HIGHEST_PAGE_SIZE)
        page = cut_page(rows, offset, size, 0, draw)
        items = [writer.row(product) for product in page.rows]
        spoil("item", items, page.fault)
        reply: dict[str, Any] = {"item": items, "total_count": len(rows) - page.left}
        reply["has_next_page"] = page.next_offset < len(rows)
        # Whether the last page has a next_offset is not confirmed; has_next_page alone decides [C].
        return reply | ({"next_offset": page.next_offset} if reply["has_next_page"] else {})

    def base_info(self, request: Request, shop: Shop, draw: Draw) -> dict[str, Any]:
        """GET /product/get_item_base_info: unknown ids are missing, unless all are unknown."""
        products = [
            found for text in numbers_of(request, "item_id_list", HIGHEST_ID_COUNT) if (found := self._find(shop, text))
        ]
        if not products:
            raise RefusalError("item_not_found")
        versions = [(product.product_id, product.updated) for product in products]
        self._ledger.need_versions(shop.shop_id, "item_base_info", versions, HIGHEST_ID_COUNT)
        writer = ItemWriter(shop.seller)
        items = [writer.write(product) for product in products]
        spoil("item", items, draw({"impossible_record"}))
        return {"item_list": items}

    def models(self, request: Request, shop: Shop, draw: Draw) -> dict[str, Any]:
        """GET /product/get_model_list: the variants of one item; none for an item without variants."""
        product = self._find(shop, numbers_of(request, "item_id", 1)[0])
        if product is None:
            raise RefusalError("item_not_found")
        reply = ItemWriter(shop.seller).models(product)
        if reply["model"]:
            self._ledger.need_once(shop.shop_id, "model_list", f"{product.product_id}:{product.updated}")
            spoil("model", reply["model"], draw({"impossible_record"}))
        return reply

    def truth(self, shop: Shop, as_of: int) -> Iterator[dict[str, Any]]:
        """Yield what copies of the products must agree with."""
        writer = ItemWriter(shop.seller)
        for product in shop.seller.shelf.products(as_of):
            yield writer.truth(product)

    def _find(self, shop: Shop, text: str) -> Product | None:
        """Return the item with this number, if the shop has it."""
        product_id = shop.seller.product_id(text)
        return None if product_id is None else shop.seller.shelf.find(product_id, self._stage.clock.now())
