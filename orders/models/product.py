"""A product of a shop, its variants, and every payload that described it."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from backoffice.common.models import (
    ShopScopedQuerySet,
    StoredPayload,
    SyncedModel,
    make_amount_field,
    make_text_field,
)
from backoffice.common.money import format_money
from backoffice.common.sorting import BY_CHANGE
from orders.choices import ProductStatus
from shops.models import Shop


class Product(SyncedModel):
    """One product as the marketplace last described it."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="products", db_index=False)
    external_id = models.CharField("product number", max_length=64)
    status = models.CharField(max_length=30, choices=ProductStatus.choices)
    raw_status = make_text_field()
    title = make_text_field()
    source_created_at = models.DateTimeField("created at the marketplace", null=True)
    source_updated_at = models.DateTimeField("changed at the marketplace", null=True)
    image_url = make_text_field()
    category_external_id = make_text_field()
    brand_name = make_text_field()
    attributes = models.JSONField(default=dict, blank=True)

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="product_identity"),
            models.CheckConstraint(condition=~Q(external_id=""), name="product_has_external_id"),
        ]
        indexes = [
            models.Index("shop", *BY_CHANGE, include=["status"], name="product_shop_updated"),
            models.Index(*BY_CHANGE, name="product_updated"),
            models.Index(fields=["synced_at", "id"], name="product_synced"),
            models.Index(fields=["external_id"], name="product_external_id", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["shop", "raw_status"], condition=Q(status="unknown"), name="product_unknown"),
            models.Index(*BY_CHANGE, condition=Q(is_valid=False), name="product_invalid"),
        ]

    def __str__(self) -> str:
        return self.title or self.external_id


class Sku(models.Model):
    """One variant of a product: what can be ordered, at what price, and how many there are."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="skus", db_index=False)
    external_id = models.CharField("SKU number", max_length=64)
    seller_sku = make_text_field()
    name = make_text_field()
    currency = models.CharField(max_length=3, blank=True, default="")
    price = make_amount_field()
    original_price = make_amount_field()
    stock_count = models.IntegerField("stock", null=True, blank=True)
    raw_status = make_text_field()
    attributes = models.JSONField(default=dict, blank=True)

    shop_path = "product__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "external_id"], name="sku_identity")]
        indexes = [
            models.Index(fields=["external_id"], name="sku_external_id", opclasses=["varchar_pattern_ops"]),
            models.Index(
                fields=["seller_sku"],
                condition=~Q(seller_sku=""),
                opclasses=["text_pattern_ops"],
                name="sku_seller_sku",
            ),
        ]
        verbose_name = "SKU"

    def __str__(self) -> str:
        return self.seller_sku or self.external_id

    @property
    def shown_price(self) -> str:
        """The price for people, with the currency's digits."""
        return format_money(self.price, self.currency)


class ProductPayload(StoredPayload):
    """A payload that described a product."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="payloads")

    shop_path = "product__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta(StoredPayload.Meta):
        indexes = [BrinIndex(fields=["received_at"], name="product_payload_received")]
