"""What the API's document shows as examples of products and SKUs."""

from drf_spectacular.utils import OpenApiExample

SKU_VALUE = {
    "id": 7, "external_id": "1729592969712207000", "seller_sku": "AT-DEN-M", "name": "Đen, M", "currency": "VND",
    "price": "146667", "original_price": "172000", "stock_count": 41, "raw_status": "",
}  # fmt: skip
PRODUCT = OpenApiExample(
    "A product",
    response_only=True,
    value={
        "id": 5, "shop": 1, "external_id": "1729592969712203000", "status": "active", "raw_status": "ACTIVATE",
        "title": "Áo thun", "brand_name": "", "category_external_id": "600001", "image_url": "",
        "source_created_at": "2026-05-01T07:00:00Z", "source_updated_at": "2026-08-01T08:00:00Z",
        "synced_at": "2026-08-01T08:05:02.123456Z", "is_valid": True, "skus": [SKU_VALUE],
    },
)  # fmt: skip
SKU = OpenApiExample(
    "A SKU",
    response_only=True,
    value={"shop": 1, "product": 5, "product_external_id": "1729592969712203000", **SKU_VALUE},
)
