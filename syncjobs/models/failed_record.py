"""Records that could not be stored as rows, kept with their payload until somebody deals with them."""

from django.db import models

from backoffice.common.models import ShopScopedQuerySet
from shops.models import Shop
from syncjobs.models.run import Run


class FailedRecord(models.Model):
    """A payload whose id cannot be read, or that the database refused. The same payload of a shop is kept once."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="failed_records")
    resource = models.CharField(max_length=20)
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="failed_records")
    payload = models.JSONField()
    payload_hash = models.BinaryField(max_length=16, editable=False)
    error = models.TextField()
    seen_count = models.PositiveIntegerField("times seen", default=1)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "resource", "payload_hash"], name="failed_record_identity")
        ]

    def __str__(self) -> str:
        return f"{self.resource} record of shop {self.shop_id}: {self.error[:60]}"
