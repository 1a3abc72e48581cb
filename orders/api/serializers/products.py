"""Products and their SKUs as the API shows them."""

from rest_framework import serializers

from backoffice.common.api.values import RowSerializer
from orders.models import Product, Sku

SKU_FIELDS = (
    "id", "external_id", "seller_sku", "name", "currency", "price", "original_price", "stock_count", "raw_status",
)  # fmt: skip


class SkuSerializer(RowSerializer):
    """What can be ordered of a product, at what price, and how many there are."""

    stock_count = serializers.IntegerField(allow_null=True, read_only=True, help_text="Null where it is not told")

    class Meta:
        model = Sku
        fields: tuple[str, ...] = SKU_FIELDS
        read_only_fields = fields


class ListedSkuSerializer(SkuSerializer):
    """One SKU by itself, and whose it is."""

    shop = serializers.IntegerField(source="product.shop_id", read_only=True, help_text="Our id of the shop")
    product = serializers.IntegerField(source="product_id", read_only=True, help_text="Our id of the product")
    product_external_id = serializers.CharField(source="product.external_id", read_only=True)

    class Meta(SkuSerializer.Meta):
        fields = ("shop", "product", "product_external_id", *SKU_FIELDS)
        read_only_fields = fields


class ProductSerializer(RowSerializer):
    """One product as the marketplace last described it."""

    shop = serializers.IntegerField(source="shop_id", help_text="Our id of the shop")
    skus = SkuSerializer(many=True, read_only=True)

    class Meta:
        model = Product
        fields = (
            "id", "shop", "external_id", "status", "raw_status", "title", "brand_name", "category_external_id",
            "image_url", "source_created_at", "source_updated_at", "synced_at", "is_valid", "skus",
        )  # fmt: skip
        read_only_fields = fields
