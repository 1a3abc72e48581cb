"""Product records into rows."""

from collections.abc import Iterable

from backoffice.common.ingest import Ingested, Origin, ingest, make_plain_children, make_plain_shape
from orders.models import Product, ProductPayload, Sku
from shops.marketplaces.records import ProductRecord

PRODUCT_SHAPE = make_plain_shape(
    Product,
    ProductPayload,
    "product_id",
    words=("status",),
    plain=(
        "raw_status", "title", "source_created_at", "source_updated_at", "image_url", "category_external_id",
        "brand_name",
    ),
    objects=("attributes",),
    children=(
        make_plain_children(
            Sku,
            "product_id",
            lambda record: record.skus,
            plain=("seller_sku", "name", "currency", "price", "original_price", "stock_count", "raw_status"),
            objects=("attributes",),
        ),
    ),
)  # fmt: skip


def ingest_products(shop_id: int, records: Iterable[ProductRecord], origin: Origin) -> Ingested:
    """Write one batch of products with variants and payloads inside the caller's transaction."""
    return ingest(PRODUCT_SHAPE, shop_id, records, origin)[0]
