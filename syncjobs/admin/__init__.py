"""Admin pages of runs, backfills, watermarks and failed records."""

from syncjobs.admin import backfill, failed_record, run, watermark

__all__ = ["backfill", "failed_record", "run", "watermark"]
