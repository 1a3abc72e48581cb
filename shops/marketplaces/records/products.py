"""A product as every connector delivers it, with its variants."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Any

from shops.marketplaces.records.basics import Checked, Payload, record_class
from shops.marketplaces.records.words import ProductStatus


@record_class
class SkuRecord:
    """One variant of a product. `price` is what a buyer pays for one now, in `currency`; None where it is not told."""

    external_id: str
    seller_sku: str = ""
    name: str = ""
    currency: str = ""
    price: Decimal | None = None
    original_price: Decimal | None = None
    stock_count: int | None = None  # pieces that can be sold, over all warehouses
    raw_status: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@record_class
class ProductRecord(Checked):
    """One product with its variants. `source_updated_at` is None where the marketplace tells no time of change."""

    external_id: str
    payload: Payload
    status: ProductStatus = ProductStatus.UNKNOWN
    raw_status: str = ""
    title: str = ""
    source_created_at: datetime | None = None
    source_updated_at: datetime | None = None
    image_url: str = ""
    category_external_id: str = ""
    brand_name: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    skus: tuple[SkuRecord, ...] = ()
    problems: tuple[str, ...] = ()
