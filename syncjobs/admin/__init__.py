"""Admin pages of runs, backfills, watermarks, failed records and buffered batches."""

from syncjobs.admin import backfill, buffered_batch, failed_record, run, watermark

__all__ = ["backfill", "buffered_batch", "failed_record", "run", "watermark"]
