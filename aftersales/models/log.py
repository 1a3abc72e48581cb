"""What was done to a case: one row for each action, written with the change and never changed after."""

from django.db import models

from aftersales.choices import LogActionLabel, OperatorLabel, StateLabel
from aftersales.models.case import Case
from backoffice.common.models import ShopScopedQuerySet, make_text_field


class CaseLog(models.Model):
    """One action. The database refuses to change or remove a row; who tells others of changes reads these."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="log", db_index=False)
    action = models.CharField(max_length=30, choices=LogActionLabel.choices)
    operator_kind = models.CharField("by", max_length=10, choices=OperatorLabel.choices)
    operator_id = models.BigIntegerField(null=True)
    operator_name = models.CharField(max_length=150, blank=True, default="")
    previous_state = models.CharField(max_length=30, choices=StateLabel.choices, blank=True, default="")
    state = models.CharField(max_length=30, choices=StateLabel.choices)
    text = make_text_field()
    context = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()
    request_id = models.CharField(max_length=64, blank=True, default="")

    shop_path = "case__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        db_table = "order_aftersales_log"
        verbose_name = "case log entry"
        verbose_name_plural = "case log"
        indexes = [
            models.Index(fields=["case", "id"], name="case_log_of_case"),
            models.Index(fields=["-at", "-id"], name="case_log_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}, case {self.case_id}"
