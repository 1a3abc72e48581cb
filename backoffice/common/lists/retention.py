"""Which bulk actions and downloads are old enough to be deleted."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from backoffice.common.lists.models import Batch, Export, JobState


def list_old_batches(before: datetime) -> QuerySet[Any]:
    """List the bulk actions that ended before then; their results go with them."""
    ended = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
    return Batch.objects.filter(state__in=ended, finished_at__lt=before)


def list_old_exports(before: datetime) -> QuerySet[Any]:
    """List the downloads that ended before then and have no file any more."""
    gone = (JobState.EXPIRED, JobState.FAILED, JobState.CANCELLED)
    return Export.objects.filter(state__in=gone, finished_at__lt=before)
