"""What is known of batches that could not be written to the database and wait in files."""

from django.db import models

from backoffice.common.models import ShopScopedQuerySet
from shops.models import Shop
from syncjobs.models.choices import BatchFileState


class BufferedBatch(models.Model):
    """One file of one host. The file is the truth; this row is written when the database is back, for people to see.

    A damaged file may not say whose it is: then `shop` is empty, and only who sees every shop sees the row.
    """

    file_name = models.CharField(max_length=200, unique=True)
    host = models.CharField(max_length=200)
    state = models.CharField(max_length=20, choices=BatchFileState.choices)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, null=True, blank=True, related_name="buffered_batches")
    resource = models.CharField(max_length=20, blank=True)
    # No foreign keys: runs are pruned, and a file may have been written before its run was.
    run_id = models.BigIntegerField(null=True, blank=True)
    chunk_id = models.BigIntegerField(null=True, blank=True)
    window_start = models.DateTimeField(null=True, blank=True)
    window_end = models.DateTimeField(null=True, blank=True)
    record_count = models.PositiveIntegerField("records", default=0)
    size_bytes = models.BigIntegerField(default=0)
    try_count = models.PositiveSmallIntegerField("tries", default=0)
    error = models.TextField(blank=True)
    buffered_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "buffered batches"
        indexes = [
            models.Index(fields=["state", "-id"], name="buffered_batch_state"),
            models.Index(fields=["chunk_id"], condition=~models.Q(state="stored"), name="buffered_batch_open"),
        ]

    def __str__(self) -> str:
        return self.file_name
