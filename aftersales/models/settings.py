"""What people set for the cases of a shop, or of all shops: what is left empty falls back to the wider setting."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from aftersales.policy import TimeoutAction
from backoffice.common.models import ShopScopedQuerySet, TimestampedModel
from shops.models import Shop

HOURS_AT_MOST = 24 * 365
_GENERAL = ((TimeoutAction.ESCALATE.value, "Escalate"), (TimeoutAction.ALERT.value, "Alert only"))


def _hours(help_text: str) -> "models.PositiveIntegerField[int | None, int | None]":
    return models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(HOURS_AT_MOST)], help_text=help_text
    )


def _outcome(usual: TimeoutAction, label: str) -> "models.CharField[str, str]":
    return models.CharField(max_length=10, blank=True, default="", choices=((usual.value, label), *_GENERAL))


def _limit(help_text: str) -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(
        max_digits=18, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)], help_text=help_text
    )


def _number(help_text: str) -> "models.PositiveIntegerField[int | None, int | None]":
    return models.PositiveIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(100_000)], help_text=help_text
    )


class AftersalesSettings(TimestampedModel):
    """Settings of one shop, or of all where `shop` is empty. Field by field as in aftersales.policy.Policy."""

    shop = models.OneToOneField(Shop, null=True, blank=True, on_delete=models.CASCADE, related_name="aftersales")
    approval_timeout_hours = _hours("Hours for the review of a request.")
    approval_timeout_action = _outcome(TimeoutAction.APPROVE, "Approve")
    return_timeout_hours = _hours("Hours for the buyer to send the goods.")
    return_timeout_action = _outcome(TimeoutAction.CANCEL, "Close")
    receive_timeout_hours = _hours("Hours to confirm that sent goods have arrived.")
    receive_timeout_action = _outcome(TimeoutAction.RECEIVE, "Take as received")
    marketplace_timeout_action = models.CharField(
        max_length=10,
        blank=True,
        default="",
        choices=(
            (TimeoutAction.ALERT.value, "Alert only"),
            (TimeoutAction.APPROVE.value, "Approve at the marketplace"),
        ),
        help_text="Approving spends the seller's money through the marketplace, on a timer.",
    )
    stale_case_hours = _hours("Hours after which a case that waits without a countdown is reported.")
    calls_marketplace = models.BooleanField(
        null=True, blank=True, help_text="Whether approving and rejecting here is passed on to the marketplace."
    )
    reviews_automatically = models.BooleanField(null=True, blank=True, help_text="Whether rules may approve a request.")
    reviews_marketplace_cases = models.BooleanField(
        null=True, blank=True, help_text="Whether rules may approve a marketplace's request, by a call."
    )
    manual_review_amount = _limit("Above it a person reviews; in the case's currency.")
    auto_approve_amount = _limit("Up to it “does not want it any more” is approved; in the case's currency.")
    fresh_payment_minutes = _number("Minutes after the payment in which a request is approved.")
    frequency_limit = _number("Earlier cases of a buyer from which on a person reviews.")
    max_days = _number("Days since the order was made in which a case can be made.")
    change_of_mind_days = _number("Days since receipt for a change of mind.")
    quality_days = _number("Days since receipt for a fault in quality.")
    damage_days = _number("Days since receipt for damage.")
    claims_per_line = _number("Cases that one order line may have.")
    refused_categories = models.JSONField(
        null=True, blank=True, help_text='Categories whose goods do not come back, e.g. ["digital", "perishable"].'
    )

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "after-sales settings"
        verbose_name_plural = "after-sales settings"
        constraints = [
            models.UniqueConstraint(models.Value(1), condition=Q(shop=None), name="one_row_of_settings_for_all_shops")
        ]

    def __str__(self) -> str:
        return str(self.shop) if self.shop else "All shops"
