"""What a case brings about: a refund, goods that come back, goods that go out once more; and where and by whom.

Goods and money are two tracks: neither is ever derived from the other. Cases that a marketplace decides on have no such
rows: what became of their goods and money stands in their return.
"""

from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import uuid4

from django.db import models
from django.db.models import Q

from aftersales.choices import ExchangeState, RefundState, ReturnState
from aftersales.models.case import Case
from backoffice.common.models import ShopScopedQuerySet, TimestampedModel, make_amount_field, make_text_field
from backoffice.common.money import format_money
from shops.models import Shop

MOST_REFUND_RETRIES = 3
GIVEN_UP = (ReturnState.CANCELLED, ReturnState.REJECTED)  # such a record counts no more: another may follow it
RecordT = TypeVar("RecordT", bound="ChildRecord")


class Carrier(TimestampedModel):
    """Who carries goods, to a buyer or back. `{number}` in the link stands for the tracking number."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    tracking_link = models.CharField(
        max_length=300, blank=True, default="", help_text="Where a parcel is shown, with {number} for its number."
    )
    is_active = models.BooleanField("active", default=True)
    position = models.PositiveSmallIntegerField(default=100, help_text="Lower ones are offered first.")

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class ReturnAddress(TimestampedModel):
    """Where buyers send goods of a shop."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="return_addresses")
    contact_name = models.CharField(max_length=100)
    phone = models.CharField(max_length=40)
    region = models.CharField(max_length=100, blank=True, default="")
    address = models.CharField(max_length=300)
    opening_hours = models.CharField(max_length=100, blank=True, default="")
    instructions = models.TextField(max_length=500, blank=True, default="")
    is_active = models.BooleanField("active", default=True)
    is_default = models.BooleanField("default", default=False)

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "return addresses"
        constraints = [
            models.UniqueConstraint(fields=["shop"], condition=Q(is_default=True), name="one_default_return_address"),
            models.CheckConstraint(condition=Q(is_default=False) | Q(is_active=True), name="default_address_is_active"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_name}, {self.address}"


class ChildRecord(models.Model):
    """What the three have in common: the shop is the case's, for scope and lists.

    Carriers and addresses are not indexed: nothing is looked for by them, and one is hardly ever removed.
    """

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=70, unique=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    state: Any  # each kind has words of its own

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number


def find_live(records: Iterable[RecordT]) -> RecordT | None:
    """Find the record that counts among those of one kind of a case: all others were given up."""
    return next((record for record in records if record.state not in GIVEN_UP), None)


class Refund(ChildRecord):
    """Money that goes back to a buyer. The payment itself is made by another system, which tells how it ended.

    One that is PROCESSING has been sent and is not answered: it blocks another try until its end is known.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="refunds")
    state = models.CharField(max_length=20, choices=RefundState.choices, default=RefundState.PENDING)
    amount = make_amount_field()
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=60, blank=True, default="")
    original_transaction = models.CharField(max_length=100, blank=True, default="")
    refund_transaction = models.CharField(max_length=100, blank=True, default="")
    failure_reason = make_text_field()
    provider_response = models.JSONField(default=dict, blank=True)
    retry_count = models.PositiveSmallIntegerField(default=0)
    idempotency_key = models.UUIDField(default=uuid4, editable=False, unique=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "order_aftersales_refund"
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=~Q(state=RefundState.CANCELLED), name="one_refund_of_a_case"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="refund_not_negative"),
            models.CheckConstraint(condition=Q(retry_count__lte=MOST_REFUND_RETRIES), name="refund_retries"),
        ]
        indexes = [models.Index(fields=["shop", "-created_at", "-id"], name="refund_shop_created"),
                   models.Index(fields=["-created_at", "-id"], name="refund_created"),
                   models.Index(fields=["state", "-created_at", "-id"], name="refund_state_created")]  # fmt: skip

    @property
    def shown_amount(self) -> str:
        """The amount for people, with the currency's digits."""
        return format_money(self.amount, self.currency)

    @property
    def has_failed_for_good(self) -> bool:
        """Whether it has failed as often as it may be sent."""
        return self.state == RefundState.FAILED and self.retry_count >= MOST_REFUND_RETRIES


class ReturnParcel(ChildRecord):
    """Goods that come back."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="return_parcels")
    state = models.CharField(max_length=20, choices=ReturnState.choices, default=ReturnState.PENDING)
    carrier = models.ForeignKey(Carrier, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    tracking_number = models.CharField(max_length=50, blank=True, default="")
    return_address = models.ForeignKey(
        ReturnAddress, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    tracking_events = models.JSONField(default=list, blank=True)
    rejection_reason = make_text_field()
    images = models.JSONField(default=list, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    inspected_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "order_aftersales_return"
        verbose_name = "goods coming back"
        verbose_name_plural = "goods coming back"
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=~Q(state__in=(ReturnState.CANCELLED, ReturnState.REJECTED)),
                name="one_return_of_a_case",
            )
        ]
        indexes = [models.Index(fields=["shop", "-created_at", "-id"], name="parcel_shop_created"),
                   models.Index(fields=["-created_at", "-id"], name="parcel_created"),
                   models.Index(fields=["tracking_number"], condition=~Q(tracking_number=""),
                                name="parcel_tracking_number")]  # fmt: skip


class Exchange(ChildRecord):
    """Goods that go out once more. Items are [{"seller_sku": ..., "sku": ..., "quantity": n}, ...]."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="exchanges")
    state = models.CharField(max_length=20, choices=ExchangeState.choices, default=ExchangeState.PENDING)
    old_items = models.JSONField(default=list, blank=True)
    new_items = models.JSONField(default=list, blank=True)
    price_difference = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    return_carrier = models.ForeignKey(Carrier, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    return_tracking_number = models.CharField(max_length=50, blank=True, default="")
    carrier = models.ForeignKey(Carrier, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    tracking_number = models.CharField(max_length=50, blank=True, default="")
    delivery_address = models.JSONField(default=dict, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "order_aftersales_exchange"
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=~Q(state__in=(ExchangeState.CANCELLED, ExchangeState.REJECTED)),
                name="one_exchange_of_a_case",
            )
        ]
        indexes = [models.Index(fields=["shop", "-created_at", "-id"], name="exchange_shop_created"),
                   models.Index(fields=["-created_at", "-id"], name="exchange_created"),
                   models.Index(fields=["tracking_number"], condition=~Q(tracking_number=""),
                                name="exchange_tracking_number")]  # fmt: skip
