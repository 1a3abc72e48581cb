"""Answers product search and product detail."""

from collections.abc import Iterator, Mapping
from typing import Any

from shops.sandbox.listener import Request
from shops.sandbox.service import Call, Service
from shops.sandbox.shelf import Offer, Product
from shops.sandbox.tiktok import filters
from shops.sandbox.tiktok.filters import Check, read_body
from shops.sandbox.tiktok.lists import Breakages, ListKind, Lists, Row, read_search
from shops.sandbox.tiktok.replies import RefusalError
from shops.sandbox.tiktok.seller import Seller

# There are no sort parameters; products come as they were created [?].
_LIST = ListKind("products", largest_page=100)
_STATUS = {"active": "ACTIVATE", "inactive": "SELLER_DEACTIVATED", "deleted": "DELETED", "under_review": "PENDING"}
_CHECKS: dict[str, Check] = {
    # The upper bounds are inclusive here.
    **filters.times("create_time_ge", "create_time_le", "update_time_ge", "update_time_le"),
    "status": filters.word(
        "ALL", "DRAFT", "PENDING", "FAILED", "ACTIVATE", "SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED", "FREEZE",
        "DELETED",
    ),
    "seller_skus": filters.texts(10, "too_many_seller_skus"),
    "sku_ids": filters.texts(10, "too_many_sku_ids"),
}  # fmt: skip
BREAKAGES: Breakages = {
    "no id": lambda product: product.pop("id"),
    "update_time is text": lambda product: product.update(update_time="yesterday"),
    "skus is text": lambda product: product.update(skus="none"),
    "unknown status": lambda product: product.update(status="BEING_PONDERED"),
}


class ProductCalls:
    """The product endpoints of all shops."""

    def __init__(self, service: Service, sellers: list[Seller], lists: Lists) -> None:
        self._service = service
        self._sellers = sellers
        self._lists = lists

    def search(self, request: Request, shop_number: int, call: Call) -> Row:
        """POST /product/{version}/products/search."""
        seller = self._sellers[shop_number]
        search = read_search(request, _LIST, read_body(request), _CHECKS)

        def find(_search: Any, as_of: int) -> list[int]:
            products = enumerate(seller.shelf.products(as_of))
            return [at for at, product in products if _passes(product, search.filters)]

        def write(at: int, now: int) -> Row:
            return _row(seller.shelf.products(now)[at], seller)

        return self._lists.answer(search, _LIST, call, find, write, BREAKAGES)

    def detail(self, request: Request, shop_number: int, call: Call) -> Row:
        """GET /product/202309/products/{product_id}."""
        wanted, now = request.path.split("/")[4], self._service.stage.clock.now()
        product = self._sellers[shop_number].shelf.find(wanted, now)
        if product is None:
            raise RefusalError(self._why_not(wanted, now))
        self._service.ledger.need_versions(call.shop, call.endpoint, [(wanted, product.updated)], 1)
        return _detail(product, self._sellers[shop_number])

    def truth(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Return what a copy of a shop's products must agree with."""
        seller = self._sellers[shop_number]
        for product in seller.shelf.products(as_of):
            yield {
                "id": product.product_id,
                "status": _STATUS[product.status],
                "update_time": product.updated,
                "title": product.title,
                "skus": [
                    {
                        "id": offer.sku.sku_id,
                        "seller_sku": offer.sku.seller_sku,
                        "price": seller.region.money(offer.price),
                        "currency": seller.region.currency,
                        "stock": offer.stock,
                    }
                    for offer in product.skus
                ],
            }

    def _why_not(self, wanted: str, now: int) -> str:
        if not wanted.isascii() or not wanted.isdigit():
            return "bad_product"
        is_known = any(seller.shelf.find(wanted, now) for seller in self._sellers)
        return "foreign_product" if is_known else "no_product"


def _passes(product: Product, wanted: Mapping[str, Any]) -> bool:
    for field, moment in (("create_time", product.created), ("update_time", product.updated)):
        if not wanted.get(f"{field}_ge", moment) <= moment <= wanted.get(f"{field}_le", moment):
            return False
    if wanted.get("status", "ALL") not in ("ALL", _STATUS[product.status]):
        return False
    skus = [offer.sku for offer in product.skus]
    if wanted.get("seller_skus") and not any(sku.seller_sku in wanted["seller_skus"] for sku in skus):
        return False
    return not wanted.get("sku_ids") or any(sku.sku_id in wanted["sku_ids"] for sku in skus)


def _row(product: Product, seller: Seller) -> Row:
    return {
        "id": product.product_id,
        "title": product.title,
        "status": _STATUS[product.status],
        "audit": {
            "status": "AUDITING" if product.status == "under_review" else "APPROVED", "pre_approved_reasons": []
        },
        "has_draft": False,
        "is_not_for_sale": False,
        "product_tags": [],
        "recommended_categories": [],
        "sales_regions": [seller.region.code],
        "create_time": product.created,
        "update_time": product.updated,
        "skus": [_sku(offer, seller) for offer in product.skus],
    }  # fmt: skip


def _sku(offer: Offer, seller: Seller) -> Row:
    return {
        "id": offer.sku.sku_id,
        "seller_sku": offer.sku.seller_sku,
        "price": {"currency": seller.region.currency, "tax_exclusive_price": seller.region.money(offer.price)},
        "inventory": [{"warehouse_id": seller.warehouse_id, "quantity": offer.stock}],
        "status_info": {"status": "NORMAL"},
    }


def _detail(product: Product, seller: Seller) -> Row:
    row = _row(product, seller)
    del row["sales_regions"]
    image = f"https://img.example.test/sandbox/{product.product_id}"
    row |= {
        "product_status": row["status"],
        "is_pre_owned": False,
        "is_replicated": False,
        "is_cod_allowed": seller.region.cash_name is not None,
        "description": f"<p>{product.title}</p>",
        "brand": {"id": "7273000000000000485", "name": "Sample Brand"},
        "category_chains": [
            {"id": "601152", "parent_id": "0", "is_leaf": False, "local_name": "Sample goods"},
            {"id": "601226", "parent_id": "601152", "is_leaf": True, "local_name": "Sample things"},
        ],
        "main_images": [
            {
                "uri": f"sandbox/{product.product_id}",
                "width": 1200,
                "height": 1200,
                "urls": [f"{image}~origin.jpeg"],
                "thumb_urls": [f"{image}~300x300.jpeg"],
            }
        ],
        "package_dimensions": {"length": "20", "width": "15", "height": "3", "unit": "CENTIMETER"},
        "package_weight": {"value": "0.2", "unit": "KILOGRAM"},
        "product_attributes": [],
        "manufacturer_ids": [],
        "responsible_person_ids": [],
        "shipping_insurance_requirement": "NOT_SUPPORTED",
    }
    for sku, offer in zip(row["skus"], product.skus, strict=True):
        sku["price"]["sale_price"] = sku["price"]["tax_exclusive_price"]
        sku["sales_attributes"] = _attributes(offer)
    return row


def _attributes(offer: Offer) -> list[Row]:
    """One attribute for each word of the variant: "Black, M" is a colour and a size."""
    names = (("100000", "Color"), ("100007", "Size"))
    words = [word.strip() for word in offer.sku.sku_name.split(",")]
    return [
        {"id": known[0], "name": known[1], "value_id": f"{offer.sku.sku_id}{at}", "value_name": word}
        for at, (known, word) in enumerate(zip(names, words, strict=False))
    ]
