"""Orders that are on their way without a package number, and how far the asking for it is.

The row is the job. A list in Redis makes workers quick to see new rows; what is right never depends on it.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from backoffice.common.models import ShopScopedQuerySet, make_text_field
from orders.models import Order
from shops.models import Shop
from syncjobs.models.choices import EnrichmentPriority, EnrichmentStatus


def get_max_retries() -> int:
    """Return how many errors in a row a new task may meet."""
    return settings.ENRICHMENT_MAX_RETRIES


class EnrichmentTask(models.Model):
    """One order whose parcels are asked for by the order's number, apart from the sync of orders.

    `order_ids` are the ids of the order's lines (at Temu its child orders). `retry_count` counts errors since the last
    answer; `looks` counts answers without a package number, which are no errors. `package_sns` are the numbers found;
    the parcels themselves are rows of orders.Shipment, each with its lines, carrier and tracking number.
    """

    # It is the order's, which the database holds to be there; to look it up again for each task costs whoever stores.
    shop = models.ForeignKey(
        Shop, on_delete=models.PROTECT, related_name="enrichment_tasks", db_index=False, db_constraint=False
    )
    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="enrichment_task")
    parent_order_sn = models.CharField("order number", max_length=64)
    order_ids = ArrayField(models.CharField(max_length=64), default=list)
    status = models.CharField(max_length=20, choices=EnrichmentStatus.choices, default=EnrichmentStatus.PENDING)
    package_sns = ArrayField(models.CharField(max_length=64), default=list, blank=True, verbose_name="package numbers")
    error_message = make_text_field()
    cause = models.CharField(max_length=200, blank=True, default="")  # the message without what differs in each
    retry_count = models.PositiveSmallIntegerField(default=0)
    max_retries = models.PositiveSmallIntegerField(default=get_max_retries)
    looks = models.PositiveIntegerField(default=0)
    priority = models.PositiveSmallIntegerField(choices=EnrichmentPriority.choices, default=EnrichmentPriority.USUAL)
    deadline_at = models.DateTimeField(null=True, blank=True)  # the order's, for its status when the task was made
    next_try_at = models.DateTimeField()
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=120, blank=True, default="", editable=False)
    lease_expires_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="processing") | Q(lease_expires_at__isnull=False),
                name="enrichment_processing_has_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "status", "-id"], name="enrichment_shop_status"),
            models.Index(fields=["shop", "-id"], name="enrichment_shop"),
            models.Index(
                fields=["status", "-id"], condition=Q(status__in=["failed", "cancelled"]), name="enrichment_ended_badly"
            ),
            models.Index(fields=["shop", "parent_order_sn"], name="enrichment_order_number"),
            # When a shop's last one ended; costs nothing when tasks are made.
            models.Index(
                fields=["shop", "-finished_at"], condition=Q(finished_at__isnull=False), name="enrichment_finished"
            ),
            # Small: what waits, in the order in which it is taken; what is in work; and whose deadline comes near.
            models.Index(
                fields=["priority", "shop", "next_try_at"], condition=Q(status="pending"), name="enrichment_pending"
            ),
            models.Index(fields=["lease_expires_at"], condition=Q(status="processing"), name="enrichment_processing"),
            models.Index(
                fields=["deadline_at"],
                condition=Q(status="pending", priority=EnrichmentPriority.USUAL, deadline_at__isnull=False),
                name="enrichment_deadline",
            ),
            models.Index(fields=["cause", "shop"], condition=Q(status="failed"), name="enrichment_failed"),
        ]

    def __str__(self) -> str:
        return f"package numbers of order {self.parent_order_sn}"

    @property
    def package_sn(self) -> str:
        """The first package number; "" where none is known yet."""
        return self.package_sns[0] if self.package_sns else ""


class EnrichmentTally(models.Model):
    """How many tasks of a shop are in a state: the sum over its rows.

    The database itself adds a row for what each statement changed (see the migration), so that counting a million
    tasks is the reading of a few rows, and no two writers wait for one row. The sweep folds them together.
    """

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="enrichment_tallies", db_index=False)
    status = models.CharField(max_length=20, choices=EnrichmentStatus.choices)
    count = models.BigIntegerField()

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["shop", "status"], name="enrichment_tally_shop_status")]

    def __str__(self) -> str:
        return f"{self.count:+} {self.status} of shop {self.shop_id}"
