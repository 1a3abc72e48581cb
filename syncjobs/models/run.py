"""A run is one piece of sync work for one shop; its chunks are the windows that workers claim and read.

The rows are the jobs: a message to a worker only says "look". Only syncjobs.leases and
syncjobs.services change a state.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from backoffice.common.leases import LeasedModel
from backoffice.common.models import ShopScopedQuerySet
from shops.models import Shop
from syncjobs.models.backfill import Backfill
from syncjobs.models.choices import ChunkState, Lane, RunKind, RunState, Trigger


class Counts(models.Model):
    """What was read and what became of it. Orders unless the name says otherwise."""

    fetched_count = models.PositiveIntegerField(
        "read", default=0, help_text="Rows on the pages; a page that was asked for again counts again."
    )
    inserted_count = models.PositiveIntegerField("new", default=0)
    updated_count = models.PositiveIntegerField("updated", default=0)
    unchanged_count = models.PositiveIntegerField("unchanged", default=0)
    invalid_count = models.PositiveIntegerField("invalid", default=0, help_text="Stored, but marked invalid.")
    unreadable_count = models.PositiveIntegerField("failed", default=0, help_text="Kept as failed records.")
    buffered_count = models.PositiveIntegerField("buffered", default=0, help_text="Waiting in files for the database.")
    call_count = models.PositiveIntegerField("calls", default=0)
    failed_call_count = models.PositiveIntegerField("failed calls", default=0)
    call_seconds = models.FloatField("seconds in calls", default=0)
    store_seconds = models.FloatField("seconds storing", default=0)
    wait_seconds = models.FloatField("seconds waiting", default=0, help_text="For limits, spacing and before retries.")
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
    lane = models.PositiveSmallIntegerField(choices=Lane.choices, default=Lane.INCREMENTAL)
    status_filter = models.CharField(max_length=30, blank=True, help_text="Only orders in this status; empty = all.")
    parameters = models.JSONField(default=dict, blank=True, help_text="What was asked for, beside what stands above.")
    # Names what is read, whatever the moment: two open runs with one identity would read the same twice.
    identity = models.CharField(max_length=120, default="", editable=False)
    is_forced = models.BooleanField("forced", default=False, help_text="Goes on although the shop is not active.")
    backfill = models.ForeignKey(Backfill, on_delete=models.CASCADE, null=True, blank=True, related_name="runs")
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    state = models.CharField(max_length=20, choices=RunState.choices, default=RunState.OPEN)
    reason = models.TextField(blank=True, help_text="Why it ended, waits or was skipped.")
    # One scheduled slot starts one run, however many beats are alive.
    slot_key = models.CharField(max_length=120, null=True, blank=True, unique=True, editable=False)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    # Of the open runs in a lane the one that was served longest ago comes first: no shop waits for all of another's.
    last_claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "resource", "identity"],
                condition=Q(state__in=["open", "stopped"]),
                name="run_identity_open_once",
            ),
            models.CheckConstraint(condition=~Q(identity=""), name="run_has_identity"),
            models.CheckConstraint(condition=Q(window_start__lt=models.F("window_end")), name="run_window_not_empty"),
        ]
        indexes = [
            models.Index(fields=["shop", "resource", "-id"], name="run_shop_resource"),
            models.Index(fields=["id"], condition=Q(state="open"), name="run_open"),
            models.Index(
                "lane",
                models.F("last_claimed_at").asc(nulls_first=True),
                "id",
                condition=Q(state="open"),
                name="run_open_by_turn",
            ),
            models.Index(fields=["state", "-id"], name="run_state"),
            models.Index(fields=["shop", "finished_at"], condition=Q(state="failed"), name="run_failed"),
            models.Index(
                fields=["shop", "resource", "finished_at"],
                condition=Q(started_at__isnull=False, finished_at__isnull=False),
                name="run_shop_finished",
            ),
            BrinIndex(fields=["created_at"], name="run_created"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}: {self.kind} {self.resource} of shop {self.shop_id}"


class Chunk(Counts, LeasedModel):
    """A piece of a run's window: claimed by one worker at a time, through a lease.

    `position` is where a chunk that was set aside goes on: see syncjobs.engine.positions.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    state = models.CharField(max_length=20, choices=ChunkState.choices, default=ChunkState.DUE)
    due_at = models.DateTimeField()
    unexpected_count = models.PositiveSmallIntegerField("unexpected errors", default=0)
    worked_seconds = models.FloatField("seconds worked on", default=0, help_text="Over all workers that had it.")
    position = models.JSONField(null=True, blank=True, editable=False)
    seen_ids = models.BinaryField(null=True, editable=False)
    error = models.TextField(blank=True, help_text="Why it failed, or waits.")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    shop_path = "run__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="chunk_number"),
            models.CheckConstraint(condition=Q(window_start__lt=models.F("window_end")), name="chunk_window_not_empty"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_expires_at__isnull=False), name="chunk_running_has_lease"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=["due", "running"]), name="chunk_unfinished"),
            models.Index(fields=["run", "number"], condition=Q(state="due"), name="chunk_due_of_run"),
            models.Index(fields=["run"], condition=Q(state="running"), name="chunk_running_of_run"),
        ]

    def __str__(self) -> str:
        return f"chunk {self.number} of run {self.run_id}"
