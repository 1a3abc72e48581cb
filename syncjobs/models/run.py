"""A run is one piece of sync work for one shop; its chunks are the windows that workers claim and read.

The rows are the jobs: a message to a worker only says "look". Only syncjobs.leases and
syncjobs.services change a state.
"""

from django.db import models
from django.db.models import Q

from backoffice.common.models import ShopScopedQuerySet
from shops.models import Shop


class RunKind(models.TextChoices):
    """How a run's window came about."""

    INCREMENTAL = "incremental", "Incremental"
    WINDOW = "window", "Window"
    FULL = "full", "Full"


class Trigger(models.TextChoices):
    """Who or what asked for a run."""

    BEAT = "beat", "Schedule"
    PERSON = "person", "Person"
    COMMAND = "command", "Command"
    API = "api", "API"


class RunState(models.TextChoices):
    """Where a run stands."""

    OPEN = "open", "Open"
    DONE = "done", "Done"
    FAILED = "failed", "Failed: a person must look"
    CANCELLED = "cancelled", "Cancelled"


class ChunkState(models.TextChoices):
    """Where a chunk stands."""

    DUE = "due", "Due"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed: a person must look"
    CANCELLED = "cancelled", "Cancelled"


class Counts(models.Model):
    """What was read and what became of it. Orders unless the name says otherwise."""

    fetched_count = models.PositiveIntegerField(
        "read", default=0, help_text="Rows on the pages; a page that was asked for again counts again."
    )
    inserted_count = models.PositiveIntegerField("new", default=0)
    updated_count = models.PositiveIntegerField("updated", default=0)
    unchanged_count = models.PositiveIntegerField("unchanged", default=0)
    invalid_count = models.PositiveIntegerField("invalid", default=0, help_text="Stored, but marked invalid.")
    unreadable_count = models.PositiveIntegerField("unreadable", default=0, help_text="Kept as failed records.")
    call_count = models.PositiveIntegerField("calls", default=0)
    failed_call_count = models.PositiveIntegerField("failed calls", default=0)
    call_seconds = models.FloatField("seconds in calls", default=0)
    received_bytes = models.BigIntegerField("bytes received", default=0)

    class Meta:
        abstract = True


COUNT_FIELDS: tuple[str, ...] = tuple(field.name for field in Counts._meta.local_fields)


class Run(Counts):
    """One shop, one resource, one window. `window` is half-open, in update times of the marketplace."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="runs")
    resource = models.CharField(max_length=20, default="orders")
    kind = models.CharField(max_length=20, choices=RunKind.choices)
    trigger = models.CharField(max_length=20, choices=Trigger.choices)
    status_filter = models.CharField(max_length=30, blank=True, help_text="Only orders in this status; empty = all.")
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    state = models.CharField(max_length=20, choices=RunState.choices, default=RunState.OPEN)
    reason = models.TextField(blank=True, help_text="Why it ended as it did.")
    # One scheduled slot starts one run, however many beats are alive.
    slot_key = models.CharField(max_length=120, null=True, blank=True, unique=True, editable=False)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "resource"],
                condition=Q(state="open", kind="incremental"),
                name="run_one_open_incremental",
            ),
            models.CheckConstraint(condition=Q(window_start__lt=models.F("window_end")), name="run_window_not_empty"),
        ]
        indexes = [
            models.Index(fields=["shop", "resource", "-id"], name="run_shop_resource"),
            models.Index(fields=["id"], condition=Q(state="open"), name="run_open"),
            models.Index(fields=["state", "-id"], name="run_state"),
            models.Index(fields=["shop", "finished_at"], condition=Q(state="failed"), name="run_failed"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}: {self.kind} {self.resource} of shop {self.shop_id}"


class Chunk(Counts):
    """A piece of a run's window: claimed by one worker at a time, through a lease."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    state = models.CharField(max_length=20, choices=ChunkState.choices, default=ChunkState.DUE)
    due_at = models.DateTimeField()
    attempt_count = models.PositiveSmallIntegerField("tries", default=0)
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class ScopedQuerySet(ShopScopedQuerySet["Chunk"]):
        """Scoped through the run."""

        shop_path = "run__shop_id"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="chunk_number"),
            models.CheckConstraint(condition=Q(window_start__lt=models.F("window_end")), name="chunk_window_not_empty"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_expires_at__isnull=False), name="chunk_running_has_lease"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state__in=["due", "running"]), name="chunk_unfinished")]

    def __str__(self) -> str:
        return f"chunk {self.number} of run {self.run_id}"
