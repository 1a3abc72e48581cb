"""What staff keep about an order: a table of its own, which no sync can touch and which grows only by use."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from backoffice.common.models import ShopScopedQuerySet
from orders.models.order import Order

TAG_LENGTH = 30  # characters
TAGS_AT_MOST = 10
NOTE_LENGTH = 5_000  # characters


class OrderHandling(models.Model):
    """Note, tags and assignee of one order. `version` rises with each change, so that a stale form loses."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="handling")
    note = models.TextField(max_length=NOTE_LENGTH, blank=True)
    tags: "ArrayField[list[str], list[str]]" = ArrayField(
        models.CharField(max_length=TAG_LENGTH), size=TAGS_AT_MOST, default=list, blank=True
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    shop_path = "order__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "note, tags and assignee"
        indexes = [GinIndex(fields=["tags"], name="order_handling_tags")]

    def __str__(self) -> str:
        return f"handling of order {self.order_id}"
