"""Movements of a seller's money, the statements they stand on, and every payload that described them."""

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
from orders.choices import TransactionKind
from orders.models.order import Order
from shops.models import Shop


class Transaction(SyncedModel):
    """One movement of money. `amount` is its effect on the balance: credits positive, charges negative.

    `fees` splits it by the marketplace's names, as exact signed decimal text. `order` is found by its number, now or
    later; until then the transaction is unmatched.
    """

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="transactions", db_index=False)
    external_id = models.CharField("transaction number", max_length=128)
    kind = models.CharField(max_length=30, choices=TransactionKind.choices)
    raw_kind = make_text_field()
    raw_status = make_text_field()
    order_external_id = models.CharField("order number", max_length=64, blank=True, default="")
    statement_external_id = models.CharField("statement number", max_length=64, blank=True, default="")
    currency = models.CharField(max_length=3, blank=True, default="")
    amount = make_amount_field()
    revenue_amount = make_amount_field()
    fee_amount = make_amount_field()
    shipping_amount = make_amount_field()
    tax_amount = make_amount_field()
    adjustment_amount = make_amount_field()
    description = make_text_field()
    source_updated_at = models.DateTimeField("moved at", null=True)
    fees = models.JSONField(default=dict, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    # Written by whoever matches, never by the sync: see orders.services.matching.
    order = models.ForeignKey(
        Order, on_delete=models.SET_NULL, related_name="transactions", null=True, blank=True, db_index=False
    )

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="transaction_identity"),
            models.CheckConstraint(condition=~Q(external_id=""), name="transaction_has_external_id"),
        ]
        indexes = [
            models.Index("shop", *BY_CHANGE, include=["kind"], name="transaction_shop_moved"),
            models.Index(*BY_CHANGE, name="transaction_moved"),
            models.Index(fields=["synced_at", "id"], name="transaction_synced"),
            models.Index(fields=["external_id"], name="transaction_external_id", opclasses=["varchar_pattern_ops"]),
            models.Index(
                fields=["order_external_id", "shop"],
                condition=~Q(order_external_id=""),
                name="transaction_order_number",
            ),
            models.Index(
                fields=["shop", "statement_external_id"],
                condition=~Q(statement_external_id=""),
                name="transaction_statement",
            ),
            # Small: what only names the period of a statement that is not here.
            models.Index(
                fields=["shop"],
                condition=Q(statement_external_id="", attributes__has_key="statement_period_ends_on"),
                name="transaction_without_statement",
            ),
            models.Index(fields=["order"], condition=Q(order__isnull=False), name="transaction_order"),
            # Small: what names an order that is not here.
            models.Index(
                fields=["shop", "order_external_id"],
                condition=Q(order__isnull=True) & ~Q(order_external_id=""),
                name="transaction_unmatched",
            ),
            models.Index(fields=["shop", "raw_kind"], condition=Q(kind="unknown"), name="transaction_unknown"),
            # Small: all but what orders earned, what belongs to no order, and what could not be read.
            models.Index(
                "kind",
                *BY_CHANGE,
                condition=~Q(kind="settlement"),
                name="transaction_other_kind",
            ),
            models.Index(
                *BY_CHANGE,
                condition=Q(order__isnull=True, order_external_id=""),
                name="transaction_of_no_order",
            ),
            models.Index(*BY_CHANGE, condition=Q(is_valid=False), name="transaction_invalid"),
        ]

    def __str__(self) -> str:
        return f"{self.raw_kind or self.kind} {self.external_id}"

    @property
    def shown_amount(self) -> str:
        """The amount for people, with the currency's digits."""
        return format_money(self.amount, self.currency)


class Statement(SyncedModel):
    """What a marketplace pays for a span of time; its transactions name it by its number."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="statements", db_index=False)
    external_id = models.CharField("statement number", max_length=64)
    raw_status = make_text_field()
    is_paid = models.BooleanField("paid", null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    amount = make_amount_field()
    revenue_amount = make_amount_field()
    fee_amount = make_amount_field()
    shipping_amount = make_amount_field()
    adjustment_amount = make_amount_field()
    period_start_at = models.DateTimeField("from", null=True, blank=True)
    period_end_at = models.DateTimeField("to", null=True, blank=True)
    source_updated_at = models.DateTimeField("drawn up at", null=True)
    attributes = models.JSONField(default=dict, blank=True)

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="statement_identity"),
            models.CheckConstraint(condition=~Q(external_id=""), name="statement_has_external_id"),
        ]
        indexes = [
            models.Index("shop", *BY_CHANGE, name="statement_shop_drawn"),
            models.Index(*BY_CHANGE, name="statement_drawn"),
            models.Index(fields=["synced_at", "id"], name="statement_synced"),
            models.Index(fields=["external_id"], name="statement_external_id", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def shown_amount(self) -> str:
        """The amount for people, with the currency's digits."""
        return format_money(self.amount, self.currency)


class TransactionPayload(StoredPayload):
    """A payload that described a transaction."""

    transaction = models.ForeignKey(Transaction, on_delete=models.CASCADE, related_name="payloads")

    shop_path = "transaction__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta(StoredPayload.Meta):
        indexes = [BrinIndex(fields=["received_at"], name="transaction_payload_received")]


class StatementPayload(StoredPayload):
    """A payload that described a statement."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="payloads")

    shop_path = "statement__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta(StoredPayload.Meta):
        indexes = [BrinIndex(fields=["received_at"], name="statement_payload_received")]
