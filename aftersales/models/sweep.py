"""One pass of the sweep over cases whose time ran out: when, how many of what, and what failed."""

from django.db import models

from backoffice.common.models import ShopScopedQuerySet


class SweepRun(models.Model):
    """One sweep. `slot` is the turn of the schedule that started it: no turn is carried out twice."""

    slot = models.CharField(max_length=150, null=True, unique=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    batch_size = models.PositiveIntegerField()
    shop_id = models.BigIntegerField(null=True)  # of all shops where it is empty
    examined_count = models.PositiveIntegerField("examined", default=0)
    approved_count = models.PositiveIntegerField("approved", default=0)
    cancelled_count = models.PositiveIntegerField("closed", default=0)
    received_count = models.PositiveIntegerField("taken as received", default=0)
    escalated_count = models.PositiveIntegerField("escalated", default=0)
    alerted_count = models.PositiveIntegerField("alerted", default=0)
    skipped_count = models.PositiveIntegerField("skipped", default=0)
    failed_count = models.PositiveIntegerField("failed", default=0)
    message = models.TextField(blank=True, default="")

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        db_table = "order_aftersales_sweep"
        verbose_name = "after-sales sweep"
        indexes = [models.Index(fields=["-started_at", "-id"], name="sweep_newest")]

    def __str__(self) -> str:
        return f"sweep {self.pk}"
