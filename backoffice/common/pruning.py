"""Deletes old rows a few at a time, so that nobody waits for a lock of it and a stop loses nothing."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet


def delete_some(rows: QuerySet[Any], at_once: int) -> int:
    """Delete up to so many of these rows in one transaction; return how many. Zero means that none is left.

    Rows that somebody else holds are passed by, so that two who prune at once share the work.
    """
    with transaction.atomic():
        found = rows.order_by().select_for_update(skip_locked=True, of=("self",)).only("pk")[:at_once]
        ids = [row.pk for row in found]
        everything: Any = rows.model._default_manager
        everything.filter(pk__in=ids).delete()
    return len(ids)
