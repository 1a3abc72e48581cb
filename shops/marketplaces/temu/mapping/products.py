"""Turns Temu's goods into a ProductRecord. Pure, and it never raises, whatever the payload holds.

A payload is `{"goods": a row of the goods list}`, with `skus`, their rows of the SKU list, beside it where those were
asked for. Prices are decimal text in major units, except `marketPrice`, which is in minor units and stays an attribute.
The time of creation is in seconds. Temu tells no time of change: `goodsStatusChangeTime` (milliseconds) moves with the
status alone, so it stays an attribute as well.
"""

from decimal import Decimal

from shops.marketplaces import values
from shops.marketplaces.reading import Fields, bounded
from shops.marketplaces.records import Payload, ProductRecord, ProductStatus, SkuRecord, UnreadableRecord
from shops.marketplaces.temu.mapping.statuses import GOODS_STATUSES

_GOODS_PLACED = frozenset(
    {
        "goodsId",
        "goodsShowSubStatus",
        "goodsName",
        "crtTime",
        "thumbUrl",
        "catId",
        "skuInfoList",
        "skuIdList",
        "outSkuSnList",
    }
)
# Of a product with one SKU the goods' own row says what the SKU costs and how many there are.
_SKU_PLACED = frozenset(
    {
        "goodsId",
        "goodsName",
        "skuId",
        "skuSn",
        "specName",
        "currency",
        "price",
        "retailPrice",
        "listPrice",
        "stock",
        "skuShowSubStatus4VO",
    }
)


def map_product(payload: object) -> ProductRecord | UnreadableRecord:
    """Map one product."""
    whole = Fields(payload)
    goods = whole.part("goods")
    external_id = goods.identifier("goodsId", required=True)
    if not external_id or type(payload) is not dict:
        return UnreadableRecord(payload, whole.problems[0])
    raw_status = goods.identifier("goodsShowSubStatus", required=True)
    return ProductRecord(
        external_id=external_id,
        payload=payload,
        status=GOODS_STATUSES.get(raw_status, ProductStatus.UNKNOWN),
        raw_status=raw_status,
        title=goods.text("goodsName"),
        source_created_at=goods.seconds("crtTime"),
        image_url=goods.text("thumbUrl"),
        category_external_id=goods.identifier("catId"),
        attributes=goods.unplaced(_GOODS_PLACED),
        skus=_skus(whole, goods),
        problems=bounded(whole.problems),
    )


def list_sku_ids(goods: Payload) -> list[str]:
    """List the SKUs that a row of the goods list names, each once."""
    named = [values.fields(row).get("skuId") for row in values.rows(goods.get("skuInfoList"))]
    ids = [values.identifier(value) for value in named or values.rows(goods.get("skuIdList"))]
    return [*dict.fromkeys(sku_id for sku_id in ids if sku_id)]


def _skus(whole: Fields, goods: Fields) -> tuple[SkuRecord, ...]:
    named = {row.identifier("skuId"): row for row in goods.parts("skuInfoList")}
    rows = {row.identifier("skuId", required=True): row for row in whole.parts("skus")}
    known = list_sku_ids(goods.source)
    for sku_id, row in rows.items():
        if sku_id and sku_id not in known:
            whole.problems.append(f"{row.place}skuId {sku_id} is none of the SKUs that the goods name.")
    ids = [*dict.fromkeys([*known, *rows])]
    if len(ids) == 1 and not rows:
        return (_sku_of_goods(goods, ids[0], named.get(ids[0])),)
    currency = _currency(goods)
    skus = (_sku(sku_id, rows.get(sku_id) or Fields(None), named.get(sku_id), currency) for sku_id in ids if sku_id)
    return tuple(skus)


def _sku(sku_id: str, told: Fields, named: Fields | None, currency: str) -> SkuRecord:
    """Map a row of the SKU list; what the goods name without one has neither price nor stock."""
    seller_sku = told.text("skuSn") or (named.text("skuSn") if named else "")
    return SkuRecord(
        external_id=sku_id,
        seller_sku=seller_sku,
        name=told.text("specName"),
        currency=_currency(told) or currency,
        price=_price(told),
        original_price=_list_price(told),
        stock_count=told.count("stock"),
        raw_status=told.identifier("skuShowSubStatus4VO"),
        attributes=told.unplaced(_SKU_PLACED),
    )


def _sku_of_goods(goods: Fields, sku_id: str, named: Fields | None) -> SkuRecord:
    return SkuRecord(
        external_id=sku_id,
        seller_sku=named.text("skuSn") if named else "",
        name=goods.text("specName"),
        currency=_currency(goods),
        price=_price(goods),
        original_price=_list_price(goods),
        stock_count=goods.count("quantity"),
        raw_status=goods.identifier("goodsShowSubStatus"),
    )


def _currency(told: Fields) -> str:
    return told.part("retailPrice").currency("currency") or told.currency("currency")


def _price(told: Fields) -> Decimal | None:
    """Read what a buyer pays; the row's own `price` where there is no retail price."""
    retail = told.part("retailPrice").amount("amount")
    return told.amount("price") if retail is None else retail


def _list_price(told: Fields) -> Decimal | None:
    """Read the price before reductions: zero means that there is none."""
    return told.part("listPrice").amount("amount") or None
