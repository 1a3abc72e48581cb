"""A case: one after-sales request with its lines. Only services.moving changes a case's state.

The table is named as operators know it: `SELECT ... FROM order_aftersales WHERE auto_process_time <= NOW()`.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, GeneratedField, Q
from django.db.models.functions import Least

from aftersales.choices import CaseOriginLabel, CaseTypeLabel, Reason, StateLabel
from aftersales.models.synced_return import SyncedReturn
from aftersales.states import COUNTDOWN, STAGES, TERMINAL, CaseOrigin, CaseState, CaseType, Stage, list_permissions
from backoffice.common.models import ShopScopedQuerySet, make_amount_field, make_text_field
from backoffice.common.money import format_money
from orders.models import Order
from shops.models import Shop

DESCRIPTION_LENGTH = 500  # characters
IMAGES_AT_MOST = 9
MOST_AMENDMENTS = 3


class Case(models.Model):
    """One after-sales request.

    Amounts are in `currency`: what was asked for, and what it is now. `auto_process_time` is our own countdown,
    `marketplace_deadline_at` the marketplace's, which rules; `due_at` is the earlier of the two. A case that a
    marketplace decides on shows what its return says; `synced_return` holds the rest.
    """

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="cases", db_index=False)
    number = models.CharField("case number", max_length=64)
    origin = models.CharField(max_length=20, choices=CaseOriginLabel.choices)
    type = models.CharField(max_length=20, choices=CaseTypeLabel.choices)
    state = models.CharField(max_length=30, choices=StateLabel.choices)
    raw_status = make_text_field()
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="cases")
    order_external_id = models.CharField("order number", max_length=64, blank=True, default="")
    synced_return = models.OneToOneField(SyncedReturn, null=True, on_delete=models.PROTECT, related_name="case")
    reason = models.CharField(max_length=30, choices=Reason.choices, default=Reason.UNKNOWN)
    raw_reason_code = make_text_field()
    raw_reason_text = make_text_field()
    description = models.TextField(max_length=DESCRIPTION_LENGTH, blank=True, default="")
    images = models.JSONField(default=list, blank=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    requested_amount = make_amount_field()
    amount = make_amount_field()
    is_amount_modified = models.BooleanField(default=False)
    state_entered_at = models.DateTimeField("in this state since")
    auto_process_time = models.DateTimeField("countdown ends", null=True, blank=True)
    marketplace_deadline_at = models.DateTimeField("marketplace's deadline", null=True, blank=True)
    due_at = GeneratedField(
        expression=Least("auto_process_time", "marketplace_deadline_at"),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    timed_out_at = models.DateTimeField("time ran out", null=True, blank=True)
    audited_at = models.DateTimeField("reviewed", null=True, blank=True)
    audited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name="reviewed by",
        db_index=False,
    )  # fmt: skip
    completed_at = models.DateTimeField("ended", null=True, blank=True)
    modification_count = models.PositiveSmallIntegerField(default=0)
    rejection_count = models.PositiveSmallIntegerField(default=0)
    escalated_from = models.CharField(max_length=30, choices=StateLabel.choices, blank=True, default="")
    # What the order was like when the case was made: status, and when it was paid, shipped and received.
    snapshot = models.JSONField(default=dict, blank=True)
    # A case that the sweep could not handle is passed over until then, longer each time.
    sweep_failed_count = models.PositiveSmallIntegerField(default=0)
    sweep_not_before = models.DateTimeField(null=True, blank=True)
    sweep_error = make_text_field()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        db_table = "order_aftersales"
        verbose_name = "after-sales case"
        permissions = list(list_permissions().items())
        constraints = [
            models.UniqueConstraint(fields=["shop", "number"], name="case_number"),
            models.CheckConstraint(condition=~Q(number=""), name="case_has_number"),
            models.CheckConstraint(condition=Q(state__in=CaseState), name="case_state_is_known"),
            models.CheckConstraint(
                condition=Q(auto_process_time=None) | Q(state__in=COUNTDOWN), name="case_counts_down_only_where_it_may"
            ),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gte=0), name="case_amount_not_negative"),
        ]
        indexes = [
            models.Index(fields=["shop", "-created_at", "-id"], include=["state"], name="case_shop_created"),
            models.Index(fields=["-created_at", "-id"], name="case_created"),
            models.Index(fields=["state", "-created_at", "-id"], name="case_state_created"),
            models.Index(fields=["updated_at", "id"], name="case_updated"),
            models.Index(fields=["number"], name="case_number_begins", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["order_external_id", "shop"], name="case_order_number"),
            # Small, all below: what the sweep handles next, what is on a clock, what waits, what has ended lately.
            models.Index(
                fields=["due_at", "id"], condition=Q(state__in=COUNTDOWN, timed_out_at=None), name="case_to_sweep"
            ),
            models.Index(fields=["due_at", "id"], condition=~Q(state__in=TERMINAL), name="case_open_due"),
            models.Index(fields=["-completed_at", "-id"], condition=~Q(completed_at=None), name="case_completed"),
            models.Index(fields=["-audited_at", "-id"], condition=~Q(audited_at=None), name="case_audited"),
            models.Index(fields=["shop", "order_external_id"], condition=Q(order=None), name="case_without_order"),
            # What a list is narrowed by: without them, rare ones would be looked for among all cases.
            models.Index(fields=["type", "-created_at", "-id"], name="case_type_created"),
            models.Index(fields=["reason", "-created_at", "-id"], name="case_reason_created"),
            models.Index(fields=["origin", "-created_at", "-id"], name="case_origin_created"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def stage(self) -> Stage:
        """The part of its way that it is on."""
        return STAGES[CaseState(self.state)]

    @property
    def case_state(self) -> CaseState:
        """The state as the table of moves knows it."""
        return CaseState(self.state)

    @property
    def case_type(self) -> CaseType:
        """The type as the table of moves knows it."""
        return CaseType(self.type)

    @property
    def case_origin(self) -> CaseOrigin:
        """The origin as the table of moves knows it."""
        return CaseOrigin(self.origin)

    @property
    def shown_amount(self) -> str:
        """The amount for people, with the currency's digits."""
        return format_money(self.amount, self.currency)


