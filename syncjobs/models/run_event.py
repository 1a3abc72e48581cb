"""What happened on a run's way: warnings, errors and waits, for people to read."""

from django.db import models

from backoffice.common.models import ShopScopedQuerySet
from syncjobs.models.choices import EventLevel
from syncjobs.models.run import Run


class RunEvent(models.Model):
    """What a person should know of a run's way: a warning, an error, a wait. At most some hundred for each run."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events", db_index=False)
    chunk_number = models.PositiveIntegerField(null=True, blank=True)
    at = models.DateTimeField()
    level = models.CharField(max_length=10, choices=EventLevel.choices)
    text = models.TextField()

    shop_path = "run__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["run", "-id"], name="run_event_of_run")]

    def __str__(self) -> str:
        return f"{self.level} of run {self.run_id}: {self.text[:60]}"
