"""Answers the lists of products and variants, by page number and by cursor, and detail and stock."""

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from shops.sandbox.service import Call
from shops.sandbox.sessions import cut_page
from shops.sandbox.shelf import Offer, Product
from shops.sandbox.temu.goods import DOCUMENTED_SKU_BUCKETS, GOODS_BUCKETS, SKU_BUCKETS, WORD_BUCKETS, GoodsWriter
from shops.sandbox.temu.names import goods_id, sku_id
from shops.sandbox.temu.paging import Query
from shops.sandbox.temu.parameters import Body, integer, numbers, texts, word
from shops.sandbox.temu.replies import TemuRefusal
from shops.sandbox.temu.seller import Seller
from shops.sandbox.temu.shared import Shared, break_one

GOODS_LIST, SKU_LIST = "bg.local.goods.list.query", "bg.local.goods.sku.list.query"
GOODS_RETRIEVE, SKU_RETRIEVE = "temu.local.goods.list.retrieve", "temu.local.sku.list.retrieve"
DETAIL, STOCK = "bg.local.goods.detail.query", "temu.local.goods.sku.stock.query"
LARGEST_PAGE = 100
_HIGHEST_PAGE = 1_000_000
_HIGHEST_ID_COUNT = 100
_HIGHEST_ID = 1 << 62
_HIGHEST_MILLISECONDS = 1 << 45
# One variant with the product that it is of.
_Row = tuple[Product, Offer]


