"""Admin pages of runs, backfills, gap reports, watermarks, failed records and buffered batches."""

from syncjobs.admin import backfill, buffered_batch, failed_record, gap_report, run, watermark

__all__ = ["backfill", "buffered_batch", "failed_record", "gap_report", "run", "watermark"]