class CaseLine(models.Model):
    """One order line in a case, with the product as it was. `amount` is for the whole quantity.

    It names its order line by number, as the sync may write an order's lines anew. `holds_line` stands while a case
    that was made here is active: no two of them hold the same order line. A marketplace may have as many as it likes.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="lines", db_index=False)
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    external_id = models.CharField("line id", max_length=64)
    order_line_external_id = models.CharField("order line", max_length=64, blank=True, default="")
    quantity = models.PositiveIntegerField(default=1)
    requested_quantity = models.PositiveIntegerField(default=1)
    ordered_quantity = models.PositiveIntegerField(null=True)
    unit_price = make_amount_field()
    requested_amount = make_amount_field()
    amount = make_amount_field()
    product_external_id = make_text_field()
    sku_external_id = make_text_field()
    seller_sku = make_text_field()
    product_name = make_text_field()
    sku_name = make_text_field()
    image_url = make_text_field()
    holds_line = models.BooleanField(default=False)

    shop_path = "case__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        db_table = "order_aftersales_line"
        verbose_name = "case line"
        constraints = [
            models.UniqueConstraint(fields=["case", "external_id"], name="case_line_identity"),
            models.UniqueConstraint(
                fields=["order", "order_line_external_id"],
                condition=Q(holds_line=True),
                name="one_active_case_for_an_order_line",
            ),
            models.CheckConstraint(
                condition=Q(quantity__lte=F("requested_quantity")), name="case_line_quantity_only_falls"
            ),
        ]
        indexes = [
            models.Index(
                fields=["order", "order_line_external_id"], condition=~Q(order=None), name="case_line_of_order_line"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.seller_sku or self.sku_external_id}"