class GoodsCalls:
    """The product types of all shops."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.writers = [GoodsWriter(seller) for seller in shared.sellers]
        self.handlers: dict[str, Callable[[Body, Seller, Call], Any]] = {
            GOODS_LIST: self._goods_list,
            SKU_LIST: self._sku_list,
            GOODS_RETRIEVE: self._goods_retrieve,
            SKU_RETRIEVE: self._sku_retrieve,
            DETAIL: self._detail,
            STOCK: self._stock,
        }

    def truth(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Yield what a copy of the products must agree with, those that were deleted too."""
        for product in self._shared.sellers[shop_number].shelf.products(as_of):
            yield self.writers[shop_number].truth(product)

    def _goods_list(self, body: Body, seller: Seller, call: Call) -> dict[str, Any]:
        kind = _search_type(body, "goodsSearchType", "goodsStatusFilterType", GOODS_BUCKETS, 1)
        ids = numbers(body, "goodsIdList", _HIGHEST_ID_COUNT, "goods")
        search = _text_filter(body)
        # Milliseconds, though the rows tell seconds [V].
        first = integer(body, "crtFrom", 0, 0, _HIGHEST_MILLISECONDS, "goods")
        last = integer(body, "crtTo", _HIGHEST_MILLISECONDS, 0, _HIGHEST_MILLISECONDS, "goods")
        is_ascending = integer(body, "orderType", 0, 0, 1, "goods") == 1

        def build(as_of: int) -> list[str]:
            found = [
                product.product_id
                for product in seller.shelf.products(as_of)
                if product.status in GOODS_BUCKETS[kind]
                and (not ids or goods_id(product.product_id) in ids)
                and search in product.title.casefold()
                and first <= product.created * 1000 <= last
            ]
            return found if is_ascending else found[::-1]

        page, size = _read_page(body)
        filters = [kind, ids, search, first, last, is_ascending]
        query = Query(str(seller.mall_id), GOODS_LIST, filters, page, size, LARGEST_PAGE, is_windowed=False)
        now = self._shared.now()
        cut = self._shared.lists.page(query, now, build, self._shared.draw_page_fault(call))
        writer = self.writers[seller.number]
        rows = [writer.numbered_row(found) for one in cut.rows if (found := seller.shelf.find(one, now))]
        break_one(rows, cut.fault, "goodsId", "price")
        return {"goodsList": rows, "pageNo": page, "total": cut.total}

    def _sku_list(self, body: Body, seller: Seller, call: Call) -> dict[str, Any]:
        known_types = SKU_BUCKETS if self._shared.switches.are_all_sku_types_known else DOCUMENTED_SKU_BUCKETS
        kind = _search_type(body, "skuSearchType", "skuStatusFilterType", known_types, 2)
        goods = numbers(body, "goodsIdList", _HIGHEST_ID_COUNT, "goods")
        skus = numbers(body, "skuIdList", _HIGHEST_ID_COUNT, "goods")
        search = _text_filter(body)

        def build(as_of: int) -> list[str]:
            return [
                offer.sku.sku_id
                for product, offer in _offers(seller, SKU_BUCKETS[kind], as_of)
                if (not goods or goods_id(product.product_id) in goods)
                and (not skus or sku_id(offer.sku.sku_id) in skus)
                and search in product.title.casefold()
            ]

        page, size = _read_page(body)
        filters = [kind, goods, skus, search]
        query = Query(str(seller.mall_id), SKU_LIST, filters, page, size, LARGEST_PAGE, is_windowed=False)
        now, writer = self._shared.now(), self.writers[seller.number]
        cut = self._shared.lists.page(query, now, build, self._shared.draw_page_fault(call))
        known = {offer.sku.sku_id: (product, offer) for product, offer in _offers(seller, WORD_BUCKETS["ALL"], now)}
        rows = [writer.sku_row(*known[one]) for one in cut.rows]
        break_one(rows, cut.fault, "skuId", "price")
        return {"skuList": rows, "pageNo": page, "total": cut.total}

    def _goods_retrieve(self, body: Body, seller: Seller, call: Call) -> dict[str, Any]:
        kind = word(body, "goodsSearchType", "ALL", tuple(WORD_BUCKETS), "goods")
        ids = texts(body, "goodsIdList", _HIGHEST_ID_COUNT, "goods")
        writer = self.writers[seller.number]

        def build(as_of: int) -> list[dict[str, Any]]:
            return [
                writer.cursor_row(product)
                for product in seller.shelf.products(as_of)
                if product.status in WORD_BUCKETS[kind] and (not ids or str(goods_id(product.product_id)) in ids)
            ]

        return self._retrieve(GOODS_RETRIEVE, body, seller, call, "goodsList", [kind, ids], build)

    def _sku_retrieve(self, body: Body, seller: Seller, call: Call) -> dict[str, Any]:
        # ALL is for goods only [A].
        kind = word(body, "skuSearchType", "ACTIVE", tuple(WORD_BUCKETS)[1:], "goods")
        goods = texts(body, "goodsIdList", _HIGHEST_ID_COUNT, "goods")
        skus = texts(body, "skuIdList", _HIGHEST_ID_COUNT, "goods")
        writer = self.writers[seller.number]

        def build(as_of: int) -> list[dict[str, Any]]:
            rows = [writer.cursor_sku_row(*one) for one in _offers(seller, WORD_BUCKETS[kind], as_of)]
            return [
                row for row in rows
                if (not goods or row["goodsId"] in goods) and (not skus or row["skuId"] in skus)
            ]  # fmt: skip

        return self._retrieve(SKU_RETRIEVE, body, seller, call, "skuList", [kind, goods, skus], build)

    def _retrieve(
        self, endpoint: str, body: Body, seller: Seller, call: Call, field: str, filters: list[Any],
        build: Callable[[int], list[dict[str, Any]]],
    ) -> dict[str, Any]:  # fmt: skip
        """Return a page by its cursor, which carries the moment of the first page, the offset and what has left."""
        size = integer(body, "pageSize", 10, 1, LARGEST_PAGE, "goods")
        as_of, offset, left = _read_cursor(body, self._shared.now())
        rows = build(as_of)
        query = Query(str(seller.mall_id), endpoint, [*filters, as_of], 1, size, LARGEST_PAGE, is_windowed=False)
        self._shared.ledger.need_pages(query.shop, endpoint, query.key, len(rows), LARGEST_PAGE)
        cut = cut_page(rows, offset, size, left, self._shared.draw_page_fault(call))
        shown = list(cut.rows)
        break_one(shown, cut.fault, field.removesuffix("List") + "Id", "lowTrafficTag")
        token = _cursor(as_of, cut.next_offset, cut.left) if cut.next_offset < len(rows) else None
        before = _cursor(as_of, max(0, offset - size), left) if offset else None
        return {
            field: shown, "total": len(rows) - cut.left, "pagination": {"nextToken": token, "previousToken": before}
        }  # fmt: skip

    def _detail(self, body: Body, seller: Seller, _call: Call) -> dict[str, Any]:
        number = integer(body, "goodsId", 0, 1, _HIGHEST_ID, "goods")
        product = next(iter(_products(seller, {number}, self._shared.now())), None)
        if product is None:
            raise TemuRefusal("mall_goods" if number else "goods")
        self._shared.need_version(seller, DETAIL, product.product_id, product.updated)
        return self.writers[seller.number].detail(product)

    def _stock(self, body: Body, seller: Seller, _call: Call) -> dict[str, Any]:
        """Return the stock of one product, or of named variants."""
        number = integer(body, "goodsId", 0, 1, _HIGHEST_ID, "goods")
        wanted = set(numbers(body, "skuIdList", _HIGHEST_ID_COUNT, "goods"))
        codes = texts(body, "outSkuSnList", _HIGHEST_ID_COUNT, "goods")
        if not (number or wanted or codes):
            raise TemuRefusal("goods", "goodsId, skuIdList or outSkuSnList is required")
        now, writer = self._shared.now(), self.writers[seller.number]
        if not number:
            offers = _offers(seller, WORD_BUCKETS["ALL"], now)
            wanted |= {sku_id(offer.sku.sku_id) for _, offer in offers if offer.sku.seller_sku in codes}
        products = [
            product
            for product in (_products(seller, {number}, now) if number else seller.shelf.products(now))
            if number or wanted & {sku_id(offer.sku.sku_id) for offer in product.skus}
        ]
        for product in products:
            self._shared.need_version(seller, STOCK, product.product_id, product.updated)
        return {"stockList": [writer.stock(product, None if number else frozenset(wanted)) for product in products]}


