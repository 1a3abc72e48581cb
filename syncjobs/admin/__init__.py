"""Admin pages of runs, backfills, gap reports, watermarks, failed records, buffered batches and package numbers."""

from syncjobs.admin import backfill, buffered_batch, enrichment, failed_record, gap_report, run, watermark

__all__ = ["backfill", "buffered_batch", "enrichment", "failed_record", "gap_report", "run", "watermark"]
