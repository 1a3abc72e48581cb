"""One action on many rows, with a result for each."""

from django.db import models
from django.db.models import Q

from backoffice.common.lists.models.job import Job, OwnedQuerySet


class Batch(Job):
    """A person's action on rows of one model. `action` is a key of backoffice.common.lists.actions."""

    action = models.CharField(max_length=60)
    text = models.TextField(blank=True, default="", help_text="What the person gave with it, for every row.")
    failed_count = models.PositiveIntegerField("rows refused", default=0)

    objects = OwnedQuerySet["Batch"].as_manager()

    class Meta:
        verbose_name = "bulk action"
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["due", "running"]), name="batch_unfinished"),
            models.Index(fields=["user", "-id"], name="batch_user"),
        ]

    def __str__(self) -> str:
        return f"bulk action {self.pk}"


class ItemState(models.TextChoices):
    """What became of one row."""

    DUE = "due", "Waiting"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"


class BatchItem(models.Model):
    """One row of a batch. Its name is kept, so that the result can be read when the row is gone."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items")
    row_id = models.BigIntegerField()
    row_name = models.CharField("row", max_length=200)
    state = models.CharField(max_length=10, choices=ItemState.choices, default=ItemState.DUE)
    result = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class ScopedQuerySet(OwnedQuerySet["BatchItem"]):
        """Seen by whoever asked for the batch."""

        owner_path = "batch__user_id"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "row_id"], name="batch_item_identity")]
        indexes = [models.Index(fields=["batch", "id"], condition=Q(state="due"), name="batch_item_due")]

    def __str__(self) -> str:
        return self.row_name
