"""The words of runs, chunks and what surrounds them."""

from django.db import models

from shops.marketplaces import rate_limit


class RunKind(models.TextChoices):
    """How a run's window came about."""

    INCREMENTAL = "incremental", "Incremental"
    WINDOW = "window", "Window"
    FULL = "full", "Full"
    BACKFILL = "backfill", "Backfill"


class Trigger(models.TextChoices):
    """Who or what asked for a run."""

    BEAT = "beat", "Schedule"
    PERSON = "person", "Person"
    COMMAND = "command", "Command"
    API = "api", "API"
    WEBHOOK = "webhook", "Webhook"
    BACKFILL = "backfill", "Backfill"


class Lane(models.IntegerChoices):
    """Whose calls go first when a quota is short; the names and numbers are those of the rate limit."""

    INTERACTIVE = rate_limit.Lane.INTERACTIVE.value, "Person waits"
    HIGH = rate_limit.Lane.HIGH.value, "High priority"
    INCREMENTAL = rate_limit.Lane.INCREMENTAL.value, "Schedule"
    BACKFILL = rate_limit.Lane.BACKFILL.value, "Backfill"


class RunState(models.TextChoices):
    """Where a run stands. Buffered: all is read, and some of it waits in files for the database."""

    OPEN = "open", "Open"
    STOPPED = "stopped", "Stopped: can go on"
    BUFFERED = "buffered", "Read; waits in files"
    DONE = "done", "Done"
    FAILED = "failed", "Failed: a person must look"
    CANCELLED = "cancelled", "Cancelled"
    SKIPPED = "skipped", "Skipped"


# Of one shop and resource no two runs in these states read the same; a constraint sees to it.
UNENDED_RUNS = (RunState.OPEN, RunState.STOPPED)


class ChunkState(models.TextChoices):
    """Where a chunk stands."""

    DUE = "due", "Due"
    RUNNING = "running", "Running"
    BUFFERED = "buffered", "Read; waits in files"
    DONE = "done", "Done"
    FAILED = "failed", "Failed: a person must look"
    CANCELLED = "cancelled", "Cancelled"


UNFINISHED_CHUNKS = (ChunkState.DUE, ChunkState.RUNNING)
# Nobody has to read them any more. What waits in files is not stored yet, but read.
ENDED_CHUNKS = (ChunkState.DONE, ChunkState.BUFFERED, ChunkState.FAILED, ChunkState.CANCELLED)


class EventLevel(models.TextChoices):
    """How much an event of a run matters."""

    INFO = "info", "Info"
    WARNING = "warning", "Warning"
    ERROR = "error", "Error"


class BackfillState(models.TextChoices):
    """Where a backfill stands."""

    OPEN = "open", "Running"
    STOPPED = "stopped", "Stopped: can go on"
    ENDED = "ended", "Ended"


class BatchFileState(models.TextChoices):
    """Where a buffered batch stands; each but the last is a folder of the same name under SYNC_BUFFER_DIR."""

    WAITING = "waiting", "Waiting"
    REPLAYING = "replaying", "Being replayed"
    FAILED = "failed", "Failed: a person must look"
    DAMAGED = "damaged", "Damaged: a person must look"
    STORED = "stored", "Stored"


class FailedRecordState(models.TextChoices):
    """Where a failed record stands."""

    OPEN = "open", "Open"
    FIXED = "fixed", "Fixed since"
    DISCARDED = "discarded", "Discarded"


class GapReportState(models.TextChoices):
    """Where a gap report stands."""

    DUE = "due", "Due"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed: a person must look"


UNFINISHED_REPORTS = (GapReportState.DUE, GapReportState.RUNNING)


class EnrichmentStatus(models.TextChoices):
    """Where the asking for an order's package numbers stands."""

    PENDING = "pending", "Pending"
    PROCESSING = "processing", "Being asked for"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed: a person must look"
    CANCELLED = "cancelled", "Cancelled"


UNFINISHED_ENRICHMENT = (EnrichmentStatus.PENDING, EnrichmentStatus.PROCESSING)


class EnrichmentPriority(models.IntegerChoices):
    """Whose package numbers are asked for first."""

    PERSON = 0, "Person waits"
    DUE = 1, "Order is about to be due"
    USUAL = 2, "Usual"
