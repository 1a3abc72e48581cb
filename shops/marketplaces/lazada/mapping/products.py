"""Turns Lazada's product into a ProductRecord. Pure, and it never raises, whatever the payload holds.

Times of a product are Unix milliseconds, mostly as text. Prices are in major units of the country's currency, which
no payload names.
"""

from decimal import Decimal

from shops.marketplaces import values
from shops.marketplaces.lazada.mapping.countries import NO_COUNTRY, find_country
from shops.marketplaces.lazada.mapping.statuses import PRODUCT_STATUSES
from shops.marketplaces.reading import Fields, bounded, identified
from shops.marketplaces.records import ProductRecord, ProductStatus, SkuRecord, UnreadableRecord

_PRODUCT_PLACED = frozenset(
    {"item_id", "primary_category", "status", "created_time", "updated_time", "images", "attributes", "skus"}
)
_SKU_PLACED = frozenset({"SkuId", "SellerSku", "Status", "Available", "price", "special_price"})


def map_product(payload: object, region: str) -> ProductRecord | UnreadableRecord:
    """Map one product of the list; `region` is the shop's."""
    product = Fields(payload)
    external_id = values.identifier(product.source.get("item_id"))
    if external_id is None:
        return UnreadableRecord(payload, f"item_id is {values.shown(product.source.get('item_id'))} instead of an id.")
    country = find_country(region)
    if country is None:
        product.problems.append(f"{NO_COUNTRY}: the currency cannot be told.")
    texts = product.part("attributes")
    raw_status = product.text("status", required=True)
    return ProductRecord(
        external_id=external_id,
        payload=product.source,
        status=PRODUCT_STATUSES.get(raw_status.lower(), ProductStatus.UNKNOWN),
        raw_status=raw_status,
        title=texts.text("name"),
        source_created_at=product.milliseconds("created_time"),
        source_updated_at=product.milliseconds("updated_time", required=True),
        image_url=_first_image(product),
        category_external_id=product.identifier("primary_category"),
        brand_name=texts.text("brand"),
        attributes={**product.unplaced(_PRODUCT_PLACED), **_other_texts(texts)},
        skus=_read_skus(product, country.currency if country else ""),
        problems=bounded(product.problems),
    )


def _other_texts(texts: Fields) -> dict[str, object]:
    rest = texts.unplaced(frozenset({"name", "brand"}))
    return {"attributes": rest} if rest else {}


def _first_image(product: Fields) -> str:
    images = product.rows("images")
    image = values.text(images[0]) if images else ""
    if image is None:
        product.complain("images[0]", images[0], "text")
    return image or ""


def _read_skus(product: Fields, currency: str) -> tuple[SkuRecord, ...]:
    skus = identified(product.parts("skus", required=True), "SkuId", "SKU")
    return tuple([_read_sku(row, sku_id, currency) for sku_id, row in skus])


def _read_sku(row: Fields, sku_id: str, currency: str) -> SkuRecord:
    """Read one SKU. A special price of more than zero is the price; the period that it is for stays in attributes.

    Whether that period is now is not asked: it has no zone, and the same payload is mapped alike at any time.
    """
    regular, special = row.amount("price"), row.amount("special_price")
    return SkuRecord(
        external_id=sku_id,
        seller_sku=row.text("SellerSku"),
        currency=currency,
        price=_price(row, regular, special),
        original_price=regular,
        stock_count=row.count("Available"),
        raw_status=row.text("Status"),
        attributes=row.unplaced(_SKU_PLACED),
    )


def _price(row: Fields, regular: Decimal | None, special: Decimal | None) -> Decimal | None:
    if special is None and row.source.get("special_price") not in (None, ""):
        return None  # there is one, but it cannot be read
    return special if special is not None and special > 0 else regular
