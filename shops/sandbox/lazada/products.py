"""Answers the product calls. Key styles are mixed, times are milliseconds in text, amounts are numbers [A]."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from shops.sandbox.calls import Ledger
from shops.sandbox.lazada.breakages import break_one
from shops.sandbox.lazada.dates import parse_moment
from shops.sandbox.lazada.gateway import Parameters
from shops.sandbox.lazada.numbers import short_id
from shops.sandbox.lazada.paging import Lists, Place
from shops.sandbox.lazada.reading import as_number, json_list, whole_number
from shops.sandbox.lazada.replies import RefusalError, success
from shops.sandbox.lazada.seller import Seller
from shops.sandbox.listener import Response
from shops.sandbox.marketplace import Stage
from shops.sandbox.service import Call
from shops.sandbox.shelf import Offer, Product

HIGHEST_LIMIT = 50
HIGHEST_OFFSET = 10_000
HIGHEST_SKU_COUNT = 100
# "Active" is in the example of the reference, the others are made of the filter's words [C].
STATUS_WORDS = {"active": "Active", "inactive": "InActive", "deleted": "Deleted", "under_review": "Pending"}
# The filter's words [A] and what they mean here.
_FILTERS: dict[str, Callable[[Product], bool]] = {
    "all": lambda _product: True,
    "live": lambda product: product.status == "active",
    "inactive": lambda product: product.status == "inactive",
    "deleted": lambda product: product.status == "deleted",
    "pending": lambda product: product.status == "under_review",
    "rejected": lambda _product: False,
    "sold-out": lambda product: not any(offer.stock for offer in product.skus),
}
# A seller's reduced price: of 16 variants so many have one.
_ON_SALE = 4


class ProductCalls:
    """The product endpoints of all shops."""

    def __init__(self, stage: Stage, sellers: list[Seller], ledger: Ledger, lists: Lists) -> None:
        self._clock = stage.clock
        self._sellers = sellers
        self._ledger = ledger
        self._lists = lists

    def get_products(self, parameters: Parameters, seller: Seller, call: Call) -> Response:
        """GET /products/get: products with their skus; the total counts products [A]."""
        size = whole_number(parameters, "limit", HIGHEST_LIMIT, 1, HIGHEST_LIMIT, "limit")
        offset = whole_number(parameters, "offset", 0, 0, HIGHEST_OFFSET, "offset")
        accept = _accept(parameters)
        found = self._lists.page(
            call,
            parameters,
            Place(offset, size, HIGHEST_LIMIT, HIGHEST_OFFSET + HIGHEST_LIMIT),
            lambda as_of: [product.product_id for product in seller.shelf.products(as_of) if accept(product)],
        )
        now = self._clock.now()
        shown = [product for known in found.rows if (product := seller.shelf.find(known, now))]
        products = [_write(product, seller) for product in shown]
        break_one("products", products, found.fault)
        return success({"total_products": found.total, "products": products})

    def get_product(self, parameters: Parameters, seller: Seller, call: Call) -> Response:
        """GET /product/item/get: one, by item_id or seller_sku [A]."""
        item, seller_sku = as_number(parameters.get("item_id", "")), parameters.get("seller_sku")
        if item is None and not seller_sku:
            raise RefusalError("missing", "item_id")
        for product in seller.shelf.products(self._clock.now()):
            is_it = short_id(product.product_id) == item
            if is_it or (item is None and any(offer.sku.seller_sku == seller_sku for offer in product.skus)):
                version = (product.product_id, product.updated)
                self._ledger.need_versions(seller.seller_id, call.endpoint, [version], 1)
                return success(_write(product, seller))
        raise RefusalError("item_id")

    def truth(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Return what a copy of a shop's products must agree with."""
        seller = self._sellers[shop_number]
        for product in seller.shelf.products(as_of):
            yield {
                "id": str(short_id(product.product_id)),
                "status": STATUS_WORDS[product.status],
                "update_time": product.updated,
                "title": product.title,
                "skus": [
                    {
                        "id": str(short_id(offer.sku.sku_id)),
                        "seller_sku": offer.sku.seller_sku,
                        "price": seller.money(offer.price),
                        "currency": seller.region.currency,
                        "stock": offer.stock,
                    }
                    for offer in product.skus
                ],
            }


