"""Admin pages of runs, watermarks and failed records."""

from syncjobs.admin import failed_record, run, watermark

__all__ = ["failed_record", "run", "watermark"]
