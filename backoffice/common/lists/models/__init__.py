"""Saved views, batches and exports: one person's each."""

from backoffice.common.lists.models.batch import Batch, BatchItem, ItemState
from backoffice.common.lists.models.export import Export, ExportFormat
from backoffice.common.lists.models.job import Job, JobState, OwnedQuerySet
from backoffice.common.lists.models.saved_view import SavedView

__all__ = [
    "Batch",
    "BatchItem",
    "Export",
    "ExportFormat",
    "ItemState",
    "Job",
    "JobState",
    "OwnedQuerySet",
    "SavedView",
]
