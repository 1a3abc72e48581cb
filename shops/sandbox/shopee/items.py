"""Writes the items of a shop and their variants as Shopee shows them."""

from typing import Any

from shops.sandbox.shelf import Offer, Product
from shops.sandbox.shopee.seller import Seller

STATUSES = ("NORMAL", "BANNED", "UNLIST", "REVIEWING", "SELLER_DELETE", "SHOPEE_DELETE")
_STATUS = {"active": "NORMAL", "inactive": "UNLIST", "deleted": "SELLER_DELETE", "under_review": "REVIEWING"}
_DESCRIPTION = "Made up for trying things out."


class ItemWriter:
    """Writes the items of one shop."""

    def __init__(self, seller: Seller) -> None:
        self._seller = seller

    def status(self, product: Product) -> str:
        """Return item_status."""
        return _STATUS[product.status]

    def row(self, product: Product) -> dict[str, Any]:
        """Return a row of the item list."""
        return {
            "item_id": self._id(product),
            "item_status": self.status(product),
            "update_time": product.updated,
            "tag": {"kit": self._is_kit(product)},
        }

    def write(self, product: Product) -> dict[str, Any]:
        """Return the base information; an item with variants has no price of its own [A]."""
        item_id, has_model = self._id(product), self._has_model(product)
        item: dict[str, Any] = {
            "item_id": item_id,
            "category_id": 100637,
            "item_name": product.title,
            "description": _DESCRIPTION,
            "item_sku": "" if has_model else product.skus[0].sku.seller_sku,
            "create_time": product.created,
            "update_time": product.updated,
            "attribute_list": [],
            "image": {
                "image_url_list": [f"https://cf.example.test/file/{item_id}"],
                "image_id_list": [str(item_id)],
                "image_ratio": "1:1",
            },
            # A text, in kilograms [A].
            "weight": "0.300",
            "dimension": {"package_length": 12, "package_width": 12, "package_height": 11},
            "logistic_info": [{"logistic_id": 18080, "logistic_name": "Standard", "enabled": True, "is_free": False}],
            "pre_order": {"is_pre_order": False, "days_to_ship": 2},
            "condition": "NEW",
            "size_chart": "",
            "item_status": self.status(product),
            # A boolean in the table, a text in the example: both occur [A].
            "deboost": "false" if item_id % 2 else False,
            "has_model": has_model,
            "has_promotion": False,
            "brand": {"brand_id": 0, "original_brand_name": "NoBrand"},
            "item_dangerous": 0,
            "description_type": "normal",
            "stock_info_v2": _stock(sum(offer.stock for offer in product.skus)),
            "tag": {"kit": self._is_kit(product)},
        }
        if not has_model:
            item["price_info"] = self._price(product.skus[0])
        return item

    def models(self, product: Product) -> dict[str, Any]:
        """Return the reply of get_model_list."""
        if not self._has_model(product):
            return {"tier_variation": [], "model": [], "standardise_tier_variation": []}
        options = [{"option": offer.sku.sku_name} for offer in product.skus]
        return {
            "tier_variation": [{"name": "Variation", "option_list": options}],
            "model": [self._model(offer, at) for at, offer in enumerate(product.skus)],
            "standardise_tier_variation": [],
        }

    def truth(self, product: Product) -> dict[str, Any]:
        """Return what a copy of this product must agree with."""
        return {
            "id": str(self._id(product)),
            "status": self.status(product),
            "update_time": product.updated,
            "title": product.title,
            "skus": [
                {
                    "id": self._seller.sku_id(offer.sku),
                    "seller_sku": offer.sku.seller_sku,
                    "price": self._seller.region.money(offer.price),
                    "currency": self._seller.region.currency,
                    "stock": offer.stock,
                }
                for offer in product.skus
            ],
        }

    def _model(self, offer: Offer, at: int) -> dict[str, Any]:
        return {
            "model_id": self._seller.model_id(offer.sku),
            "tier_index": [at],
            "model_name": offer.sku.sku_name,
            "model_sku": offer.sku.seller_sku,
            "model_status": "MODEL_NORMAL",
            "promotion_id": 0,
            "has_promotion": False,
            "price_info": self._price(offer),
            "stock_info_v2": _stock(offer.stock),
            "pre_order": {"is_pre_order": False, "days_to_ship": 2},
            "gtin_code": "",
            "weight": "0.300",
        }

    def _price(self, offer: Offer) -> list[dict[str, Any]]:
        money = self._seller.money
        original, current = money(max(offer.price, offer.sku.price)), money(offer.price)
        return [
            {
                "currency": self._seller.region.currency,
                "original_price": original,
                "current_price": current,
                "inflated_price_of_original_price": original,
                "inflated_price_of_current_price": current,
            }
        ]

    def _id(self, product: Product) -> int:
        return self._seller.item_id(product.skus[0].sku)

    def _has_model(self, product: Product) -> bool:
        return product.product_id not in self._seller.singles

    def _is_kit(self, product: Product) -> bool:
        return bool(product.skus[0].sku.parts)


def _stock(count: int) -> dict[str, Any]:
    return {
        "summary_info": {"total_reserved_stock": 0, "total_available_stock": count},
        "seller_stock": [{"location_id": "", "stock": count, "if_saleable": True}],
    }
