"""Runs, chunks and watermarks; backfills and gap reports; what could not be stored."""

from syncjobs.models.backfill import Backfill
from syncjobs.models.buffered_batch import BufferedBatch
from syncjobs.models.choices import (
    ENDED_CHUNKS,
    UNENDED_RUNS,
    UNFINISHED_CHUNKS,
    UNFINISHED_ENRICHMENT,
    UNFINISHED_REPORTS,
    BackfillState,
    BatchFileState,
    ChunkState,
    EnrichmentPriority,
    EnrichmentStatus,
    EventLevel,
    FailedRecordState,
    GapReportState,
    Lane,
    RunKind,
    RunState,
    Trigger,
)
from syncjobs.models.enrichment import EnrichmentTally, EnrichmentTask
from syncjobs.models.failed_record import FailedRecord
from syncjobs.models.gap_report import GapReport
from syncjobs.models.heartbeat import Heartbeat
from syncjobs.models.run import Chunk, Run
from syncjobs.models.run_event import RunEvent
from syncjobs.models.watermark import Watermark

__all__ = [
    "ENDED_CHUNKS",
    "UNENDED_RUNS",
    "UNFINISHED_CHUNKS",
    "UNFINISHED_ENRICHMENT",
    "UNFINISHED_REPORTS",
    "Backfill",
    "BackfillState",
    "BatchFileState",
    "BufferedBatch",
    "Chunk",
    "ChunkState",
    "EnrichmentPriority",
    "EnrichmentStatus",
    "EnrichmentTally",
    "EnrichmentTask",
    "EventLevel",
    "FailedRecord",
    "FailedRecordState",
    "GapReport",
    "GapReportState",
    "Heartbeat",
    "Lane",
    "Run",
    "RunEvent",
    "RunKind",
    "RunState",
    "Trigger",
    "Watermark",
]
