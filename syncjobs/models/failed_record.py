"""Records that could not be stored as rows, kept with their payload until somebody deals with them."""

from django.db import models

from backoffice.common.models import ShopScopedQuerySet
from shops.models import Shop
from syncjobs.models.choices import FailedRecordState
from syncjobs.models.run import Run


class FailedRecord(models.Model):
    """A payload whose id cannot be read, or that was not stored as a row. The same payload of a shop is kept once.

    Where the id can be read, a later reading of the same order that is stored well marks it as fixed.
    """

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="failed_records")
    resource = models.CharField(max_length=20)
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="failed_records")
    payload = models.JSONField()
    payload_hash = models.BinaryField(max_length=16, editable=False)
    external_id = models.CharField("number there", max_length=128, blank=True, default="", help_text="Where readable.")
    source_updated_at = models.DateTimeField("changed at the marketplace", null=True, blank=True)
    error = models.TextField()
    # The error without what differs from record to record, so that one fault is one group.
    cause = models.CharField(max_length=200, default="")
    state = models.CharField(max_length=20, choices=FailedRecordState.choices, default=FailedRecordState.OPEN)
    ended_at = models.DateTimeField("fixed or discarded at", null=True, blank=True)
    ended_by = models.CharField("fixed or discarded by", max_length=100, blank=True, help_text="A door or a person.")
    seen_count = models.PositiveIntegerField("times seen", default=1)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "resource", "payload_hash"], name="failed_record_identity")
        ]
        indexes = [
            models.Index(fields=["cause", "shop"], condition=models.Q(state="open"), name="failed_record_open_cause"),
            models.Index(
                fields=["shop", "resource", "external_id"],
                condition=models.Q(state="open") & ~models.Q(external_id=""),
                name="failed_record_open_id",
            ),
            models.Index(fields=["ended_at"], condition=~models.Q(state="open"), name="failed_record_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.resource} record of shop {self.shop_id}: {self.error[:60]}"
