"""An order, its lines, its packages, and every payload that described it.

Rows are written by orders.ingest in batches; amounts are NUMERIC(18,4) beside the order's currency, times are UTC.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from backoffice.common.models import ShopScopedQuerySet, StoredPayload, SyncedModel, make_amount_field, make_text_field
from backoffice.common.money import format_money
from backoffice.common.sorting import BY_CHANGE
from orders.choices import AT_REST, TO_SHIP, OrderStatus, RecipientClarity
from shops.models import Shop


class Order(SyncedModel):
    """One order as the marketplace last described it."""

    # No index for the foreign key alone, here and below: each begins an index of several columns, and every index costs
    # whoever writes.
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="orders", db_index=False)
    external_id = models.CharField("order number", max_length=64)
    status = models.CharField(max_length=30, choices=OrderStatus.choices)
    status_rank = models.SmallIntegerField(editable=False)
    raw_status = make_text_field()
    source_created_at = models.DateTimeField("ordered at", null=True)
    source_updated_at = models.DateTimeField("changed at the marketplace", null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    total_amount = make_amount_field()
    subtotal_amount = make_amount_field()
    original_product_amount = make_amount_field()
    seller_discount_amount = make_amount_field()
    platform_discount_amount = make_amount_field()
    original_shipping_amount = make_amount_field()
    shipping_amount = make_amount_field()
    tax_amount = make_amount_field()
    other_amounts = models.JSONField(default=dict, blank=True)
    is_cod = models.BooleanField("cash on delivery", default=False)
    buyer_external_id = make_text_field()
    buyer_email = make_text_field()
    buyer_message = make_text_field()
    seller_note = make_text_field()
    payment_method = make_text_field()
    carrier_name = make_text_field()
    tracking_number = make_text_field()
    warehouse_external_id = make_text_field()
    cancel_reason = make_text_field()
    cancelled_by = make_text_field()
    paid_at = models.DateTimeField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    collected_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    ship_by_at = models.DateTimeField("ship by", null=True, blank=True)
    collect_by_at = models.DateTimeField("collect by", null=True, blank=True)
    deliver_by_at = models.DateTimeField("deliver by", null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True)

    recipient_name = make_text_field()
    recipient_phone = make_text_field()
    recipient_region_code = make_text_field()
    recipient_postal_code = make_text_field()
    recipient_full_address = make_text_field()
    recipient_details = models.JSONField(default=dict, blank=True)
    recipient_clarity = models.SmallIntegerField(choices=RecipientClarity.choices, default=RecipientClarity.ABSENT)

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="order_identity"),
            models.CheckConstraint(condition=~models.Q(external_id=""), name="order_has_external_id"),
        ]
        indexes = [
            # With the status, so that the orders of one shop in one status are counted without reading them.
            models.Index("shop", *BY_CHANGE, include=["status"], name="order_shop_updated"),
            models.Index(fields=["shop", "-source_created_at", "-id"], include=["status"], name="order_shop_created"),
            models.Index(*BY_CHANGE, name="order_updated"),
            models.Index(fields=["synced_at", "id"], name="order_synced"),
            models.Index(fields=["external_id"], name="order_external_id", opclasses=["varchar_pattern_ops"]),
            models.Index(
                fields=["tracking_number"],
                condition=~Q(tracking_number=""),
                opclasses=["text_pattern_ops"],
                name="order_tracking_number",
            ),
            models.Index("status", *BY_CHANGE, name="order_status_updated"),
            models.Index(fields=["-source_created_at", "-id"], name="order_created"),
            # Small: what will change again. Who asks the API for it would else pass all that is at rest.
            models.Index(fields=["synced_at", "id"], condition=~Q(status__in=AT_REST), name="order_not_at_rest"),
            # Small: only what still has to be handed over.
            models.Index(fields=["ship_by_at", "shop"], condition=Q(status__in=TO_SHIP), name="order_to_ship"),
            models.Index(*BY_CHANGE, condition=Q(is_valid=False), name="order_invalid"),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def total(self) -> str:
        """The total for people, with the currency's digits."""
        return format_money(self.total_amount, self.currency)


class OrderLine(models.Model):
    """One line of an order. Keeps its own names and prices, so that a product deleted later changes nothing."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    external_id = models.CharField("line id", max_length=64)
    sku_external_id = make_text_field()
    product_external_id = make_text_field()
    seller_sku = make_text_field()
    product_name = make_text_field()
    sku_name = make_text_field()
    image_url = make_text_field()
    quantity = models.PositiveIntegerField(default=1)
    currency = models.CharField(max_length=3, blank=True, default="")
    original_price = make_amount_field()
    price = make_amount_field()
    seller_discount_amount = make_amount_field()
    platform_discount_amount = make_amount_field()
    tax_amount = make_amount_field()
    raw_status = make_text_field()
    is_gift = models.BooleanField(default=False)
    attributes = models.JSONField(default=dict, blank=True)

    shop_path = "order__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "external_id"], name="order_line_identity")]
        indexes = [
            models.Index(fields=["seller_sku", "order"], condition=~Q(seller_sku=""), name="order_line_seller_sku"),
            models.Index(fields=["sku_external_id", "order"], condition=~Q(sku_external_id=""), name="order_line_sku"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.seller_sku or self.sku_external_id}"


class Package(models.Model):
    """One parcel of an order, and which lines are in it: [{"line": line id, "quantity": n}, ...]."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="packages", db_index=False)
    external_id = models.CharField("package number", max_length=64)
    raw_status = make_text_field()
    tracking_number = make_text_field()
    carrier_name = make_text_field()
    carrier_external_id = make_text_field()
    contents = models.JSONField(default=list, blank=True)

    shop_path = "order__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "external_id"], name="package_identity")]
        indexes = [
            models.Index(
                fields=["tracking_number"],
                condition=~Q(tracking_number=""),
                opclasses=["text_pattern_ops"],
                name="package_tracking_number",
            )
        ]

    def __str__(self) -> str:
        return self.external_id


class OrderPayload(StoredPayload):
    """A payload that described an order."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="payloads")

    shop_path = "order__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta(StoredPayload.Meta):
        # Tiny, and costs writers next to nothing: old payloads are found by it when their time is over.
        indexes = [BrinIndex(fields=["received_at"], name="order_payload_received")]
