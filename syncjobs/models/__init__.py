"""Runs, their chunks, watermarks, and records that could not be stored."""

from syncjobs.models.failed_record import FailedRecord
from syncjobs.models.run import Chunk, ChunkState, Run, RunKind, RunState, Trigger
from syncjobs.models.watermark import Watermark

__all__ = ["Chunk", "ChunkState", "FailedRecord", "Run", "RunKind", "RunState", "Trigger", "Watermark"]
