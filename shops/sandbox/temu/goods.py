"""Writes products and their variants as Temu's several lists show them."""

from typing import Any

from shops.sandbox.shelf import Offer, Product
from shops.sandbox.temu.names import goods_id, sku_id
from shops.sandbox.temu.seller import Seller

# goodsSearchType: the buckets are disjoint [M]; nothing is ever a draft here.
GOODS_BUCKETS: dict[int, tuple[str, ...]] = {1: ("active", "inactive"), 4: ("under_review",), 5: (), 6: ("deleted",)}
# skuSearchType 2 and 3 are documented; that the others are those of the goods is a guess, to be switched off [?].
SKU_BUCKETS: dict[int, tuple[str, ...]] = {
    2: ("active",), 3: ("inactive",), 4: ("under_review",), 5: (), 6: ("deleted",)
}  # fmt: skip
DOCUMENTED_SKU_BUCKETS = {number: SKU_BUCKETS[number] for number in (2, 3)}
# The words of the lists with cursors.
WORD_BUCKETS: dict[str, tuple[str, ...]] = {
    "ALL": ("active", "inactive", "under_review", "deleted"),
    "ACTIVE": ("active",),
    "INACTIVE": ("inactive",),
    "INCOMPLETE": ("under_review",),
    "DRAFT": (),
    "DELETED": ("deleted",),
}
# Sub status numbers [V]: on sale, taken off, processing, deleted; and what is on sale with nothing left is sold out.
_SUB_STATUS = {"active": 2001, "inactive": 3002, "under_review": 4002, "deleted": 6001}
_SOLD_OUT = 3003
_GOODS_STATUS = {"active": 1, "inactive": 1, "under_review": 4, "deleted": 6}
_SKU_STATUS = {"active": 2, "inactive": 3, "under_review": 4, "deleted": 6}
_WORDS = {"active": "Active", "inactive": "Inactive", "under_review": "Incomplete", "deleted": "Deleted"}
_CATEGORY, _SPEC = 12_345, 77_000_000


