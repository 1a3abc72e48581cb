"""Notes who did what to a row, where it was done with a button and not with a form: the row's page shows it."""

from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Model


def note_change(person: Any, row: Model, sentence: str) -> None:
    """Add a sentence to the history that the row's page shows, in the person's name."""
    LogEntry.objects.log_actions(person.pk, [row], CHANGE, change_message=sentence, single_object=True)
