"""How far a shop's resource has been read without a gap."""

from django.db import models

from backoffice.common.models import ShopScopedQuerySet
from shops.models import Shop


class Watermark(models.Model):
    """Everything updated before `position_at` is stored here. Moved by the unfiltered incremental stream only."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="watermarks")
    resource = models.CharField(max_length=20)
    position_at = models.DateTimeField("read up to")
    run_id = models.BigIntegerField("moved by run", null=True, blank=True)
    moved_at = models.DateTimeField()

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "resource"], name="watermark_identity")]

    def __str__(self) -> str:
        return f"{self.resource} of shop {self.shop_id}"
