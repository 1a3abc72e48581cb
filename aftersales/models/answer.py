"""A seller's answer to a marketplace: written before it is sent, so that a lost reply leaves a row in doubt."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from aftersales.choices import AnswerState, Decision
from aftersales.models.case import Case
from backoffice.common.models import ShopScopedQuerySet, make_text_field

OPEN_ANSWERS = (AnswerState.SENDING, AnswerState.IN_DOUBT)


class SellerAnswer(models.Model):
    """One approval or rejection on its way to a marketplace. An open one blocks another until its end is known."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="answers")
    decision = models.CharField(max_length=20, choices=Decision.choices)
    state = models.CharField(max_length=20, choices=AnswerState.choices, default=AnswerState.SENDING)
    idempotency_key = models.UUIDField(default=uuid4, unique=True, editable=False)
    raw_status = make_text_field()  # of the case when it was sent: a reading with another one settles it
    reason_code = models.CharField(max_length=100, blank=True, default="")
    comment = make_text_field()
    images = models.JSONField(default=list, blank=True)
    message = make_text_field()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField("last looked for", null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    shop_path = "case__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        db_table = "order_aftersales_answer"
        verbose_name = "answer to a marketplace"
        verbose_name_plural = "answers to marketplaces"
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=OPEN_ANSWERS), name="one_open_answer_of_a_case"
            )
        ]
        indexes = [
            models.Index(fields=["-settled_at", "-id"], name="answer_settled"),  # what is open comes first
            models.Index(fields=["sent_at"], name="answer_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.decision} of case {self.case_id}"