def _accept(parameters: Parameters) -> Callable[[Product], bool]:
    """Return the test of all filters; both bounds of a window belong to it [?]."""
    word = parameters.get("filter") or "all"
    by_word = _FILTERS.get(word)
    if by_word is None:
        raise RefusalError("invalid", "filter")
    bounds = {name: _moment(parameters, name) for name in ("update_after", "create_after")}
    bounds |= {name: _moment(parameters, name) for name in ("update_before", "create_before")}
    skus = _seller_skus(parameters)

    def accepts(product: Product) -> bool:
        times = {"update": product.updated, "create": product.created}
        for name, bound in bounds.items():
            field, _, side = name.partition("_")
            if bound is not None and (times[field] < bound if side == "after" else times[field] > bound):
                return False
        return by_word(product) and (skus is None or any(offer.sku.seller_sku in skus for offer in product.skus))

    return accepts


def _moment(parameters: Parameters, name: str) -> int | None:
    text = parameters.get(name)
    return parse_moment(text) if text else None


def _seller_skus(parameters: Parameters) -> Sequence[str] | None:
    text = parameters.get("sku_seller_list")
    if not text:
        return None
    skus = json_list(text)
    if skus is None or len(skus) > HIGHEST_SKU_COUNT:
        raise RefusalError("sku_list")
    return skus


def _write(product: Product, seller: Seller) -> dict[str, Any]:
    item = short_id(product.product_id)
    return {
        "item_id": item,
        "primary_category": 8707,
        "status": STATUS_WORDS[product.status],
        "subStatus": "",
        "created_time": str(product.created * 1000),
        "updated_time": str(product.updated * 1000),
        "images": [f"https://img.example.test/sandbox/{item}.jpg"],
        "marketImages": [],
        "trialProduct": False,
        "variation": {
            "variation1": {
                "name": "variation",
                "label": "Variation",
                "hasImage": False,
                "customize": True,
                "options": [offer.sku.sku_name for offer in product.skus],
            }
        },
        "suspendedSkus": [],
        "attributes": {
            "name": product.title,
            "short_description": "",
            "description": "<p>An example.</p>",
            "brand": "No Brand",
            "warranty_type": "No Warranty",
            "source": "asc",
            "delivery_option_sof": "0",
        },
        "skus": [_write_sku(offer, product, seller) for offer in product.skus],
    }


def _write_sku(offer: Offer, product: Product, seller: Seller) -> dict[str, Any]:
    item, variant = short_id(product.product_id), short_id(offer.sku.sku_id)
    # What a buyer pays is the special price while its time lasts, the price otherwise.
    is_on_sale = variant % 16 < _ON_SALE
    price = offer.price * 5 // 4 if is_on_sale else offer.price
    day = seller.zone.day(product.created)
    return {
        "Status": "active" if product.status == "active" else "inactive",
        "SkuId": variant,
        "SellerSku": offer.sku.seller_sku,
        "ShopSku": f"{item}_{seller.region.code}-{variant}",
        "quantity": offer.stock,
        "Available": offer.stock,
        "price": seller.amount(price),
        "special_price": seller.amount(offer.price) if is_on_sale else 0.0,
        "special_from_time": f"{day} 00:00" if is_on_sale else "",
        "special_to_time": f"{day.year + 5}-12-31 00:00" if is_on_sale else "",
        "package_width": "10.00",
        "package_height": "10.00",
        "package_length": "10.00",
        "package_weight": "0.3",
        "Images": [],
        "Url": f"https://www.example.test/-i{item}-s{variant}.html",
        "multiWarehouseInventories": [
            {
                "warehouseCode": "dropshipping",
                "quantity": offer.stock,
                "totalQuantity": offer.stock,
                "sellableQuantity": offer.stock,
                "occupyQuantity": 0,
                "withholdQuantity": 0,
            }
        ],
        "fblWarehouseInventories": [],
        "channelInventories": [],
    }
