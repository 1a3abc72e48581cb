"""What batches and exports share: background work that one person asked for. The row is the job."""

from typing import Self, TypeVar

from django.conf import settings
from django.db import models

from backoffice.common.leases import LeasedModel
from backoffice.common.models import Viewer

ModelT = TypeVar("ModelT", bound=models.Model, covariant=True)


class OwnedQuerySet(models.QuerySet[ModelT]):
    """Rows that belong to one person."""

    owner_path = "user_id"

    def visible_to(self, viewer: Viewer) -> Self:
        """Return the person's own rows; superusers see everybody's."""
        if not viewer.is_active or viewer.pk is None:
            return self.none()
        return self if getattr(viewer, "is_superuser", False) else self.filter(**{self.owner_path: viewer.pk})


class JobState(models.TextChoices):
    """Where a batch or an export stands."""

    DUE = "due", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"


class Job(LeasedModel):
    """One person's background work; a worker that dies stops its heartbeat, and another one goes on."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=20, choices=JobState.choices, default=JobState.DUE)
    reason = models.TextField(blank=True, help_text="Why it ended as it did.")
    total_count = models.PositiveIntegerField("rows in all", default=0)
    done_count = models.PositiveIntegerField("rows done", default=0)
    created_at = models.DateTimeField("asked for at", auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta(LeasedModel.Meta):
        abstract = True

    @property
    def is_unfinished(self) -> bool:
        """Whether work is left, so that a page that shows it should look again."""
        return self.state in (JobState.DUE, JobState.RUNNING)
