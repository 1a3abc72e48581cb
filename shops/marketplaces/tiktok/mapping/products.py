"""Turns a TikTok Shop product into a ProductRecord. Pure, and it never raises, whatever the payload holds.

The payload is {"listed": a row of the search, "product": the detail}; one of the two may be missing. Times are Unix
seconds, prices decimal text for one piece. What has no field of its own is kept in `attributes` under TikTok's name.
"""

from collections.abc import Mapping

from shops.marketplaces import values
from shops.marketplaces.reading import Fields, bounded, identified
from shops.marketplaces.records import ProductRecord, ProductStatus, SkuRecord, UnreadableRecord

STATUSES: Mapping[str, ProductStatus] = {
    "ACTIVATE": ProductStatus.ACTIVE,
    "SELLER_DEACTIVATED": ProductStatus.INACTIVE,
    "DRAFT": ProductStatus.DRAFT,
    "PENDING": ProductStatus.UNDER_REVIEW,
    "FAILED": ProductStatus.REJECTED,
    "PLATFORM_DEACTIVATED": ProductStatus.BANNED,
    "FREEZE": ProductStatus.BANNED,
    "DELETED": ProductStatus.DELETED,
}
_WITHOUT_SKUS = frozenset({"DRAFT", "DELETED"})  # may not have any yet, or any more
# A description is long and never searched for: it stays in the payload.
_PLACED = frozenset({"id", "title", "status", "create_time", "update_time", "brand", "skus", "description"})
_SKU_PLACED = frozenset({"id", "seller_sku", "price", "inventory", "status_info", "sales_attributes"})


def map_product(payload: object) -> ProductRecord | UnreadableRecord:
    """Map one product: from its detail where there is one, else from its row in the search."""
    whole = values.fields(payload)
    told = whole["product"] if "product" in whole else whole.get("listed")
    problems: list[str] = []
    product = Fields(told, problems=problems)
    external_id = values.identifier(product.source.get("id"))
    if external_id is None:
        return UnreadableRecord(payload, "The product has no id that can be read.")
    listed = values.fields(whole.get("listed"))
    raw_status = product.text("status", required=True)
    attributes = {name: value for name, value in listed.items() if name not in product.source and value}
    return ProductRecord(
        external_id=external_id,
        payload=whole,
        status=STATUSES.get(raw_status, ProductStatus.UNKNOWN),
        raw_status=raw_status,
        title=product.text("title", required=True),
        source_created_at=product.seconds("create_time"),
        source_updated_at=product.seconds("update_time", required=True),
        image_url=_first_image(product),
        category_external_id=_leaf_category(product),
        brand_name=product.part("brand").text("name"),
        attributes=attributes | product.unplaced(_PLACED),
        skus=_skus_of(product, is_required=raw_status not in _WITHOUT_SKUS),
        problems=bounded(problems),
    )


def _first_image(product: Fields) -> str:
    for image in product.parts("main_images"):
        for address in image.rows("urls"):
            read = values.text(address)
            if read is None:
                image.complain(f"{image.place}urls[0]", address, "text")
            return read or ""
        return ""
    return ""


def _leaf_category(product: Fields) -> str:
    """Read the last link of the chain from the top category down; earlier ones only say where it belongs."""
    leaf = ""
    for category in product.parts("category_chains"):
        category_id = category.identifier("id")
        leaf = category_id if category.flag("is_leaf") else leaf
    return leaf


def _skus_of(product: Fields, *, is_required: bool) -> tuple[SkuRecord, ...]:
    """Read the variants. A product on sale has some: without a list of them it is no whole answer."""
    skus = identified(product.parts("skus", required=is_required), "id", "variant")
    return tuple([_sku_of(sku, sku_id) for sku_id, sku in skus])


def _sku_of(sku: Fields, sku_id: str) -> SkuRecord:
    price = sku.part("price")
    # Shops that sell across a border are told what the buyer pays beside the price without tax; others only the
    # latter, which is what they set.
    buyers_price = price.amount("sale_price")
    is_told = price.source.get("sale_price") not in (None, "")
    stocks = [stock.count("quantity", required=True) for stock in sku.parts("inventory")]
    counted = [stock for stock in stocks if stock is not None]
    attributes = sku.unplaced(_SKU_PLACED)
    for name in ("price", "inventory", "sales_attributes"):  # told in more detail than our fields hold
        if kept := sku.source.get(name):
            attributes[name] = kept
    return SkuRecord(
        external_id=sku_id,
        seller_sku=sku.text("seller_sku"),
        name=_name_of(sku),
        currency=price.currency("currency"),
        price=buyers_price if is_told else price.amount("tax_exclusive_price"),
        stock_count=sum(counted) if counted and len(counted) == len(stocks) else None,
        raw_status=sku.part("status_info").text("status"),
        attributes=attributes,
    )


def _name_of(sku: Fields) -> str:
    """Join the values that tell a variant from the others, as the order's lines do: "Black, M"."""
    told = ", ".join(filter(None, [one.text("value_name") for one in sku.parts("sales_attributes")]))
    return values.text(told) or ""
