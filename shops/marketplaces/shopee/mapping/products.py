"""Turns what Shopee says of an article into a ProductRecord. Pure, and it never raises, whatever the payload holds.

The payload is {"item": base info, "models": the answer with its variants}, the latter only where the article has any.
Times are Unix seconds, prices major units of the currency beside them, stock is in pieces.
"""

from collections.abc import Mapping

from shops.marketplaces import values
from shops.marketplaces.reading import Fields, bounded, identified
from shops.marketplaces.records import ProductRecord, ProductStatus, SkuRecord, UnreadableRecord
from shops.marketplaces.shopee.mapping.ids import unreadable, variant_id

STATUSES: Mapping[str, ProductStatus] = {
    "NORMAL": ProductStatus.ACTIVE,
    "UNLIST": ProductStatus.INACTIVE,
    "BANNED": ProductStatus.BANNED,
    "REVIEWING": ProductStatus.UNDER_REVIEW,
    "SELLER_DELETE": ProductStatus.DELETED,
    "SHOPEE_DELETE": ProductStatus.DELETED,
}
_PLACED = frozenset(
    {
        "item_id",
        "item_status",
        "item_name",
        "create_time",
        "update_time",
        "category_id",
        "brand",
        "price_info",
        "stock_info_v2",
        "description",  # long, and in the payload
        "description_info",
    }
)
_SKU_PLACED = frozenset({"model_id", "model_sku", "model_status", "price_info", "stock_info_v2"})


def map_product(payload: object) -> ProductRecord | UnreadableRecord:
    """Map one article with its variants."""
    source = values.fields(payload).get("item")
    external_id = values.identifier(values.fields(source).get("item_id"))
    if type(payload) is not dict or external_id is None:
        return unreadable(payload, "item_id", source)
    item = Fields(source)
    raw_status = item.identifier("item_status", required=True)
    skus = _read_skus(item, payload.get("models"), external_id)
    return ProductRecord(
        external_id=external_id,
        payload=payload,
        status=STATUSES.get(raw_status, ProductStatus.UNKNOWN),
        raw_status=raw_status,
        title=item.text("item_name", required=True),
        source_created_at=item.seconds("create_time"),
        source_updated_at=item.seconds("update_time", required=True),
        image_url=_first_image(item),
        category_external_id=item.identifier("category_id"),
        brand_name=item.part("brand").text("original_brand_name"),
        attributes=item.unplaced(_PLACED),
        skus=skus,
        problems=bounded(item.problems),
    )


def _read_skus(item: Fields, answer: object, item_id: str) -> tuple[SkuRecord, ...]:
    """Read the variants; an article without any is its own single one."""
    if not item.flag("has_model") and answer is None:
        return (_read_sku(item, item_id, item.text("item_sku"), ""),)
    models = Fields(answer, "models.", item.problems)
    names = _option_names(models)
    rows = identified(models.parts("model", required=True), "model_id", "variant")
    return tuple(
        [
            _read_sku(model, variant_id(item_id, model_id), model.text("model_sku"), _name_of(model, names))
            for model_id, model in rows
        ]
    )


def _read_sku(source: Fields, external_id: str, seller_sku: str, name: str) -> SkuRecord:
    # Several prices are those of one article in several regions' currencies; the first is the shop's own.
    price = next(source.parts("price_info"), Fields(None))
    is_model = "model_id" in source.source
    return SkuRecord(
        external_id=external_id,
        seller_sku=seller_sku,
        name=name,
        currency=price.currency("currency"),
        price=price.amount("current_price"),
        original_price=price.amount("original_price"),
        stock_count=source.part("stock_info_v2").part("summary_info", "summary_info.").count("total_available_stock"),
        raw_status=source.text("model_status"),
        attributes=source.unplaced(_SKU_PLACED) if is_model else {},
    )


def _option_names(models: Fields) -> list[list[str]]:
    """Read the words of each tier of variation, in their order."""
    return [[option.text("option") for option in tier.parts("option_list")] for tier in models.parts("tier_variation")]


def _name_of(model: Fields, names: list[list[str]]) -> str:
    """Put a variant's name together from the options that it points at."""
    words = []
    for tier, index in zip(names, model.rows("tier_index"), strict=False):
        place = values.number(index)
        if place is None or not 0 <= place < len(tier):
            model.problems.append(f"{model.place}tier_index is {values.shown(index)}, which is no option.")
        else:
            words.append(tier[place])
    return ", ".join(word for word in words if word)


def _first_image(item: Fields) -> str:
    listed = item.part("image").rows("image_url_list")
    first = values.text(listed[0]) if listed else ""
    if first is None:
        item.complain("image.image_url_list[0]", listed[0], "text")
    return first or ""