def _products(seller: Seller, numbers_wanted: set[int], as_of: int) -> list[Product]:
    return [one for one in seller.shelf.products(as_of) if goods_id(one.product_id) in numbers_wanted]


def _offers(seller: Seller, statuses: tuple[str, ...], as_of: int) -> list[_Row]:
    return [
        (product, offer)
        for product in seller.shelf.products(as_of)
        if product.status in statuses
        for offer in product.skus
    ]


def _search_type(body: Body, name: str, filter_name: str, known: dict[int, tuple[str, ...]], default: int) -> int:
    """Return the bucket; the status filter is documented as required, works without [M], and must be in step."""
    kind = integer(body, name, default, 0, 99, "goods")
    if kind not in known or integer(body, filter_name, kind, 0, 99, "goods") != kind:
        raise TemuRefusal("goods", f"{name} and {filter_name} must be one of {', '.join(map(str, known))}")
    return kind


def _text_filter(body: Body) -> str:
    found = texts({"searchText": [body["searchText"]]}, "searchText", 1) if body.get("searchText") else []
    return found[0].casefold() if found else ""


def _read_page(body: Body) -> tuple[int, int]:
    """Return page and size; a misspelt name, such as `page`, is ignored silently [M]."""
    page = integer(body, "pageNo", 1, 1, _HIGHEST_PAGE, "goods")
    return page, integer(body, "pageSize", 10, 1, LARGEST_PAGE, "goods")


def _cursor(as_of: int, offset: int, left: int) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([as_of, offset, left])).decode().rstrip("=")


def _read_cursor(body: Body, now: int) -> tuple[int, int, int]:
    token = body.get("pageToken")
    if token is None or token == "":
        return now, 0, 0
    try:
        read = orjson.loads(base64.urlsafe_b64decode(str(token) + "=" * (-len(str(token)) % 4)))
        as_of, offset, left = (int(part) for part in read)
    except (binascii.Error, ValueError, TypeError):
        raise TemuRefusal("goods", "pageToken is unknown") from None
    if not 0 <= as_of <= now or offset < 0:
        raise TemuRefusal("goods", "pageToken is unknown")
    return as_of, offset, left