class GoodsWriter:
    """Writes the products of one shop."""

    def __init__(self, seller: Seller) -> None:
        self._seller = seller
        self._currency = seller.region.currency
        self._cost_template = f"LFT-{seller.number + 1:020d}"

    def truth(self, product: Product) -> dict[str, Any]:
        """Return what a copy of a product must agree with: its status is goodsShowSubStatus, no time of change is told.

        goodsStatusChangeTime does not move with price and stock, and so says nothing of a change.
        """
        money = self._seller.region.money
        return {
            "id": str(goods_id(product.product_id)),
            "status": str(sub_status(product)),
            "update_time": None,
            "title": product.title,
            "skus": [
                {
                    "id": str(sku_id(offer.sku.sku_id)),
                    "seller_sku": offer.sku.seller_sku,
                    "price": money(offer.price),
                    "currency": self._currency,
                    "stock": offer.stock,
                }
                for offer in product.skus
            ],
        }

    def numbered_row(self, product: Product) -> dict[str, Any]:
        """Return an entry of bg.local.goods.list.query.

        Prices are decimal text and marketPrice whole minor units [M]; crtTime is in seconds, though the filters are in
        milliseconds, and goodsStatusChangeTime is milliseconds as text.
        """
        lowest = min(offer.price for offer in product.skus)
        sub = sub_status(product)
        return {
            **self._row(product),
            "goodsId": goods_id(product.product_id),
            "catId": _CATEGORY,
            "crtTime": product.created,
            "goodsStatusChangeTime": str(product.created * 1000),
            "goodsShowSubStatus": sub,
            "subStatus4VO": sub,
            "status4VO": _GOODS_STATUS[product.status],
            "skuIdList": [sku_id(offer.sku.sku_id) for offer in product.skus],
            "outSkuSnList": [offer.sku.seller_sku for offer in product.skus],
            "specName": product.skus[0].sku.sku_name,
            "price": self._decimal(lowest),
            "currency": self._currency,
            "retailPrice": {"amount": self._decimal(lowest), "currency": self._currency},
            "listPrice": {"amount": self._decimal(0), "currency": self._currency},
            "marketPrice": lowest,
            "quantity": sum(offer.stock for offer in product.skus),
        }

    def cursor_row(self, product: Product) -> dict[str, Any]:
        """Return an entry of temu.local.goods.list.retrieve: ids are text, the status is a word, no price, no stock."""
        return {
            **self._row(product),
            "goodsId": str(goods_id(product.product_id)),
            "catId": str(_CATEGORY),
            "catType": 1,
            "goodsStatus": _WORDS[product.status],
            "goodsStatusChangeTime": product.created * 1000,
            "goodsCreateTime": product.created * 1000,
            "variationsCount": len(product.skus),
        }

    def sku_row(self, product: Product, offer: Offer) -> dict[str, Any]:
        """Return an entry of bg.local.goods.sku.list.query."""
        sub = sub_status(product)
        price = self._decimal(offer.price)
        return {
            "skuId": sku_id(offer.sku.sku_id),
            "skuSn": offer.sku.seller_sku,
            "goodsId": goods_id(product.product_id),
            "goodsName": product.title,
            "specName": offer.sku.sku_name,
            "specList": _specs(offer),
            "status4VO": _SKU_STATUS[product.status],
            "subStatus4VO": sub,
            "skuShowSubStatus4VO": sub,
            "goodsIsOnSale": int(product.status == "active"),
            "crtTime": product.created,
            "skuStatusChangeTime": str(product.created * 1000),
            "price": price,
            "currency": self._currency,
            "retailPrice": {"amount": price, "currency": self._currency},
            "stock": offer.stock,
            "thumbUrl": _image(offer),
            "volumeInfo": {"length": "40", "width": "12", "height": "10", "unit": "cm"},
            "weightInfo": {"weight": "900", "unit": "g"},
            "restrictedTrafficTag": 2,
            "lowTrafficTag": 2,
        }

    def cursor_sku_row(self, product: Product, offer: Offer) -> dict[str, Any]:
        """Return an entry of temu.local.sku.list.retrieve; only that its ids are text is known [?]."""
        row = self.sku_row(product, offer)
        return {**row, "skuId": str(row["skuId"]), "goodsId": str(row["goodsId"])}

    def detail(self, product: Product) -> dict[str, Any]:
        """Return one whole product; here amounts are minor units in text without a point [M]."""
        return {
            "goodsId": goods_id(product.product_id),
            "goodsName": product.title,
            "outGoodsSn": _goods_sn(product),
            "catId": _CATEGORY,
            "subStatus": sub_status(product),
            "productType": 1,
            "customized": False,
            "goodsDesc": "",
            "bulletPoints": [],
            "goodsServicePromise": {
                "costTemplateId": self._cost_template, "fulfillmentType": 1, "shipmentLimitDay": 2
            },
            "goodsTrademark": {"trademarkBizId": None, "trademarkId": None, "brandId": None},
            "goodsGallery": {
                "goodsCarouselImage": [_image(product.skus[0])], "detailImage": [], "detailVideo": [],
                "carouselVideo": [],
            },
            "goodsOriginInfo": {"originRegionName1": self._seller.region.name, "originRegionName2": None},
            "skuList": [
                {
                    "skuId": sku_id(offer.sku.sku_id),
                    "outSkuSn": offer.sku.seller_sku,
                    "specIdList": [spec["specId"] for spec in _specs(offer)],
                    "images": [_image(offer)],
                    "productExpressInfo": {
                        "weightInfo": {"weight": "900", "unit": "g"},
                        "volumeInfo": {"length": "40", "width": "12", "height": "10", "unit": "cm"},
                    },
                    "retailPrice": {"amount": str(offer.price), "currency": self._currency},
                    "listPrice": {"amount": "0", "currency": self._currency},
                }
                for offer in product.skus
            ],
        }  # fmt: skip

    def stock(self, product: Product, wanted: frozenset[int] | None) -> dict[str, Any]:
        """Return the stock of a product's variants, or of the wanted ones of them."""
        return {
            "goodsId": goods_id(product.product_id),
            "skuStockInfoList": [
                {
                    "skuId": sku_id(offer.sku.sku_id),
                    "outSkuSn": offer.sku.seller_sku,
                    "selfOrdinaryStock": {"stock": offer.stock, "stockType": 0},
                    "selfPreSaleStock": {
                        "stock": 0, "stockType": 1, "preSaleEndTime": None, "skuPreSaleStockLimit": None,
                        "mallPreSaleSkuNumLimit": None,
                    },
                    "certOrdinaryStock": {"stock": 0, "stockType": 2},
                }
                for offer in product.skus
                if wanted is None or sku_id(offer.sku.sku_id) in wanted
            ],
        }  # fmt: skip

    def _row(self, product: Product) -> dict[str, Any]:
        """Return what both lists of goods show alike."""
        return {
            "goodsName": product.title,
            "outGoodsSn": _goods_sn(product),
            "skuInfoList": [
                {"skuId": sku_id(offer.sku.sku_id), "skuSn": offer.sku.seller_sku, "specList": _specs(offer)}
                for offer in product.skus
            ],
            "thumbUrl": _image(product.skus[0]),
            "costTemplateId": self._cost_template,
            "shipmentLimitSecond": 172_800,
            "restrictedTrafficTag": 2,
            "lowTrafficTag": 2,
            "trademarkId": None,
            "brandId": None,
        }

    def _decimal(self, minor: int) -> str:
        return self._seller.region.money(minor)


def sub_status(product: Product) -> int:
    """Return goodsShowSubStatus."""
    is_sold_out = product.status == "active" and not any(offer.stock for offer in product.skus)
    return _SOLD_OUT if is_sold_out else _SUB_STATUS[product.status]


def _goods_sn(product: Product) -> str:
    return product.skus[0].sku.seller_sku.partition("-")[0]


def _specs(offer: Offer) -> list[dict[str, int]]:
    return [{"specId": _SPEC + int(offer.sku.sku_id) % 100_000, "parentSpecId": 1001}]


def _image(offer: Offer) -> str:
    return f"https://img.example.test/sandbox/{sku_id(offer.sku.sku_id)}_800x800.jpeg"
