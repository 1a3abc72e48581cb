"""Returns, refunds and cancellations as the marketplaces describe them, and every payload that did."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from aftersales.choices import Custody, MoneyState, ReturnKind, ReturnStatus
from backoffice.common.models import (
    ShopScopedQuerySet,
    StoredPayload,
    SyncedModel,
    make_amount_field,
    make_text_field,
)
from backoffice.common.money import format_money
from backoffice.common.sorting import BY_CHANGE
from shops.models import Shop


class SyncedReturn(SyncedModel):
    """One return, refund or cancellation: how far the request is, what became of the money, and who has the goods.

    It names its order by number, and may be here before the order is.
    """

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="returns", db_index=False)
    external_id = models.CharField("return number", max_length=64)
    kind = models.CharField(max_length=30, choices=ReturnKind.choices)
    status = models.CharField(max_length=30, choices=ReturnStatus.choices)
    money_state = models.CharField("money", max_length=30, choices=MoneyState.choices)
    custody = models.CharField("goods", max_length=30, choices=Custody.choices)
    raw_kind = make_text_field()
    raw_status = make_text_field()
    raw_logistics_status = make_text_field()
    order_external_id = models.CharField("order number", max_length=64, blank=True, default="")
    currency = models.CharField(max_length=3, blank=True, default="")
    refund_amount = make_amount_field()
    tracking_number = make_text_field()
    carrier_name = make_text_field()
    reason_code = make_text_field()
    reason_text = make_text_field()
    buyer_message = make_text_field()
    opened_by = make_text_field()
    requested_action = make_text_field()
    respond_by_at = models.DateTimeField("answer by", null=True, blank=True)
    source_created_at = models.DateTimeField("requested at", null=True)
    source_updated_at = models.DateTimeField("changed at the marketplace", null=True)
    attributes = models.JSONField(default=dict, blank=True)

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "return"
        constraints = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="synced_return_identity"),
            models.CheckConstraint(condition=~Q(external_id=""), name="synced_return_has_external_id"),
        ]
        indexes = [
            models.Index("shop", *BY_CHANGE, include=["status"], name="return_shop_updated"),
            models.Index(*BY_CHANGE, name="return_updated"),
            models.Index(fields=["synced_at", "id"], name="return_synced"),
            models.Index(fields=["external_id"], name="return_external_id", opclasses=["varchar_pattern_ops"]),
            models.Index(
                fields=["order_external_id", "shop"], condition=~Q(order_external_id=""), name="return_order_number"
            ),
            models.Index(fields=["tracking_number"], condition=~Q(tracking_number=""), name="return_tracking_number"),
            # Small: what still waits for an answer.
            models.Index(fields=["respond_by_at", "shop"], condition=Q(status="requested"), name="return_to_answer"),
            models.Index(fields=["shop", "raw_status"], condition=Q(status="unknown"), name="return_unknown"),
            models.Index(*BY_CHANGE, condition=Q(is_valid=False), name="return_invalid"),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def shown_refund(self) -> str:
        """The refund for people, with the currency's digits."""
        return format_money(self.refund_amount, self.currency)


class SyncedReturnLine(models.Model):
    """One line of a return. Keeps its own names, so that an order or product that is not here changes nothing."""

    synced_return = models.ForeignKey(SyncedReturn, on_delete=models.CASCADE, related_name="lines", db_index=False)
    external_id = models.CharField("line id", max_length=64)
    order_line_external_id = models.CharField("order line", max_length=64, blank=True, default="")
    sku_external_id = make_text_field()
    product_external_id = make_text_field()
    seller_sku = make_text_field()
    product_name = make_text_field()
    quantity = models.PositiveIntegerField(default=1)
    refund_amount = make_amount_field()
    raw_status = make_text_field()
    attributes = models.JSONField(default=dict, blank=True)

    shop_path = "synced_return__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["synced_return", "external_id"], name="synced_return_line_identity")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.seller_sku or self.sku_external_id}"


class ReturnPayload(StoredPayload):
    """A payload that described a return."""

    synced_return = models.ForeignKey(SyncedReturn, on_delete=models.CASCADE, related_name="payloads")

    shop_path = "synced_return__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta(StoredPayload.Meta):
        indexes = [BrinIndex(fields=["received_at"], name="return_payload_received")]
