"""Product records into rows."""

from collections.abc import Iterable

from backoffice.common.ingest import (
    Children,
    Ingested,
    Origin,
    Shape,
    ingest,
    make_child_target,
    make_plain_child,
    make_plain_row,
    make_target,
)
from orders.models import Product, ProductPayload, Sku
from shops.marketplaces.records import ProductRecord

_PLAIN = (
    "raw_status", "title", "source_created_at", "source_updated_at", "image_url", "category_external_id", "brand_name",
)  # fmt: skip
_SKU = ("seller_sku", "name", "currency", "price", "original_price", "stock_count", "raw_status")

PRODUCT_SHAPE = Shape(
    target=make_target(Product, ("status", *_PLAIN, "attributes")),
    make_row=make_plain_row(("status",), _PLAIN, (), ("attributes",)),
    payload_model=ProductPayload,
    parent_column="product_id",
    children=(
        Children(
            make_child_target(Sku, "product_id", (*_SKU, "attributes")),
            lambda record: record.skus,
            make_plain_child(_SKU, ("attributes",)),
        ),
    ),
)


def ingest_products(shop_id: int, records: Iterable[ProductRecord], origin: Origin) -> Ingested:
    """Write one batch of products with variants and payloads inside the caller's transaction."""
    return ingest(PRODUCT_SHAPE, shop_id, records, origin)[0]
